/** The index on disk: what is there again after it was closed, cut short, garbled; and against a plain map. */
import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BUCKET_DAYS, bucketOf, type DedupeIndex, IndexDamagedError, lastDayOf } from '../dedupe-index.ts'
import type { StoredCopy } from '../drop-duplicates.ts'
import { addCopies, findCopies, findCopy, type NamedCopy } from '../testing/index-tools.ts'
import { openSegmentIndex } from './open-segment-index.ts'

const DAY = 20_004
const markerAt = (offset: number) => ({ generation: 5, partitions: 2, offset })
const copyAt = (offset: number, arrivalDay = DAY): StoredCopy => ({
  generation: 5,
  offset,
  index: 3,
  contentHash: offset ^ 0x5555,
  arrivalDay,
})
/** Ids event-<from> to event-<to - 1>, each at the offset of its name. */
const batch = (from: number, to: number, day = DAY): NamedCopy[] =>
  Array.from({ length: to - from }, (_, i) => [`event-${from + i}`, copyAt(from + i, day)])

let dir: string
let said: string[]
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'segment-index-'))
  said = []
})
afterEach(async () => {
  await rm(dir, { recursive: true, force: true })
})

const open = (newestMax = 1000): Promise<DedupeIndex> =>
  openSegmentIndex(dir, pino({ level: 'info' }, { write: (line) => void said.push(line) }), { newestMax })

async function filled(batches: number, size: number, newestMax: number): Promise<void> {
  const index = await open(newestMax)
  for (let i = 0; i < batches; i++) await addCopies(index, batch(i * size, (i + 1) * size), markerAt((i + 1) * size))
  await index.close()
}

const named = async (kind: string): Promise<string[]> =>
  (await readdir(dir)).filter((file) => file.startsWith(kind)).map((file) => join(dir, file))
const theOne = async (kind: string): Promise<string> => (await named(kind))[0] ?? ''

/** Every id below the marker is there with its copy, and none from it on. */
function expectWhole(index: DedupeIndex, upTo: number): void {
  const wanted = index.marker()?.offset ?? 0
  const found = findCopies(
    index,
    batch(0, upTo).map(([id]) => id),
  )
  expect(found.size).toBe(wanted)
  for (const [id, copy] of batch(0, wanted)) expect(found.get(id)).toEqual([copy])
}

describe('a segment index that was closed', () => {
  it.each([
    ['journal', 1000],
    ['segments', 100],
    ['segments and journal', 250],
  ])('is there again from %s', async (_, newestMax) => {
    await filled(9, 100, newestMax)
    const index = await open(newestMax)
    expect(index.marker()).toEqual(markerAt(900))
    expectWhole(index, 1000)
    await index.close()
    expect(said).toEqual([])
  })

  it('is there again when the marker came without entries, as at the end of a rebuild', async () => {
    const first = await open()
    await addCopies(first, batch(0, 10), null)
    await addCopies(first, [], markerAt(10))
    await first.close()
    const index = await open()
    expect(index.marker()).toEqual(markerAt(10))
    expectWhole(index, 20)
    await index.close()
  })

  it('is opened only when it is closed: who gave it up may still be writing', async () => {
    const first = await open()
    let opened = false
    const second = open().then((index) => {
      opened = true
      return index
    })
    await addCopies(first, batch(0, 10), markerAt(10))
    expect(opened).toBe(false)
    await first.close()
    expect((await second).marker()).toEqual(markerAt(10))
    await (await second).close()
  })

  it('merges segments by four and removes what it does not name', async () => {
    await filled(40, 100, 100)
    expect((await named('segment')).length).toBeLessThan(10)
    await writeFile(join(dir, 'segment-999'), 'left over')
    await writeFile(join(dir, 'manifest.new'), 'left over')
    const index = await open(100)
    expectWhole(index, 4000)
    expect(await readdir(dir)).not.toContain('segment-999')
    expect(await readdir(dir)).not.toContain('manifest.new')
    await index.close()
  })

  it('keeps its marker when a bucket was dropped, and does not bring the bucket back', async () => {
    const first = await open(100)
    await addCopies(first, batch(0, 90, DAY - 3 * BUCKET_DAYS), markerAt(90))
    await addCopies(first, batch(90, 95), markerAt(95))
    expect(await first.dropBefore(lastDayOf(bucketOf(DAY) - 3) + 1)).toBe(1)
    await first.close()
    const index = await open(100)
    expect(index.marker()).toEqual(markerAt(95))
    expect([...findCopies(index, ['event-89', 'event-90']).keys()]).toEqual(['event-90'])
    await index.close()
  })
})

