/**
 * `npm run topics`: creates the topic of the log with stated settings, or says that it is there as stated. Can be run
 * again at any time. With a schema registry it registers our schema there, too, for edges that may only read. A topic that is there is never changed: another number of partitions or copies ends it with 1.
 */
import { ensureTopic, openAdmin, type TopicState } from '@ecomind/event-log'
import { registerOwnSchema } from '@ecomind/schemas/registry'
import { readTopicsConfig, type TopicsConfig } from './config.ts'

const TIMEOUT_MS = 30_000

async function main(): Promise<void> {
  const { kafka, registry, wanted } = readTopicsConfig(process.env)
  const own = openAdmin(kafka)
  try {
    const { created, state } = await ensureTopic(own.admin, wanted, TIMEOUT_MS).catch(explain)
    const faults = differences(state, wanted)
    if (faults.length > 0) throw new Error(`topic ${wanted.topic} is not as stated:\n${faults.join('\n')}`)
    say(
      `topic ${wanted.topic} ${created ? 'created' : 'is there'}: ${state.partitions} partitions, ${state.replicas} copies`,
    )
    const settings = Object.entries(wanted.config).map(([key, value]) => `  ${key}=${value}`)
    say(created ? settings.join('\n') : `Its other settings were not looked at; stated are:\n${settings.join('\n')}`)
  } finally {
    own.close()
  }
  if (registry === null) return
  const id = await registerOwnSchema(registry)
  say(`schema registry ${registry.url}: subject ${registry.subject} has our schema, its id is ${id}`)
}

function differences(state: TopicState, wanted: TopicsConfig['wanted']): string[] {
  const faults: string[] = []
  if (state.partitions !== wanted.partitions) {
    faults.push(
      `  ECOMIND_LOG_PARTITIONS: it has ${state.partitions}, ${wanted.partitions} are stated. The number never changes in place: docs/scaling.md says how to move to a wider topic`,
    )
  }
  if (state.replicas !== wanted.replicationFactor) {
    faults.push(
      `  KAFKA_REPLICATION_FACTOR: it has ${state.replicas}, ${wanted.replicationFactor} are stated. Kafka's own kafka-reassign-partitions changes it`,
    )
  }
  return faults
}

function explain(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error)
  const hint = /replication factor/i.test(message)
    ? '. KAFKA_REPLICATION_FACTOR wants as many brokers; with 1 a broken disk loses events'
    : ''
  throw new Error(`${message}${hint}`, { cause: error })
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

await main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
})
