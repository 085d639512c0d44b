/** What a topic must be like to keep what was acknowledged; pure. */
import { type Finding, fault, ok, warning } from './finding.ts'
import type { TopicPartition } from './kafka-wire.ts'

export interface TopicSeen {
  readonly topic: string
  readonly found: readonly TopicPartition[]
  /** Kafka's own names, such as retention.ms. */
  readonly config: ReadonlyMap<string, string>
  readonly wantedPartitions: number
}

const DAY_MS = 86_400_000
/** The edge cuts records at 900 KB and may go over by one event. */
const RECORD_BYTES = 1_000_000

export function judgeTopic(seen: TopicSeen): readonly Finding[] {
  const wrong = [...judgePartitions(seen), ...judgeConfig(seen)]
  if (wrong.length > 0) return wrong
  return [ok(`topic ${seen.topic}`, `${seen.found.length} partitions on ${replicasOf(seen.found)} brokers each`)]
}

const replicasOf = (found: readonly TopicPartition[]): number => Math.min(...found.map(({ replicas }) => replicas))

function judgePartitions({ topic, found, wantedPartitions: wanted }: TopicSeen): readonly Finding[] {
  const findings: Finding[] = []
  if (found.length !== wanted) {
    const mend = `set ECOMIND_LOG_PARTITIONS to ${found.length}; a wider topic is a new one (docs/scaling.md)`
    findings.push(fault(`topic ${topic}: partitions`, `it has ${found.length}, the settings say ${wanted}`, mend))
  }
  const headless = found.filter(({ leader }) => leader < 0).length
  if (headless > 0) {
    findings.push(
      fault(`topic ${topic}: leaders`, `${headless} partitions have none`, 'start the brokers that hold them'),
    )
  }
  const behind = found.filter(({ replicas, inSync }) => inSync < replicas).length
  if (behind > 0) {
    const mend = 'look at the brokers that are down or slow'
    findings.push(warning(`topic ${topic}: replicas`, `${behind} partitions have fewer in sync than they should`, mend))
  }
  if (replicasOf(found) < 2) {
    const mend = 'fine on one machine; else make the topic anew with three'
    findings.push(warning(`topic ${topic}: replication`, 'one copy: events go with the disk of one broker', mend))
  }
  return findings
}

function judgeConfig({ topic, found, config }: TopicSeen): readonly Finding[] {
  const number = (name: string) => Number(config.get(name) ?? Number.NaN)
  const set = (name: string, value: string) =>
    `kafka-configs.sh --alter --entity-type topics --entity-name ${topic} --add-config ${name}=${value}`
  const findings: Finding[] = []
  const judge = (make: typeof fault, name: string, wrong: boolean, why: string, value: string) => {
    if (wrong) findings.push(make(`topic ${topic}: ${name}`, `${config.get(name)}: ${why}`, set(name, value)))
  }
  const inSync = number('min.insync.replicas')
  const copies = replicasOf(found)
  judge(warning, 'min.insync.replicas', copies > 2 && inSync < 2, 'one broker alone may acknowledge', '2')
  judge(
    fault,
    'min.insync.replicas',
    inSync > copies,
    'more than there are copies: every append is refused',
    `${copies}`,
  )
  const policy = config.get('cleanup.policy') ?? 'delete'
  judge(fault, 'cleanup.policy', policy !== 'delete', 'records have no key, so only delete keeps them', 'delete')
  const retention = number('retention.ms')
  const short = retention >= 0 && retention < DAY_MS
  judge(warning, 'retention.ms', short, 'a loader that is down for a day loses events', `${7 * DAY_MS}`)
  const largest = number('max.message.bytes')
  judge(fault, 'max.message.bytes', largest < RECORD_BYTES, 'large records are refused', '2097152')
  const unclean = config.get('unclean.leader.election.enable') === 'true'
  judge(fault, 'unclean.leader.election.enable', unclean, 'an acknowledged event can be lost', 'false')
  return findings
}
