import { type EventLog, LogUnavailableError, type Membership, type PartitionStats } from './event-log.ts'
import { createKafkaAppender } from './kafka-append.ts'
import { answered, type KafkaAdmin, type KafkaClient, type KafkaFault } from './kafka-client.ts'
import { unavailable } from './kafka-errors.ts'
import { joinKafkaGroup } from './kafka-membership.ts'
import { type KafkaLogOptions, type KafkaRules, kafkaRules } from './kafka-options.ts'
import { openProducer } from './kafka-producer.ts'
import { describeTopic, type TopicState } from './kafka-topic.ts'
import { loadKafkaClient } from './load-kafka-client.ts'

/**
 * The log on Kafka. Where it differs from the embedded one, inside the port's promises: brokers keep records for the
 * topic's retention whether they were read or not; `bytes` of the statistics is an estimate from the records that this
 * process has seen, and the arrival of the oldest record is not known.
 *
 * @throws LogUnavailableError when the client is missing, no broker answers, or the topic is absent or other than wanted
 */
export async function openKafkaLog(
  options: KafkaLogOptions,
  client = loadKafkaClient(options.clientDir),
): Promise<EventLog> {
  const rules = kafkaRules(options)
  const { topic, partitions } = rules
  const appender = createKafkaAppender({ ...rules, producer: () => producer })
  const producer = await openProducer({ ...appender, client, rules })
  const opened = await openTopic(producer.admin(), rules).catch(async (error: unknown) => {
    await producer.close()
    throw error
  })
  const members = new Set<Membership>()
  const seen = { records: 0, bytes: 0 }
  let broken: LogUnavailableError | null = null
  let closing: Promise<void> | null = null

  function checkUsable(): void {
    if (closing !== null) throw new LogUnavailableError('Use log: it is closed', false)
    if (broken !== null) throw broken
  }

  /** Positions of another topic under the same name must not be taken for ours. */
  function onOtherTopic(detail: string): void {
    broken ??= new LogUnavailableError(
      `Use log: topic ${topic} is not the one that was opened (${detail}); restart`,
      false,
    )
    rules.onFault(broken.message)
  }

  function count(records: number, bytes: number): void {
    seen.records += records
    seen.bytes += bytes
  }

  async function stats(): Promise<PartitionStats[]> {
    checkUsable()
    const admin = producer.admin()
    const now = await describeTopic(admin, topic, rules.answerTimeoutMs)
    if (now?.generation !== opened.generation || now.partitions !== partitions) {
      onOtherTopic(now === null ? 'it is gone' : 'it was created anew or has other partitions')
    }
    checkUsable()
    const [first, next] = [await listOffsets(admin, rules, EARLIEST), await listOffsets(admin, rules, LATEST)]
    const meanBytes = seen.records === 0 ? 0 : seen.bytes / seen.records
    return first.map((firstOffset, partition) => {
      const nextOffset = next[partition] ?? firstOffset
      const bytes = Math.round((nextOffset - firstOffset) * meanBytes)
      return { partition, firstOffset, nextOffset, bytes, oldestArrivedAtMs: null }
    })
  }

  async function shutDown(): Promise<void> {
    const left = [...members].map((member) => member.leave())
    await appender.close()
    await Promise.all(left)
    await producer.close()
  }

  return {
    partitions,
    generation: opened.generation,
    append: async (partition, records) => {
      if (broken !== null) throw broken
      const offset = await appender.append(partition, records)
      count(
        records.length,
        records.reduce((sum, { value }) => sum + value.byteLength, 0),
      )
      return offset
    },
    join: async (group, listener) => {
      checkUsable()
      const onLeft = (member: Membership) => members.delete(member)
      const member = await joinKafkaGroup(
        { client, rules, checkUsable, onOtherTopic, onRead: count, onLeft },
        group,
        listener,
      )
      members.add(member)
      return member
    },
    stats,
    close: () => {
      closing ??= shutDown()
      return closing
    },
  }
}

/** The topic, as it was stated. */
async function openTopic(admin: KafkaAdmin, { topic, partitions, answerTimeoutMs }: KafkaRules): Promise<TopicState> {
  const state = await describeTopic(admin, topic, answerTimeoutMs)
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

/** ListOffsets' own names for the two ends. */
const EARLIEST = -2
const LATEST = -1

async function listOffsets(admin: KafkaAdmin, rules: KafkaRules, timestamp: number): Promise<number[]> {
  const { topic, partitions, answerTimeoutMs } = rules
  const places = Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: { timestamp } }))
  try {
    const found = await answered<readonly { partition: number; offset: number; error?: KafkaFault }[]>((answer) =>
      admin.listOffsets(places, { timeout: answerTimeoutMs }, answer),
    )
    const fault = found.find(({ error }) => error !== undefined)?.error
    if (fault !== undefined) throw fault
    return [...found].sort((a, b) => a.partition - b.partition).map(({ offset }) => offset)
  } catch (error) {
    throw unavailable(`Read the offsets of ${topic}`, error)
  }
}

export type { KafkaClient }
