import { describe, expect, it } from 'vitest'
import { DAY_MS } from './arrival-day.ts'
import type { ArrivedEvent } from './decode-records.ts'
import { type CopyLookup, dropDuplicates, type StoredCopy } from './drop-duplicates.ts'
import { idKey } from './id-key.ts'
import { usageEvent } from './testing/traffic.ts'

const start = { generation: 9, from: 100, retentionDays: 35 }
const DAY = 20_000

function arrived(id: string, offset: number, contentHash: number, day = DAY): ArrivedEvent {
  const event = usageEvent({ event_id: id })
  const at = { arrivedAtMs: day * DAY_MS, offset, index: 0 }
  return { event, contentHash, bytes: new Uint8Array(), schemaId: 1, replayOf: null, ...at }
}

const knows =
  (id: string, ...copies: StoredCopy[]): CopyLookup =>
  (key) =>
    key === idKey('org_demo', id) ? copies : []

const copy = (overrides: Partial<StoredCopy>): StoredCopy => ({
  generation: 9,
  offset: 50,
  index: 0,
  contentHash: 1,
  arrivalDay: DAY,
  ...overrides,
})

const outcome = (events: ArrivedEvent[], lookup: CopyLookup = () => []) => {
  const { firsts, duplicates, conflicts } = dropDuplicates(events, start, lookup)
  return [firsts.map((f) => f.arrived.offset), duplicates.map((d) => d.offset), conflicts.map((c) => c.arrived.offset)]
}

describe('dropDuplicates', () => {
  it('keeps the first copy of an id by position, inside one batch as well', () => {
    expect(outcome([arrived('event-aa', 100, 1), arrived('event-aa', 101, 1), arrived('event-bb', 102, 1)])).toEqual([
      [100, 102],
      [101],
      [],
    ])
  })

  it('sets aside the same id with other content and goes on comparing with the first', () => {
    const events = [arrived('event-aa', 100, 1), arrived('event-aa', 101, 2), arrived('event-aa', 102, 1)]
    expect(outcome(events)).toEqual([[100], [102], [101]])
  })

  it('knows copies of earlier batches', () => {
    expect(outcome([arrived('event-aa', 100, 1)], knows('event-aa', copy({})))).toEqual([[], [100], []])
    expect(outcome([arrived('event-aa', 100, 2)], knows('event-aa', copy({})))).toEqual([[], [], [100]])
  })

  it('does not eat its own events in a redo: copies from the start of the batch on are ignored', () => {
    const lookup = knows('event-aa', copy({ offset: 100 }))
    expect(outcome([arrived('event-aa', 100, 1), arrived('event-aa', 101, 1)], lookup)).toEqual([[100], [101], []])
    expect(outcome([arrived('event-aa', 100, 1)], knows('event-aa', copy({ offset: 250 })))).toEqual([[100], [], []])
  })

  it('finds the earlier copy behind its own newer one', () => {
    const lookup = knows('event-aa', copy({ offset: 100 }), copy({ offset: 7, arrivalDay: DAY - 20 }))
    expect(outcome([arrived('event-aa', 100, 1)], lookup)).toEqual([[], [100], []])
  })

  it('takes a copy of another generation for earlier, whatever its offset', () => {
    const lookup = knows('event-aa', copy({ generation: 3, offset: 9999 }))
    expect(outcome([arrived('event-aa', 100, 1)], lookup)).toEqual([[], [100], []])
  })

  it('honours an id for 35 days of arrival and not for 36', () => {
    expect(outcome([arrived('event-aa', 100, 1)], knows('event-aa', copy({ arrivalDay: DAY - 35 })))).toEqual([
      [],
      [100],
      [],
    ])
    expect(outcome([arrived('event-aa', 100, 1)], knows('event-aa', copy({ arrivalDay: DAY - 36 })))).toEqual([
      [100],
      [],
      [],
    ])
  })

  it('keeps organisations apart', () => {
    expect(idKey('org_a', 'event-1')).not.toBe(idKey('org_b', 'event-1'))
    expect(idKey('org_a', 'b:event')).not.toBe(idKey('org_a:b', 'event'))
    expect(idKey('org_a', 'event-1')).toHaveLength(16)
  })
})
