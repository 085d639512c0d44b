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

  test('says plainly that Kafka is not there yet and what to do', async () => {
    await expect(openLog({ kind: 'kafka', brokers: ['broker:9092'] })).rejects.toThrow(
      /Kafka \(broker:9092\) comes with a later version; unset KAFKA_BROKERS/,
    )
  })

  test.each([0, -1, 1.5, 300])('refuses %s partitions', async (partitions) => {
    await expect(openLog({ kind: 'embedded', dir: 'never-created', partitions })).rejects.toThrow(RangeError)
  })
})
