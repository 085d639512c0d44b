import { describe, expect, test } from 'vitest'
import { readTopicsConfig } from './config.ts'

describe('readTopicsConfig', () => {
  test('states three copies, two of them written before an acknowledgement, and a week of retention', () => {
    const { wanted } = readTopicsConfig({ KAFKA_BROKERS: 'a:9092', ECOMIND_LOG_PARTITIONS: '16' })
    expect(wanted).toMatchObject({ topic: 'ecomind.usage-events.v1', partitions: 16, replicationFactor: 3 })
    expect(wanted.config).toMatchObject({
      'retention.ms': '604800000',
      'min.insync.replicas': '2',
      'message.timestamp.type': 'CreateTime',
      'unclean.leader.election.enable': 'false',
    })
  })

  test('wants brokers', () => {
    expect(() => readTopicsConfig({})).toThrow(/KAFKA_BROKERS/)
  })

  test('refuses more copies in step than copies', () => {
    const env = { KAFKA_BROKERS: 'a:9092', KAFKA_REPLICATION_FACTOR: '1' }
    expect(() => readTopicsConfig(env)).toThrow(/KAFKA_MIN_INSYNC_REPLICAS: at most KAFKA_REPLICATION_FACTOR/)
  })
})
