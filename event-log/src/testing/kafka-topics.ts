/** Topics for tests: each with a name of its own, removed when the test is over. */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { openAdmin } from '../kafka-admin.ts'
import { answered, type TopicDescription } from '../kafka-client.ts'
import type { KafkaLogOptions } from '../kafka-options.ts'
import { ensureTopic } from '../kafka-topic.ts'

export interface TestTopic {
  readonly options: KafkaLogOptions
  remove(): Promise<void>
  /** What its retention does in days: records before this offset are gone. */
  dropBefore(partition: number, offset: number): Promise<void>
  /** Every partition has a leader and this many copies in step. */
  isInStep(copies: number): Promise<boolean>
  /** After `remove`: the same name, another topic. */
  createAgain(): Promise<void>
}

const TIMEOUT_MS = 20_000

export async function createTestTopic(
  brokers: readonly string[],
  partitions: number,
  config: Readonly<Record<string, string>> = {},
  replicationFactor = 1,
): Promise<TestTopic> {
  const topic = `test-${randomUUID()}`
  const connection = { brokers, tls: null, sasl: null }
  // Arrivals of the contract suite lie in the past: nothing may be too old.
  const settings = { topic, partitions, replicationFactor, config: { 'retention.ms': '-1', ...config } }
  const create = async () => {
    const own = openAdmin(connection)
    // A name just removed is not free at once.
    while (!(await ensureTopic(own.admin, settings, TIMEOUT_MS)).created) await pause(50)
    own.close()
  }
  await create()
  return {
    options: { ...connection, topic, partitions, sessionTimeoutMs: 6_000 },
    remove: async () => {
      const again = openAdmin(connection)
      await answered<void>((answer) => again.admin.deleteTopic(topic, TIMEOUT_MS, answer))
      again.close()
    },
    isInStep: async (copies) => {
      const own = openAdmin(connection)
      const [found] = await answered<readonly TopicDescription[]>((answer) =>
        own.admin.describeTopics([topic], { timeout: TIMEOUT_MS }, answer),
      ).finally(own.close)
      return found?.partitions.every(({ leader, isr }) => leader && isr.length >= copies) ?? false
    },
    dropBefore: async (partition, offset) => {
      const own = openAdmin(connection)
      await answered((answer) =>
        own.admin.deleteRecords([{ topic, partition, offset }], { timeout: TIMEOUT_MS }, answer),
      )
      own.close()
    },
    createAgain: create,
  }
}
