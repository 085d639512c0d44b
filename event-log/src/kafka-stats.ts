/** What the brokers say of the topic's partitions, and whether it still is the topic that was opened. */
import { LogUnavailableError, type PartitionStats } from './event-log.ts'
import { answered, type KafkaAdmin, type KafkaFault, type PlaceWithOffset } from './kafka-client.ts'
import { unavailable } from './kafka-errors.ts'
import type { KafkaRules } from './kafka-options.ts'
import { describeTopic, type TopicState } from './kafka-topic.ts'

/** ListOffsets' own names for the two ends. */
const EARLIEST = -2
const LATEST = -1

type ListedOffset = PlaceWithOffset & { readonly error?: KafkaFault }

/** @throws LogUnavailableError when the topic is absent or has another number of partitions */
export async function openTopic(admin: KafkaAdmin, rules: KafkaRules): Promise<TopicState> {
  const { topic, partitions } = rules
  const state = await describeTopic(admin, topic, rules.answerTimeoutMs)
  if (state === null) {
    throw new LogUnavailableError(`Open log: topic ${topic} is not there; npm run topics creates it`, false)
  }
  if (state.partitions !== partitions) {
    throw new LogUnavailableError(
      `Open log: topic ${topic} has ${state.partitions} partitions, ${partitions} are stated (ECOMIND_LOG_PARTITIONS). An id is looked for in the partition that its hash names among all, so the number never changes in place: state what the topic has, or see docs/scaling.md for the way to a wider one`,
      false,
    )
  }
  return state
}

/** What has become of the topic since, or null when nothing has. @throws LogUnavailableError */
export async function otherTopic(admin: KafkaAdmin, rules: KafkaRules, opened: TopicState): Promise<string | null> {
  const now = await describeTopic(admin, rules.topic, rules.answerTimeoutMs)
  if (now === null) return 'it is gone'
  if (now.generation !== opened.generation) return 'it was created anew'
  return now.partitions === opened.partitions ? null : `it has ${now.partitions} partitions`
}

/** `meanBytes`: of a record, as far as this process knows. @throws LogUnavailableError */
export async function readStats(admin: KafkaAdmin, rules: KafkaRules, meanBytes: number): Promise<PartitionStats[]> {
  const first = await listOffsets(admin, rules, EARLIEST)
  const next = await listOffsets(admin, rules, LATEST)
  return first.map((firstOffset, partition) => {
    const nextOffset = next[partition] ?? firstOffset
    const bytes = Math.round((nextOffset - firstOffset) * meanBytes)
    return { partition, firstOffset, nextOffset, bytes, oldestArrivedAtMs: null }
  })
}

async function listOffsets(admin: KafkaAdmin, rules: KafkaRules, timestamp: number): Promise<number[]> {
  const { topic, partitions, answerTimeoutMs } = rules
  const places = Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: { timestamp } }))
  try {
    const found = await answered<readonly ListedOffset[]>((answer) =>
      admin.listOffsets(places, { timeout: answerTimeoutMs }, answer),
    )
    const fault = found.find(({ error }) => error !== undefined)?.error
    if (fault !== undefined) throw fault
    return [...found].sort((a, b) => a.partition - b.partition).map(({ offset }) => offset)
  } catch (error) {
    throw unavailable(`Read the offsets of ${topic}`, error)
  }
}
