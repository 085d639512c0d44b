import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketOf, createMemoryIndex } from './dedupe-index.ts'
import { CONFLICT, DUPLICATE, dropDuplicates, FIRST_COPY, type StoredCopy } from './drop-duplicates.ts'
import { dropDuplicatesPlainly, type NamedEvent } from './testing/drop-duplicates-reference.ts'
import { idsFor } from './testing/index-tools.ts'

const start = { generation: 9, from: 100, retentionDays: 35 }
const DAY = 20_000
const { keyOf } = createMemoryIndex()

function arrived(id: string, offset: number, contentHash: number, arrivalDay = DAY): NamedEvent {
  return { id, offset, index: 0, contentHash, arrivalDay }
}

type Lookup = (id: string) => readonly StoredCopy[]
const knows =
  (id: string, ...copies: StoredCopy[]): Lookup =>
  (asked) =>
    asked === id ? copies : []

const copy = (overrides: Partial<StoredCopy>): StoredCopy => ({
  generation: 9,
  offset: 50,
  index: 0,
  contentHash: 1,
  arrivalDay: DAY,
  ...overrides,
})

function drop(events: readonly NamedEvent[], lookup: Lookup) {
  const ids = idsFor(
    events.map(({ id, ...position }) => [id, { generation: 9, ...position }]),
    keyOf,
  )
  return dropDuplicates(ids, start, {
    // Backwards: the order of rows is not promised.
    findAll: (_, count, hit) => {
      for (let row = count - 1; row >= 0; row--) {
        const copies = lookup(events[row]?.id ?? '')
        if (copies.length > 0) hit(row, copies)
      }
    },
  })
}

const outcome = (events: NamedEvent[], lookup: Lookup = () => []) => {
  const { firsts, duplicates, conflicts } = drop(events, lookup)
  const offsets = (rows: Iterable<number>) => Array.from(rows, (row) => events[row]?.offset)
  return [offsets(firsts), offsets(duplicates), offsets(conflicts.map(({ row }) => row))]
}

describe('dropDuplicates', () => {
  it('takes whatever comes under the id of an erased event for a copy of it', () => {
    const events = [arrived('event-aa', 100, 5), arrived('event-aa', 101, 6)]
    expect(outcome(events, knows('event-aa', copy({ contentHash: 0 })))).toEqual([[], [100, 101], []])
  })

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

  it('decides as the plain way does, whatever comes', () => {
    const day = fc.constantFrom(0, 0, 0, 1, 20, 34, 35, 36, 37, 71, 72).map((days) => DAY + days)
    const id = fc.nat(5).map((n) => `event-${n}`)
    const event = fc.record({ id, contentHash: fc.nat(2), arrivalDay: day })
    const known = fc.record({
      id,
      generation: fc.constantFrom(9, 9, 3),
      offset: fc.integer({ min: 90, max: 120 }),
      index: fc.nat(3),
      contentHash: fc.nat(2),
      arrivalDay: day,
    })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), fc.array(known, { maxLength: 20 }), (given, copies) => {
        const events = given.map((one, i) => ({ ...one, offset: 100 + (i >> 2), index: i & 3 }))
        const lookup = (asked: string): StoredCopy[] => newestOfBuckets(copies.filter((c) => c.id === asked))
        const { fates, firsts, duplicates, conflicts } = drop(events, lookup)
        const plain = dropDuplicatesPlainly(events, start, lookup)
        expect({ firsts: [...firsts], duplicates: [...duplicates], conflicts }).toEqual(plain)
        const expected: number[] = events.map((_, row) => (plain.duplicates.includes(row) ? DUPLICATE : CONFLICT))
        for (const row of plain.firsts) expected[row] = FIRST_COPY
        expect([...fates]).toEqual(expected)
      }),
    )
  })
})

/** As an index gives them. */
function newestOfBuckets(copies: readonly (StoredCopy & { id: string })[]): StoredCopy[] {
  const buckets = new Map(copies.map(({ id: _, ...stored }) => [bucketOf(stored.arrivalDay), stored]))
  return [...buckets].sort(([a], [b]) => b - a).map(([, stored]) => stored)
}
