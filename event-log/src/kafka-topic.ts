/** The topic as the log sees it: how many partitions, which identity, and how it is created. */
import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { LogUnavailableError } from './event-log.ts'
import { answered, type KafkaAdmin, type KafkaFault, type TopicDescription } from './kafka-client.ts'
import { TOPIC_EXISTS, UNKNOWN_TOPIC, unavailable } from './kafka-errors.ts'

export interface TopicState {
  readonly partitions: number
  readonly replicas: number
  /** From the id that Kafka gives a topic when it is created: a topic created anew has another. 1 .. 2^32-1. */
  readonly generation: number
}

export interface TopicSettings {
  readonly topic: string
  readonly partitions: number
  readonly replicationFactor: number
  /** Kafka's own names, such as retention.ms. */
  readonly config: Readonly<Record<string, string>>
}

const LEADERS_WITHIN_MS = 30_000
const LOOK_AGAIN_MS = 100

/** Null when the topic is not there. @throws LogUnavailableError */
export async function describeTopic(admin: KafkaAdmin, topic: string, timeout: number): Promise<TopicState | null> {
  const deadline = performance.now() + LEADERS_WITHIN_MS
  for (;;) {
    const found = await askForTopic(admin, topic, timeout)
    if (found === null) return null
    if (found.partitions.every(({ leader }) => leader)) return stateOf(found, topic)
    // A topic just created, or a cluster just started: leaders are elected within a moment.
    if (performance.now() > deadline) throw unavailable(`Open log: topic ${topic}`, 'a partition has no leader')
    await pause(LOOK_AGAIN_MS)
  }
}

async function askForTopic(admin: KafkaAdmin, topic: string, timeout: number): Promise<TopicDescription | null> {
  try {
    const [found] = await answered<readonly TopicDescription[]>((answer) =>
      admin.describeTopics([topic], { timeout }, answer),
    )
    if (found?.error !== undefined && UNKNOWN_TOPIC.has(found.error.code)) return null
    if (found === undefined || found.error !== undefined) throw found?.error ?? new Error('no answer')
    return found
  } catch (error) {
    throw unavailable(`Ask Kafka for topic ${topic}`, error)
  }
}

function stateOf({ topicId, partitions }: TopicDescription, topic: string): TopicState {
  const id = Buffer.alloc(16)
  id.writeBigInt64BE(BigInt.asIntN(64, topicId.mostSignificantBits), 0)
  id.writeBigInt64BE(BigInt.asIntN(64, topicId.leastSignificantBits), 8)
  if (id.every((byte) => byte === 0)) {
    throw new LogUnavailableError(
      `Open log: the brokers give topic ${topic} no id; Kafka 2.8 or newer is wanted, with metadata in KRaft`,
      false,
    )
  }
  const hash = createHash('sha256').update(id).digest().readUInt32BE(0)
  return {
    partitions: partitions.length,
    replicas: Math.min(...partitions.map(({ replicas }) => replicas.length)),
    generation: Math.max(1, hash),
  }
}

/** Creates the topic unless it is there; either way says what it is like now. @throws LogUnavailableError */
export async function ensureTopic(
  admin: KafkaAdmin,
  wanted: TopicSettings,
  timeout: number,
): Promise<{ readonly created: boolean; readonly state: TopicState }> {
  const before = await describeTopic(admin, wanted.topic, timeout)
  if (before !== null) return { created: false, state: before }
  const created = await createTopic(admin, wanted, timeout)
  const deadline = performance.now() + LEADERS_WITHIN_MS
  for (;;) {
    const state = await describeTopic(admin, wanted.topic, timeout)
    if (state !== null) return { created, state }
    if (performance.now() > deadline) throw unavailable(`Create topic ${wanted.topic}`, 'it does not appear')
    await pause(LOOK_AGAIN_MS)
  }
}

/** False when somebody else was quicker. */
async function createTopic(admin: KafkaAdmin, wanted: TopicSettings, timeout: number): Promise<boolean> {
  const { topic, partitions, replicationFactor, config } = wanted
  const asked = { topic, num_partitions: partitions, replication_factor: replicationFactor, config }
  try {
    await answered<void>((answer) => admin.createTopic(asked, timeout, answer))
    return true
  } catch (error) {
    if ((error as KafkaFault).code === TOPIC_EXISTS) return false
    throw unavailable(`Create topic ${topic}`, error)
  }
}
