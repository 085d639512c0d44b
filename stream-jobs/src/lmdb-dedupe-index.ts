/**
 * The dedupe index in LMDB: one environment a partition, one named database a bucket of arrival days (`b<bucket>`),
 * and `meta` with the marker. Reads are synchronous and come from the memory map; writes of one batch are one
 * transaction. Not waited for to reach the disk: after a power cut LMDB is at an earlier transaction, marker included,
 * and the rest comes from ClickHouse.
 *
 * LMDB maps its file, so a damaged file can kill the process instead of throwing. Two guards: a file whose pages don't
 * hang together is deleted before it is opened, and a counter of starts that never got as far as a finished batch
 * deletes the index at the third.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkDataFile } from '@ecomind/event-log'
import { type Database, open, type RootDatabase } from 'lmdb'
import type { Logger } from 'pino'
import {
  BUCKET_DAYS,
  bucketOf,
  type DedupeIndex,
  IndexDamagedError,
  type IndexedCopy,
  type IndexMarker,
  lastDayOf,
} from './dedupe-index.ts'
import type { StoredCopy } from './drop-duplicates.ts'
import { ID_KEY_BYTES } from './id-key.ts'
import { byColumns } from './index-by-columns.ts'

type Bucket = Database<Buffer, Buffer>

interface NumberedBucket {
  readonly number: number
  readonly entries: Bucket
}

const FORMAT = 1
/** generation u32, offset u48, index u32, content hash u32, day of arrival u32 */
const COPY_BYTES = 22
const STARTS_MAX = 3
const STARTS_FILE = 'starts'
const BUCKETS_MAX = 4096
const NONE: readonly StoredCopy[] = []

/** Opens the index in `dir`; an unusable one is deleted and begins empty, with no marker. */
export async function openLmdbIndex(dir: string, log: Logger): Promise<DedupeIndex> {
  await mkdir(dir, { recursive: true })
  const starts = await unfinishedStarts(dir)
  if (starts >= STARTS_MAX || !(await isSound(join(dir, 'data.mdb')))) {
    log.warn({ dir, starts }, 'dedupe index: not usable, deleted; it will be rebuilt from ClickHouse')
    await rm(dir, { recursive: true, force: true })
    await mkdir(dir, { recursive: true })
  }
  await writeFile(join(dir, STARTS_FILE), String(starts >= STARTS_MAX ? 1 : starts + 1))
  try {
    return byColumns(new LmdbIndex(dir))
  } catch (error) {
    log.warn({ dir, err: error }, 'dedupe index: does not open, deleted; it will be rebuilt from ClickHouse')
    await rm(dir, { recursive: true, force: true })
    await mkdir(dir, { recursive: true })
    return byColumns(new LmdbIndex(dir))
  }
}

/** LMDB trusts its pages: damaged ones can hang or end the process, so they are looked at first. */
async function isSound(dataFile: string): Promise<boolean> {
  return await checkDataFile(dataFile).then(
    () => true,
    () => false,
  )
}

async function unfinishedStarts(dir: string): Promise<number> {
  try {
    return Number.parseInt(await readFile(join(dir, STARTS_FILE), 'utf8'), 10) || 0
  } catch {
    return 0
  }
}

class LmdbIndex {
  readonly #dir: string
  #root: RootDatabase<Buffer, string>
  #meta: Database<unknown, string>
  /** Newest first. */
  #buckets: NumberedBucket[]
  #settled = false
  readonly #key = Buffer.alloc(ID_KEY_BYTES)

  constructor(dir: string) {
    this.#dir = dir
    const opened = openEnvironment(dir)
    this.#root = opened.root
    this.#meta = opened.meta
    this.#buckets = opened.buckets
  }

