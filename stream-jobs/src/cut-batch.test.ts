import { encodeBatch } from '@ecomind/schemas/avro'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutBatch } from './cut-batch.ts'
import { EventColumns } from './event-columns.ts'
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
  it('ends behind the record that passes the limit of events and never splits a record', async () => {
    const limits = { eventsMax: 3, bytesMax: 1e6 }
    const cut = await cutBatch([record(3, 2), record(4, 2), record(9, 2)], limits, new EventColumns())
    expect(cut).toMatchObject({ from: 3, to: 5, records: 2 })
    expect(cut.events.count).toBe(4)
  })

  it('takes at least one record, however large', async () => {
    const cut = await cutBatch([record(0, 50), record(1, 1)], { eventsMax: 1, bytesMax: 1 }, new EventColumns())
    expect(cut).toMatchObject({ to: 1, records: 1 })
  })

  it('covers every record exactly once when it is repeated from where it ended', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 })
    const limits = fc.record({
      eventsMax: fc.integer({ min: 1, max: 20 }),
      bytesMax: fc.integer({ min: 1, max: 2000 }),
    })
    const events = new EventColumns()
    await fc.assert(
      fc.asyncProperty(sizes, limits, async (counts, limit) => {
        let waiting = counts.map((count, i) => record(i * 3, count))
        const seen: number[] = []
        while (waiting.length > 0) {
          events.clear()
          const cut = await cutBatch(waiting, limit, events)
          seen.push(...events.offsets.subarray(0, events.count))
          waiting = waiting.slice(cut.records)
          for (const left of waiting) expect(left.offset).toBeGreaterThanOrEqual(cut.to)
        }
        expect(seen).toEqual(counts.flatMap((count, i) => Array.from({ length: count }, () => i * 3)))
      }),
    )
  })

  it('refuses to cut nothing', async () => {
    await expect(cutBatch([], { eventsMax: 1, bytesMax: 1 }, new EventColumns())).rejects.toThrow(RangeError)
  })
})
