/** The contract of dedupe-index.ts, which every index keeps. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BUCKET_DAYS, createMemoryIndex, type DedupeIndex, lastDayOf } from './dedupe-index.ts'
import type { StoredCopy } from './drop-duplicates.ts'
import { openSegmentIndex } from './segment-index/open-segment-index.ts'
import { addCopies, findCopies, findCopy, idsFor, type NamedCopy } from './testing/index-tools.ts'

const logger = pino({ level: 'silent' })
const marker = { generation: 4_000_000_000, partitions: 2, offset: 2 ** 40 }
const copy = (arrivalDay: number, offset = 2 ** 52 + 1): StoredCopy => ({
  generation: 4_000_000_000,
  offset,
  index: 4_294_967_294,
  contentHash: 4_294_967_295,
  arrivalDay,
})

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dedupe-'))
})
afterEach(async () => {
  await rm(dir, { recursive: true, force: true })
})

describe.each([
  ['memory', async (): Promise<DedupeIndex> => createMemoryIndex()],
  ['segments', async (): Promise<DedupeIndex> => openSegmentIndex(dir, logger)],
  ['segments, one for every add', async (): Promise<DedupeIndex> => openSegmentIndex(dir, logger, { newestMax: 1 })],
])('dedupe index in %s', (_, open) => {
  it('gives back every field of a copy, at its largest as well', async () => {
    const index = await open()
    expect(index.marker()).toBeNull()
    await addCopies(index, [['event-aa', copy(20_000)]], marker)
    await addCopies(index, [['event-cc', copy(20_000, 2)]], null)
    expect(findCopy(index, 'event-aa')).toEqual([copy(20_000)])
    expect(findCopy(index, 'event-bb')).toEqual([])
    expect(index.marker()).toEqual(marker)
    await index.close()
  })

  it('gives copies of several buckets, the newest bucket first', async () => {
    const index = await open()
    const days = [20_000, 20_000 + BUCKET_DAYS, 20_000 - BUCKET_DAYS]
    for (const day of days) await addCopies(index, [['event-aa', copy(day)]], null)
    expect(findCopy(index, 'event-aa').map((c) => c.arrivalDay)).toEqual([
      20_000 + BUCKET_DAYS,
      20_000,
      20_000 - BUCKET_DAYS,
    ])
    await index.close()
  })

  it('keeps of one bucket the copy that was added last', async () => {
    const index = await open()
    for (const offset of [7, 9, 8]) await addCopies(index, [['event-aa', copy(20_000, offset)]], null)
    expect(findCopy(index, 'event-aa')).toEqual([copy(20_000, 8)])
    await index.close()
  })

  it('adds the chosen rows and no others', async () => {
    const index = await open()
    const all: NamedCopy[] = ['aa', 'bb', 'cc'].map((id, i) => [id, copy(20_000, i)])
    await index.add(idsFor(all, index.keyOf), Uint32Array.of(0, 2), 4_000_000_000, null)
    expect([...findCopies(index, ['aa', 'bb', 'cc']).keys()].sort()).toEqual(['aa', 'cc'])
    await index.close()
  })

  it('answers a batch with each row that has copies once, the same id twice as well', async () => {
    const index = await open()
    await addCopies(index, [['event-aa', copy(20_000, 1)]], null)
    await addCopies(index, [['event-bb', copy(20_000, 2)]], null)
    const rows: [number, number][] = []
    const asked = idsFor(
      ['event-xx', 'event-bb', 'event-aa', 'event-bb'].map((id) => [id, copy(0)]),
      index.keyOf,
    )
    index.findAll(asked.keys, asked.count, (row, copies) => rows.push([row, copies[0]?.offset ?? -1]))
    expect(rows.sort(([a], [b]) => a - b)).toEqual([
      [1, 2],
      [2, 1],
      [3, 2],
    ])
    await index.close()
  })

  it('shows the copies of an add all together, and can be asked while it is under way', async () => {
    const index = await open()
    const names = Array.from({ length: 50 }, (_, i) => `event-${i}`)
    const adding = addCopies(
      index,
      names.map((id) => [id, copy(20_000)]),
      marker,
    )
    const during = findCopies(index, names).size
    expect([0, 50]).toContain(during)
    expect(index.marker() === null).toBe(during === 0)
    await adding
    expect(findCopies(index, names).size).toBe(50)
    await index.close()
  })

  it('drops a bucket whole, and not before its last day is past', async () => {
    const index = await open()
    const last = lastDayOf(Math.floor(20_000 / BUCKET_DAYS))
    await addCopies(index, [['event-aa', copy(last)]], marker)
    await addCopies(index, [['event-aa', copy(last + 1)]], marker)
    expect(await index.dropBefore(last)).toBe(0)
    expect(findCopy(index, 'event-aa')).toHaveLength(2)
    expect(await index.dropBefore(last + 1)).toBe(1)
    expect(findCopy(index, 'event-aa')).toEqual([copy(last + 1)])
    expect(await index.dropBefore(last + 1)).toBe(0)
    expect(index.marker()).toEqual(marker)
    await index.close()
  })

  it('forgets everything when it is cleared and can be filled again', async () => {
    const index = await open()
    await addCopies(index, [['event-aa', copy(20_000)]], marker)
    await index.clear()
    expect([findCopy(index, 'event-aa'), index.marker()]).toEqual([[], null])
    await addCopies(index, [['event-aa', copy(20_000)]], marker)
    expect(findCopy(index, 'event-aa')).toHaveLength(1)
    await index.close()
  })
})
