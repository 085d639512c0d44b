import { encodeBatch } from '@ecomind/schemas/avro'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutBatch } from './cut-batch.ts'
import { usageEvent } from './testing/traffic.ts'

const head = { arrivedAtMs: 1000, edgeId: 'edge-1', replayOf: null }
const record = (offset: number, events: number) =>
  ({
    kind: 'ok',
    offset,
    arrivedAtMs: 1,
    value: encodeBatch(
      head,
      Array.from({ length: events }, (_, i) => usageEvent({ event_id: `event-${offset}-${i}` })),
    ),
  }) as const

describe('cutBatch', () => {
  it('ends behind the record that passes the limit of events and never splits a record', () => {
    const cut = cutBatch([record(3, 2), record(4, 2), record(9, 2)], { eventsMax: 3, bytesMax: 1e6 })
    expect(cut).toMatchObject({ from: 3, to: 5, records: 2 })
    expect(cut.events).toHaveLength(4)
  })

  it('takes at least one record, however large', () => {
    expect(cutBatch([record(0, 50), record(1, 1)], { eventsMax: 1, bytesMax: 1 })).toMatchObject({ to: 1, records: 1 })
  })

  it('covers every record exactly once when it is repeated from where it ended', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 })
    const limits = fc.record({
      eventsMax: fc.integer({ min: 1, max: 20 }),
      bytesMax: fc.integer({ min: 1, max: 2000 }),
    })
    fc.assert(
      fc.property(sizes, limits, (counts, limit) => {
        let waiting = counts.map((count, i) => record(i * 3, count))
        const seen: number[] = []
        while (waiting.length > 0) {
          const cut = cutBatch(waiting, limit)
          seen.push(...cut.events.map((e) => e.offset))
          waiting = waiting.slice(cut.records)
          for (const left of waiting) expect(left.offset).toBeGreaterThanOrEqual(cut.to)
        }
        expect(seen).toEqual(counts.flatMap((count, i) => Array.from({ length: count }, () => i * 3)))
      }),
    )
  })

  it('refuses to cut nothing', () => {
    expect(() => cutBatch([], { eventsMax: 1, bytesMax: 1 })).toThrow(RangeError)
  })
})
