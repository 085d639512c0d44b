import { type EventLog, LogUnavailableError, type Membership } from './event-log.ts'
import { createKafkaAppender } from './kafka-append.ts'
import { joinKafkaGroup } from './kafka-membership.ts'
import { type KafkaLogOptions, kafkaRules } from './kafka-options.ts'
import { openProducer } from './kafka-producer.ts'
import { openTopic, otherTopic, readStats } from './kafka-stats.ts'
import { loadKafkaClient } from './load-kafka-client.ts'

/**
 * The log on Kafka. Where it differs from the embedded one, inside the port's promises: brokers keep records for the
 * topic's retention whether they were read or not; `bytes` of the statistics is an estimate from the records that this
 * process has seen, and the arrival of the oldest record is not known.
 *
 * @throws LogUnavailableError when the client is missing, no broker answers, or the topic is absent or other than stated
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
    const text = `Use log: topic ${topic} is not the one that was opened (${detail}); restart`
    broken ??= new LogUnavailableError(text, false)
    rules.onFault(text)
  }

  function onRead(records: number, bytes: number): void {
    seen.records += records
    seen.bytes += bytes
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
      return appender.append(partition, records)
    },
    join: async (group, listener) => {
      checkUsable()
      const onLeft = (member: Membership) => members.delete(member)
      const context = { client, rules, checkUsable, onOtherTopic, onRead, onLeft }
      const member = await joinKafkaGroup(context, group, listener)
      members.add(member)
      return member
    },
    stats: async () => {
      checkUsable()
      const other = await otherTopic(producer.admin(), rules, opened)
      if (other !== null) onOtherTopic(other)
      checkUsable()
      return readStats(producer.admin(), rules, seen.records === 0 ? 0 : seen.bytes / seen.records)
    },
    close: () => {
      closing ??= shutDown()
      return closing
    },
  }
}
