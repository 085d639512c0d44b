import { describe, expect, it } from 'vitest'
import { createMemoryIndex } from './dedupe-index.ts'
import { dropDuplicates, type IdColumns, type StoredCopy } from './drop-duplicates.ts'
import { idKey } from './id-key.ts'

const start = { generation: 9, from: 100, retentionDays: 35 }
const DAY = 20_000
const { keyOf } = createMemoryIndex()

interface Arrived {
  readonly id: string
  readonly offset: number
  readonly contentHash: number
  readonly day: number
}
const arrived = (id: string, offset: number, contentHash: number, day = DAY): Arrived => ({
  id,
  offset,
  contentHash,
  day,
})

function idColumns(events: readonly Arrived[]): IdColumns {
  const keys = new Uint32Array(events.length * 4)
  events.forEach(({ id }, row) => {
    keyOf.writeText('org_demo', id, keys, row)
  })
  return {
    count: events.length,
    keys,
    offsets: Float64Array.from(events, (e) => e.offset),
    indexes: new Uint32Array(events.length),
    contentHashes: Uint32Array.from(events, (e) => e.contentHash),
    arrivalDays: Int32Array.from(events, (e) => e.day),
  }
}

type CopyLookup = (id: string) => readonly StoredCopy[]
const knows =
  (known: string, ...copies: StoredCopy[]): CopyLookup =>
  (id) =>
    id === known ? copies : []

const copy = (overrides: Partial<StoredCopy>): StoredCopy => ({
  generation: 9,
  offset: 50,
  index: 0,
  contentHash: 1,
  arrivalDay: DAY,
  ...overrides,
})

const outcome = (events: Arrived[], lookup: CopyLookup = () => []) => {
  const offsetOf = (row: number) => events[row]?.offset
  const { firsts, duplicates, conflicts } = dropDuplicates(idColumns(events), start, {
    findAll: (_keys, _count, hit) => {
      events.forEach(({ id }, row) => {
        if (lookup(id).length > 0) hit(row, lookup(id))
      })
    },
  })
  return [Array.from(firsts, offsetOf), Array.from(duplicates, offsetOf), conflicts.map((c) => offsetOf(c.row))]
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
