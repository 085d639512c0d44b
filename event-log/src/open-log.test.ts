import { tmpdir } from 'node:os'
import { describe, expect, test } from 'vitest'
import { LogFullError } from './event-log.ts'
import { openLog } from './open-log.ts'

describe('openLog', () => {
  test('opens a memory log with its bounds', async () => {
    const log = await openLog({ kind: 'memory', partitions: 3, maxBytes: 100 })
    expect(log.partitions).toBe(3)
    await expect(log.append(0, [{ value: new Uint8Array(200), arrivedAtMs: 1 }])).rejects.toThrow(LogFullError)
    await log.close()
  })

  test('says plainly how to get the Kafka client when it is absent', async () => {
    const connection = { brokers: ['broker:9092'], tls: null, sasl: null, clientDir: tmpdir() }
    await expect(openLog({ kind: 'kafka', ...connection, topic: 'usage', partitions: 2 })).rejects.toThrow(
      /kafka-javascript can't be loaded .* Run ops\/provision\/kafka-client.sh/,
    )
  })

  test.each([0, -1, 1.5, 300])('refuses %s partitions', async (partitions) => {
    await expect(openLog({ kind: 'embedded', dir: 'never-created', partitions })).rejects.toThrow(RangeError)
  })
})
