import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BUCKET_DAYS, createMemoryIndex, type DedupeIndex, lastDayOf } from './dedupe-index.ts'
import type { StoredCopy } from './drop-duplicates.ts'
import { idKey } from './id-key.ts'
import { openLmdbIndex } from './lmdb-dedupe-index.ts'

const logger = pino({ level: 'silent' })
const marker = { generation: 4_000_000_000, partitions: 2, offset: 2 ** 40 }
const copy = (arrivalDay: number, offset = 2 ** 40 - 1): StoredCopy => ({
  generation: 4_000_000_000,
  offset,
  index: 4_294_967_294,
  contentHash: 4_294_967_295,
  arrivalDay,
})
const key = idKey('org_demo', 'event-aa')

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dedupe-'))
})
afterEach(async () => {
  await rm(dir, { recursive: true, force: true })
})

describe.each([
  ['memory', async (): Promise<DedupeIndex> => createMemoryIndex()],
  ['LMDB', async (): Promise<DedupeIndex> => openLmdbIndex(dir, logger)],
])('dedupe index in %s', (_, open) => {
  it('gives back every field of a copy, at its largest as well', async () => {
    const index = await open()
    expect(index.marker()).toBeNull()
    await index.addCopies([{ key, copy: copy(20_000) }], marker)
    expect(index.find(key)).toEqual([copy(20_000)])
    expect(index.find(idKey('org_demo', 'event-bb'))).toEqual([])
    expect(index.marker()).toEqual(marker)
    await index.close()
  })

  it('gives copies of several buckets, the newest bucket first', async () => {
    const index = await open()
    const days = [20_000, 20_000 + BUCKET_DAYS, 20_000 - BUCKET_DAYS]
    for (const day of days) await index.addCopies([{ key, copy: copy(day) }], null)
    expect(index.find(key).map((c) => c.arrivalDay)).toEqual([20_000 + BUCKET_DAYS, 20_000, 20_000 - BUCKET_DAYS])
    await index.close()
  })

  it('drops a bucket whole, and not before its last day is past', async () => {
    const index = await open()
    const last = lastDayOf(Math.floor(20_000 / BUCKET_DAYS))
    await index.addCopies([{ key, copy: copy(last) }], marker)
    expect(await index.dropBefore(last)).toBe(0)
    expect(index.find(key)).toHaveLength(1)
    expect(await index.dropBefore(last + 1)).toBe(1)
    expect(index.find(key)).toEqual([])
    await index.close()
  })

  it('forgets everything when it is cleared and can be filled again', async () => {
    const index = await open()
    await index.addCopies([{ key, copy: copy(20_000) }], marker)
    await index.clear()
    expect([index.find(key), index.marker()]).toEqual([[], null])
    await index.addCopies([{ key, copy: copy(20_000) }], marker)
    expect(index.find(key)).toHaveLength(1)
    await index.close()
  })
})

describe('dedupe index on disk', () => {
  async function filled(): Promise<string> {
    const index = await openLmdbIndex(dir, logger)
    const copies = Array.from({ length: 5000 }, (_, i) => ({
      key: idKey('org_demo', `event-${i}`),
      copy: copy(20_000, i),
    }))
    await index.addCopies(copies, marker)
    await index.close()
    return join(dir, 'data.mdb')
  }

  it('is there again after it was closed', async () => {
    await filled()
    const index = await openLmdbIndex(dir, logger)
    expect(index.marker()).toEqual(marker)
    expect(index.find(idKey('org_demo', 'event-4999'))).toEqual([copy(20_000, 4999)])
    await index.close()
  })

  it.each([0, 100, 4096, 8192, 50_000])('begins empty when its file was cut to %i bytes', async (bytes) => {
    const file = await filled()
    await truncate(file, bytes)
    const index = await openLmdbIndex(dir, logger)
    expect(index.marker()).toBeNull()
    await index.addCopies([{ key, copy: copy(20_000) }], marker)
    expect(index.find(key)).toHaveLength(1)
    await index.close()
  })

  it('begins empty when its pages were overwritten behind whole headers, and does not hang on them', async () => {
    const file = await filled()
    const noise = (await readFile(file)).map((byte, at) => (at < 16_384 ? byte : (at * 2_654_435_761) >>> 24))
    await writeFile(file, noise)
    const index = await openLmdbIndex(dir, logger)
    expect(index.marker()).toBeNull()
    await index.addCopies([{ key, copy: copy(20_000) }], marker)
    expect(index.find(key)).toHaveLength(1)
    await index.close()
  })

  it('begins empty when its file is none of LMDB', async () => {
    const file = await filled()
    await writeFile(file, Buffer.alloc((await readFile(file)).length, 0xa5))
    const index = await openLmdbIndex(dir, logger)
    expect(index.marker()).toBeNull()
    await index.close()
  })

  it('is given up after three starts in a row that never finished a batch', async () => {
    await filled()
    for (let start = 0; start < 3; start++) {
      const index = await openLmdbIndex(dir, logger)
      expect(index.marker()).toEqual(marker)
      await index.close()
    }
    const fourth = await openLmdbIndex(dir, logger)
    expect(fourth.marker()).toBeNull()
    await fourth.close()
  })
})
