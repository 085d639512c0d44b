import { describe, expect, test } from 'vitest'
import { LogFullError, LogUnavailableError } from './event-log.ts'
import { createKafkaAppender } from './kafka-append.ts'
import type { KafkaFault, KafkaProducer } from './kafka-client.ts'

const fault = (code: number): KafkaFault => Object.assign(new Error(`fault ${code}`), { code })
const TOO_LARGE = 10
const TIMED_OUT = -192
const QUEUE_FULL = -184

/** A producer that keeps what it is given until the test reports on it. */
function setUp({ maxQueuedBytes = 1_000, refuseFrom = Number.POSITIVE_INFINITY, refusal = fault(QUEUE_FULL) } = {}) {
  const taken: { readonly opaque: unknown; readonly value: string }[] = []
  const producer = {
    produce: (_topic: string, _partition: number, value: Buffer, _key: null, _ms: number, opaque: unknown) => {
      if (taken.length >= refuseFrom) throw refusal
      taken.push({ opaque, value: value.toString() })
    },
  } as unknown as KafkaProducer
  const slot = { current: () => producer, admin: () => neverAsked(), close: async () => undefined }
  const appender = createKafkaAppender({ topic: 't', partitions: 2, maxQueuedBytes, producer: () => slot })
  const report = (index: number, outcome: KafkaFault | number) => {
    const { opaque } = taken[index] ?? { opaque: null }
    if (typeof outcome === 'number') appender.onDelivery(null, opaque, outcome)
    else appender.onDelivery(outcome, opaque, -1)
  }
  const append = (...texts: string[]) =>
    appender.append(
      0,
      texts.map((text) => ({ value: Buffer.from(text), arrivedAtMs: 1 })),
    )
  return { appender, append, report, taken }
}

function neverAsked(): never {
  throw new Error('not asked by appends')
}

describe('createKafkaAppender', () => {
  test('resolves with the first offset once all records are reported', async () => {
    const { append, report } = setUp()
    const appended = append('a', 'b')
    report(0, 7)
    report(1, 8)
    expect(await appended).toBe(7)
  })

  test('what a repeated request found stored has no offset that could be told', async () => {
    const { append, report } = setUp()
    const appended = append('a', 'b')
    report(0, -1001)
    report(1, -1001)
    expect(await appended).toBeNull()
  })

  test('a refusal of the broker for every record means that nothing is stored', async () => {
    const { append, report } = setUp()
    const appended = append('a', 'b')
    report(0, fault(TOO_LARGE))
    report(1, fault(TOO_LARGE))
    await expect(appended).rejects.toMatchObject({ name: 'LogUnavailableError', unknown: false })
  })

  test.each([
    ['a report that came too late', (report: Report) => [report(0, fault(TIMED_OUT)), report(1, fault(TOO_LARGE))]],
    ['one record stored and one refused', (report: Report) => [report(0, 5), report(1, fault(TOO_LARGE))]],
  ])('%s means that it can not be told', async (_, reportBoth) => {
    const { append, report } = setUp()
    const appended = append('a', 'b')
    reportBoth(report)
    await expect(appended).rejects.toMatchObject({ name: 'LogUnavailableError', unknown: true })
  })

  test('more bytes than may wait are refused whole, and taken once others are through', async () => {
    const { append, report, taken } = setUp({ maxQueuedBytes: 10 })
    const first = append('12345678')
    await expect(append('1', '23')).rejects.toThrow(LogFullError)
    await expect(append('12345678901')).rejects.toThrow(LogFullError)
    expect(taken).toHaveLength(1)
    report(0, 0)
    await first
    const second = append('1', '23')
    report(1, 1)
    report(2, 2)
    expect(await second).toBe(1)
  })

  test("a full queue of the client's own refuses the first record, and makes a begun call unknown", async () => {
    await expect(setUp({ refuseFrom: 0 }).append('a')).rejects.toThrow(LogFullError)
    const begun = setUp({ refuseFrom: 1 })
    const appended = begun.append('a', 'b')
    begun.report(0, 3)
    await expect(appended).rejects.toMatchObject({ name: 'LogUnavailableError', unknown: true })
  })

  test('a producer that is lost leaves every call under way unknown, and later reports change nothing', async () => {
    const { appender, append, report } = setUp()
    const [one, other] = [append('a'), append('b', 'c')]
    report(1, 4)
    appender.onLost(fault(-150))
    await expect(one).rejects.toMatchObject({ unknown: true })
    await expect(other).rejects.toMatchObject({ unknown: true })
    report(2, 5)
    await appender.close()
  })

  test('close waits for what is under way and refuses what comes', async () => {
    const { appender, append, report } = setUp()
    const appended = append('a')
    let closed = false
    const closing = appender.close().then(() => {
      closed = true
    })
    await expect(append('b')).rejects.toThrow(LogUnavailableError)
    expect(closed).toBe(false)
    report(0, 0)
    await appended
    await closing
  })
})

type Report = (index: number, outcome: KafkaFault | number) => void
