/** Kafka: every broker of the setting is reachable, and the topic keeps what was acknowledged. */
import { USAGE_TOPIC } from '@ecomind/schemas'
import { NoAnswerError } from './ask-tcp.ts'
import { type Finding, fault, ok, warning } from './finding.ts'
import { askPartitions, askTopicConfig, askVersions, type Broker, type TopicPartition } from './kafka-wire.ts'
import { firstLine } from './run-checks.ts'

export interface KafkaQuestion {
  /** host:port each. */
  readonly brokers: readonly string[]
  /** What ECOMIND_LOG_PARTITIONS says. */
  readonly partitions: number
  /** Sign-in or TLS is set: a broker that takes only those does not answer a plain question. */
  readonly secured: boolean
  readonly withinMs: number
}

const PORT = 9092
const DAY_MS = 86_400_000
/** The edge cuts records at 900 KB and may go over by one event. */
const RECORD_BYTES = 1_000_000
const TOPIC = `topic ${USAGE_TOPIC}`

export async function kafkaFindings(question: KafkaQuestion): Promise<readonly Finding[]> {
  const asked = await Promise.all(question.brokers.map((address) => askBroker(address, question)))
  const speaking = asked.find(({ plain }) => plain !== null)?.plain ?? null
  const findings = asked.map(({ finding }) => finding)
  return speaking === null ? findings : [...findings, ...(await topicFindings(speaking, question))]
}

/** `plain`: the broker, when it can be asked more in plain text. */
async function askBroker(
  address: string,
  { secured, withinMs }: KafkaQuestion,
): Promise<{ readonly finding: Finding; readonly plain: Broker | null }> {
  const name = `Kafka broker ${address}`
  const broker = parseBroker(address)
  if (broker === null) return { finding: fault(name, 'it is not host:port', 'mend KAFKA_BROKERS'), plain: null }
  try {
    await askVersions(broker, withinMs)
    return { finding: ok(name, 'answers'), plain: broker }
  } catch (error) {
    if (!(error instanceof NoAnswerError)) {
      const mend = 'start it, or mend KAFKA_BROKERS; one that answers is enough to start with'
      return { finding: fault(name, firstLine(error), mend), plain: null }
    }
    if (secured) return { finding: ok(name, 'is reachable; sign-in and TLS are tried at the start only'), plain: null }
    const mend = 'it may want TLS or sign-in, or be no Kafka at all: set those, or mend KAFKA_BROKERS'
    return { finding: fault(name, firstLine(error), mend), plain: null }
  }
}

/** Also [::1]:9092. */
function parseBroker(address: string): Broker | null {
  const match = /^(?:\[([^\]]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(address)
  const host = match?.[1] ?? match?.[2]
  return host === undefined ? null : { host, port: Number(match?.[3] ?? PORT) }
}

async function topicFindings(
  broker: Broker,
  { partitions, secured, withinMs }: KafkaQuestion,
): Promise<readonly Finding[]> {
  try {
    const found = await askPartitions(broker, USAGE_TOPIC, withinMs)
    if (found === null) return [warning(TOPIC, 'is not there', 'make it with: npm run topics')]
    const config = await askTopicConfig(broker, USAGE_TOPIC, withinMs)
    const wrong = [...partitionFindings(found, partitions), ...configFindings(config, found)]
    return wrong.length > 0 ? wrong : [ok(TOPIC, `${found.length} partitions on ${replicasOf(found)} brokers each`)]
  } catch (error) {
    if (secured) return [ok(TOPIC, 'not looked at: the broker wants a sign-in first')]
    return [warning(TOPIC, firstLine(error), 'look at it with kafka-topics.sh --describe')]
  }
}

const replicasOf = (found: readonly TopicPartition[]): number => Math.min(...found.map(({ replicas }) => replicas))

function partitionFindings(found: readonly TopicPartition[], wanted: number): readonly Finding[] {
  const findings: Finding[] = []
  if (found.length !== wanted) {
    const mend = `set ECOMIND_LOG_PARTITIONS to ${found.length}; a wider topic is a new one (docs/scaling.md)`
    findings.push(fault(`${TOPIC}: partitions`, `it has ${found.length}, the settings say ${wanted}`, mend))
  }
  const headless = found.filter(({ leader }) => leader < 0).length
  if (headless > 0) {
    findings.push(fault(`${TOPIC}: leaders`, `${headless} partitions have none`, 'start the brokers that hold them'))
  }
  const behind = found.filter(({ replicas, inSync }) => inSync < replicas).length
  if (behind > 0) {
    const mend = 'look at the brokers that are down or slow'
    findings.push(warning(`${TOPIC}: replicas`, `${behind} partitions have fewer in sync than they should`, mend))
  }
  if (replicasOf(found) < 2) {
    const mend = 'fine on one machine; else make the topic anew with three'
    findings.push(warning(`${TOPIC}: replication`, 'one copy: events go with the disk of one broker', mend))
  }
  return findings
}

function configFindings(config: ReadonlyMap<string, string>, found: readonly TopicPartition[]): readonly Finding[] {
  const number = (name: string) => Number(config.get(name) ?? Number.NaN)
  const set = (name: string, value: string) =>
    `kafka-configs.sh --alter --entity-type topics --entity-name ${USAGE_TOPIC} --add-config ${name}=${value}`
  const findings: Finding[] = []
  const judge = (make: typeof fault, name: string, wrong: boolean, why: string, value: string) => {
    if (wrong) findings.push(make(`${TOPIC}: ${name}`, `${config.get(name)}: ${why}`, set(name, value)))
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
