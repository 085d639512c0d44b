/** The settings of `npm run topics`: the connection that edges and jobs use, and what a new topic is to be like. */
import { type KafkaTarget, kafkaSettings, kafkaTarget, type TopicSettings } from '@ecomind/event-log'
import { USAGE_TOPIC } from '@ecomind/schemas'
import { type RegistryTarget, registrySettings, registryTarget } from '@ecomind/schemas/registry'
import { wholeNumber } from '@ecomind/stream-jobs'
import { z } from 'zod'

const schema = z.object({
  ...kafkaSettings,
  ...registrySettings,
  KAFKA_BROKERS: kafkaSettings.KAFKA_BROKERS.unwrap(),
  ECOMIND_LOG_PARTITIONS: wholeNumber(1, 1024, 2).describe(
    'partitions, 1 to 1024: never changed in place, see docs/scaling.md',
  ),
  KAFKA_REPLICATION_FACTOR: wholeNumber(1, 15, 3).describe('copies of each record, 1 to 15, on as many brokers'),
  KAFKA_MIN_INSYNC_REPLICAS: wholeNumber(1, 15, 2).describe(
    'copies, 1 to 15, that must be written before an event is acknowledged; fewer brokers than that: events are refused',
  ),
  KAFKA_RETENTION_HOURS: wholeNumber(1, 87_600, 168).describe(
    'hours, 1 to 10 years: how long brokers keep records, read or not; longer than the longest outage of the jobs',
  ),
})

export interface TopicsConfig {
  readonly kafka: KafkaTarget
  /** Null: without a schema registry. */
  readonly registry: RegistryTarget | null
  readonly wanted: TopicSettings
}

/** @throws Error with every fault, one a line */
export function readTopicsConfig(env: NodeJS.ProcessEnv): TopicsConfig {
  const given = Object.fromEntries(Object.entries(env).filter(([, text]) => text !== ''))
  const parsed = schema.safeParse(given)
  if (!parsed.success) throw faultsError(parsed.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`))
  const s = parsed.data
  const { kafka, faults } = kafkaTarget(s, USAGE_TOPIC)
  const { registry, faults: registryFaults } = registryTarget(s, kafka?.topic ?? null)
  if (kafka === null || registryFaults.length > 0) throw faultsError([...faults, ...registryFaults])
  if (s.KAFKA_MIN_INSYNC_REPLICAS > s.KAFKA_REPLICATION_FACTOR) {
    throw faultsError([
      'KAFKA_MIN_INSYNC_REPLICAS: at most KAFKA_REPLICATION_FACTOR is wanted, or nothing can be written',
    ])
  }
  const config = {
    'cleanup.policy': 'delete',
    // Counted from a record's arrival, which the edge writes into it; never from an event's own time.
    'message.timestamp.type': 'CreateTime',
    'retention.ms': String(s.KAFKA_RETENTION_HOURS * 3_600_000),
    'retention.bytes': '-1',
    'min.insync.replicas': String(s.KAFKA_MIN_INSYNC_REPLICAS),
    // A replica that lags must not lead: it would lose what was acknowledged.
    'unclean.leader.election.enable': 'false',
    'max.message.bytes': '2097152',
    'compression.type': 'producer',
  }
  const { KAFKA_REPLICATION_FACTOR: replicationFactor, ECOMIND_LOG_PARTITIONS: partitions } = s
  return { kafka, registry, wanted: { topic: kafka.topic, partitions, replicationFactor, config } }
}

function faultsError(faults: readonly string[]): Error {
  return new Error(`read the settings of the topic:\n${faults.map((fault) => `  ${fault}`).join('\n')}`)
}