  marker(): IndexMarker | null {
    const found = guard(() => this.#meta.get('marker'))
    if (typeof found !== 'object' || found === null) return null
    const { format, bucketDays, generation, partitions, offset } = found as Record<string, unknown>
    if (format !== FORMAT || bucketDays !== BUCKET_DAYS) return null
    if (typeof generation !== 'number' || typeof partitions !== 'number' || typeof offset !== 'number') return null
    return { generation, partitions, offset }
  }

  find(key: string): readonly StoredCopy[] {
    this.#key.write(key, 0, ID_KEY_BYTES, 'latin1')
    let copies: StoredCopy[] | null = null
    for (const bucket of this.#buckets) {
      const bytes = guard(() => bucket.entries.getBinaryFast(this.#key))
      if (bytes === undefined) continue
      copies ??= []
      copies.push(decodeCopy(bytes))
    }
    return copies ?? NONE
  }

  async addCopies(copies: readonly IndexedCopy[], marker: IndexMarker | null): Promise<void> {
    const buckets = new Map<number, Bucket>()
    for (const { copy } of copies) {
      const number = bucketOf(copy.arrivalDay)
      if (!buckets.has(number)) buckets.set(number, this.#bucket(number))
    }
    try {
      // Inside a transaction a put happens at once and throws; the promise it gives back says nothing more.
      await this.#root.transaction(() => {
        for (const { key, copy } of copies) {
          void buckets.get(bucketOf(copy.arrivalDay))?.put(Buffer.from(key, 'latin1'), encodeCopy(copy))
        }
        if (marker !== null) void this.#meta.put('marker', { format: FORMAT, bucketDays: BUCKET_DAYS, ...marker })
      })
    } catch (error) {
      throw damaged(error)
    }
    if (marker !== null) await this.#settle()
  }

  async dropBefore(day: number): Promise<number> {
    const old = this.#buckets.filter((bucket) => lastDayOf(bucket.number) < day)
    this.#buckets = this.#buckets.filter((bucket) => !old.includes(bucket))
    for (const bucket of old) await bucket.entries.drop()
    return old.length
  }

  /** Begins with a new file: in a damaged one even removing goes through damaged pages. */
  async clear(): Promise<void> {
    await this.#root.close()
    for (const file of ['data.mdb', 'lock.mdb']) await rm(join(this.#dir, file), { force: true })
    const opened = openEnvironment(this.#dir)
    this.#root = opened.root
    this.#meta = opened.meta
    this.#buckets = opened.buckets
  }

  async close(): Promise<void> {
    await this.#root.close()
  }

  /** A finished batch shows that the file can be read and written: the next start is trusted. */
  async #settle(): Promise<void> {
    if (this.#settled) return
    this.#settled = true
    await writeFile(join(this.#dir, STARTS_FILE), '0')
  }

  #bucket(number: number): Bucket {
    const known = this.#buckets.find((bucket) => bucket.number === number)
    if (known !== undefined) return known.entries
    const entries = openBucket(this.#root, number)
    this.#buckets = [...this.#buckets, { number, entries }].sort((a, b) => b.number - a.number)
    return entries
  }
}

function openEnvironment(dir: string) {
  const root = open<Buffer, string>({
    path: dir,
    noSubdir: false,
    maxDbs: BUCKETS_MAX,
    encoding: 'binary',
    // With it a full disk would end the process through an unhandled rejection.
    eventTurnBatching: false,
  })
  const meta = root.openDB<unknown, string>('meta', { encoding: 'json' })
  const buckets: NumberedBucket[] = [...root.getKeys()]
    .filter((name) => /^b\d+$/.test(name))
    .map((name) => ({ number: Number(name.slice(1)), entries: openBucket(root, Number(name.slice(1))) }))
    .sort((x, y) => y.number - x.number)
  return { root, meta, buckets }
}

function openBucket(root: RootDatabase<Buffer, string>, number: number): Bucket {
  return root.openDB<Buffer, Buffer>(`b${number}`, { keyEncoding: 'binary', encoding: 'binary' })
}

function encodeCopy(copy: StoredCopy): Buffer {
  const bytes = Buffer.allocUnsafe(COPY_BYTES)
  bytes.writeUInt32BE(copy.generation, 0)
  bytes.writeUIntBE(copy.offset, 4, 6)
  bytes.writeUInt32BE(copy.index, 10)
  bytes.writeUInt32BE(copy.contentHash, 14)
  bytes.writeInt32BE(copy.arrivalDay, 18)
  return bytes
}

function decodeCopy(bytes: Buffer): StoredCopy {
  if (bytes.length !== COPY_BYTES)
    throw new IndexDamagedError(`read the dedupe index: an entry of ${bytes.length} bytes`)
  return {
    generation: bytes.readUInt32BE(0),
    offset: bytes.readUIntBE(4, 6),
    index: bytes.readUInt32BE(10),
    contentHash: bytes.readUInt32BE(14),
    arrivalDay: bytes.readInt32BE(18),
  }
}

function guard<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw damaged(error)
  }
}

/** A full disk is no damage: the caller's retry meets it again until there is room. */
function damaged(error: unknown): Error {
  const text = error instanceof Error ? error.message : String(error)
  if (/no space|ENOSPC|disk quota|EDQUOT/i.test(text)) return error instanceof Error ? error : new Error(text)
  return new IndexDamagedError(`use the dedupe index: ${text}`, { cause: error })
}