describe('a segment index with a damaged journal', () => {
  it('is behind by whole batches, wherever its end was torn off', async () => {
    await filled(5, 10, 1000)
    const journal = await theOne('journal')
    const whole = await readFile(journal)
    const frame = whole.length / 5
    for (let bytes = whole.length; bytes >= 0; bytes -= bytes % 7 === 0 ? 1 : 13) {
      await writeFile(journal, whole.subarray(0, bytes))
      const index = await open()
      const frames = Math.floor(bytes / frame)
      expect(index.marker()).toEqual(frames === 0 ? null : markerAt(frames * 10))
      expectWhole(index, 50)
      await index.close()
      expect((await stat(journal)).size).toBe(frames * frame)
    }
  })

  it('keeps the batches before a flipped bit or garbage, and goes on from there', async () => {
    await filled(3, 10, 1000)
    const journal = await theOne('journal')
    const bytes = await readFile(journal)
    const middle = Math.floor(bytes.length / 2)
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 4, middle)
    await writeFile(journal, bytes)
    await appendFile(journal, Buffer.alloc(100, 0xa5))
    const index = await open()
    expectWhole(index, 30)
    expect(index.marker()).toEqual(markerAt(10))
    await addCopies(index, batch(10, 30), markerAt(30))
    await index.close()
    const again = await open()
    expect(again.marker()).toEqual(markerAt(30))
    expectWhole(again, 40)
    await again.close()
  })

  it('is as old as its segments when the journal is gone', async () => {
    await filled(3, 100, 100)
    await rm(await theOne('journal'))
    const index = await open()
    expect(index.marker()).toEqual(markerAt(200))
    expectWhole(index, 300)
    await index.close()
  })
})

describe('a segment index with other damaged files', () => {
  async function beginsEmpty(because: RegExp): Promise<void> {
    const index = await open()
    expect(index.marker()).toBeNull()
    expect(findCopy(index, 'event-1')).toEqual([])
    expect(said.join()).toMatch(because)
    await addCopies(index, batch(0, 5), markerAt(5))
    expectWhole(index, 10)
    await index.close()
  }

  it.each([0, 100, 4096, 6000])('begins empty when a segment was cut to %i bytes', async (bytes) => {
    await filled(3, 200, 200)
    await truncate(await theOne('segment'), bytes)
    await beginsEmpty(/not usable/)
  })

  it('begins empty when a segment is missing', async () => {
    await filled(3, 200, 200)
    await rm(await theOne('segment'))
    await beginsEmpty(/not usable/)
  })

  it.each(['manifest', 'segment', 'journal'])(
    'begins empty or behind when its %s files were overwritten',
    async (kind) => {
      await filled(3, 200, 200)
      for (const file of await named(kind)) await writeFile(file, Buffer.alloc((await stat(file)).size, 0xa5))
      if (kind !== 'journal') await beginsEmpty(/not usable/)
      else {
        const index = await open()
        expect(index.marker()).toEqual(markerAt(400))
        expectWhole(index, 600)
        await index.close()
      }
    },
  )

  it('begins empty when the manifest is missing', async () => {
    await filled(3, 200, 200)
    await rm(join(dir, 'manifest'))
    await beginsEmpty(/manifest is missing/)
  })

  it('begins empty in place of an index of LMDB, and says so', async () => {
    await writeFile(join(dir, 'data.mdb'), 'pages')
    await writeFile(join(dir, 'starts'), '0')
    await beginsEmpty(/earlier version/)
    expect(await readdir(dir)).not.toContain('data.mdb')
  })

  it('notices a flipped bit of a page when it reads it, and works again once it is cleared', async () => {
    await filled(2, 200, 200)
    const segment = await theOne('segment')
    const bytes = await readFile(segment)
    bytes.writeUInt8(bytes.readUInt8(4096 + 2000) ^ 1, 4096 + 2000)
    await writeFile(segment, bytes)
    const index = await open()
    const all = batch(0, 200).map(([id]) => id)
    expect(() => findCopies(index, all)).toThrow(IndexDamagedError)
    await index.clear()
    expect([index.marker(), findCopies(index, all).size]).toEqual([null, 0])
    await addCopies(index, batch(0, 200), markerAt(200))
    expectWhole(index, 300)
    await index.close()
  })

  it('notices a damaged page when it is merged', async () => {
    await filled(4, 200, 200)
    const segment = await theOne('segment')
    const bytes = await readFile(segment)
    await writeFile(segment, bytes.fill(7, 100, 200))
    const index = await open(200)
    const adding = async () => {
      for (let i = 4; i < 8; i++) await addCopies(index, batch(i * 200, (i + 1) * 200), markerAt((i + 1) * 200))
    }
    await expect(adding()).rejects.toThrow(IndexDamagedError)
    await index.clear()
    await addCopies(index, batch(0, 5), markerAt(5))
    expectWhole(index, 10)
    await index.close()
  })

  it('never answers wrong, whatever byte of whatever file is changed', async () => {
    await filled(7, 150, 300)
    const whole = await Promise.all(
      (await readdir(dir)).sort().map(async (file) => [file, await readFile(join(dir, file))] as const),
    )
    const damage = fc.record({ file: fc.nat(whole.length - 1), at: fc.nat(), change: fc.integer({ min: 1, max: 255 }) })
    const restore = async (): Promise<void> => {
      for (const file of await readdir(dir)) await rm(join(dir, file))
      for (const [file, bytes] of whole) await writeFile(join(dir, file), bytes)
    }
    await fc.assert(
      fc.asyncProperty(damage, async ({ file, at, change }) => {
        await restore()
        const [name, bytes] = whole[file] as (typeof whole)[number]
        const changed = Buffer.from(bytes)
        changed[at % bytes.length] = (changed[at % bytes.length] as number) ^ change
        await writeFile(join(dir, name), changed)
        const index = await open(300)
        try {
          expectWhole(index, 1200)
        } catch (error) {
          if (!(error instanceof IndexDamagedError)) throw error
        } finally {
          await index.close()
        }
      }),
    )
  })

  it('works again when its folder is removed under it', async () => {
    const index = await open(200)
    await addCopies(index, batch(0, 200), markerAt(200))
    await rm(dir, { recursive: true, force: true })
    await expect(addCopies(index, batch(200, 400), markerAt(400))).rejects.toThrow(IndexDamagedError)
    await index.clear()
    await addCopies(index, batch(0, 5), markerAt(5))
    expectWhole(index, 10)
    await index.close()
  })
})

