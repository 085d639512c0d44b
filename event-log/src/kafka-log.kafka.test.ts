import { inject } from 'vitest'
import { describeEventLog } from './event-log.contract.ts'
import { openKafkaLog } from './kafka-log.ts'
import { createTestTopic } from './testing/kafka-topics.ts'

/**
 * Left out, because brokers do it and not we: trimming (a topic's retention goes by time alone, whatever was read, and
 * its bound is the brokers' disk) and damaged records (brokers check a batch's checksum before they give it out).
 */
describeEventLog(
  'kafka log',
  { membersPerGroup: 'many', trims: false, damages: false, propertyRuns: 12 },
  async ({ partitions }) => {
    const topic = await createTestTopic(inject('kafkaBrokers'), partitions)
    return {
      open: () => openKafkaLog(topic.options),
      trim: async () => undefined,
      damage: async () => undefined,
      remove: topic.remove,
    }
  },
)