describe('a segment index against a plain map', () => {
  const copies = fc
    .array(fc.tuple(fc.nat(40), fc.constantFrom(0, 1, BUCKET_DAYS, 2 * BUCKET_DAYS)), { maxLength: 30 })
    .map((all) => [...new Map(all.map((one) => [`${one[0]}/${bucketOf(one[1])}`, one])).values()])
  const step = fc.oneof(
    { weight: 12, arbitrary: fc.record({ kind: fc.constant('add' as const), copies, marked: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), day: fc.nat(3 * BUCKET_DAYS) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('reopen' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const) }) },
  )

  it('answers the same after any adds, drops, closings and clearings', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.constantFrom(1, 15, 60), async (steps, newestMax) => {
        let index = await open(newestMax)
        await index.clear()
        const plain = new Map<string, StoredCopy>()
        let marker: ReturnType<typeof markerAt> | null = null
        for (const [i, one] of steps.entries()) {
          if (one.kind === 'add') {
            const added = one.copies.map(([id, day]) => [`event-${id}`, copyAt(i, DAY + day)] as const)
            const next = one.marked ? markerAt(i) : null
            await addCopies(index, added, next)
            marker = next ?? marker
            for (const [id, copy] of added) plain.set(`${bucketOf(copy.arrivalDay)} ${id}`, copy)
          } else if (one.kind === 'drop') {
            await index.dropBefore(DAY + one.day)
            for (const name of plain.keys())
              if (lastDayOf(Number.parseInt(name, 10)) < DAY + one.day) plain.delete(name)
          } else if (one.kind === 'reopen') {
            await index.close()
            index = await open(newestMax)
          } else if (one.kind === 'clear') {
            await index.clear()
            plain.clear()
            marker = null
          }
          const found = findCopies(
            index,
            Array.from({ length: 41 }, (_, id) => `event-${id}`),
          )
          const answers = [...found].flatMap(([id, list]) =>
            list.map((copy) => [`${bucketOf(copy.arrivalDay)} ${id}`, copy]),
          )
          expect(new Map(answers as [string, StoredCopy][])).toEqual(plain)
          for (const list of found.values()) expect(list).toEqual([...list].sort((a, b) => b.arrivalDay - a.arrivalDay))
          expect(index.marker()).toEqual(marker)
        }
        await index.close()
      }),
      { numRuns: 40 },
    )
    expect(said).toEqual([])
  })

  it('answers right in the midst of merges that take many adds', { timeout: 600_000 }, async () => {
    let index = await open(4000)
    for (let i = 0; i < 90; i++) {
      await addCopies(index, batch(i * 500, (i + 1) * 500), markerAt((i + 1) * 500))
      if (i === 50) {
        await index.close()
        index = await open(4000)
      }
      const asked = [0, 1, 2].flatMap((part) => {
        const from = Math.floor((i * 500 * part) / 3)
        return batch(from, from + 40)
      })
      const found = findCopies(
        index,
        asked.map(([id]) => id),
      )
      for (const [id, copy] of asked) expect(found.get(id)).toEqual([copy])
    }
    expectWhole(index, 46_000)
    await index.close()
    expect(said).toEqual([])
  })
})
