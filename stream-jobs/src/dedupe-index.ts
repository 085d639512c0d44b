/**
 * The dedupe index of one partition: (organisation, event id) -> the copies that were stored. A cache of the truth in
 * ClickHouse: it may be deleted at any time and is rebuilt (rebuild-index.ts). What it promises:
 * - `findAll` gives the copies added and not yet dropped: of each bucket of days of arrival the one added last, the
 *   newest bucket first.
 * - `add` makes the copies and the marker visible together or not at all; after a crash as well, or it is behind as a
 *   whole, marker included.
 * - Buckets are dropped whole, never before each of their days is out of the retention.
 * One call at a time of add, dropBefore, clear and close; findAll at any time, also while one of them is under way.
 */
import { randomBytes } from 'node:crypto'
import { copyOfRow, type StoredCopy } from './drop-duplicates.ts'
import { createIdKeys, type IdKeys, KEY_WORDS, SECRET_BYTES } from './id-key.ts'

/** Which part of the log the index knows: everything of earlier generations, and of this one up to `offset`. */
export interface IndexMarker {
  readonly generation: number
  /** Partitions of the topic; another number sends ids to other partitions, so the index is built anew. */
  readonly partitions: number
  /** The next offset to index. */
  readonly offset: number
}

/** Ids of one batch as columns; row i everywhere. */
export interface IdColumns {
  readonly count: number
  /** 128-bit key of each id: 4 words a row, see id-key.ts. */
  readonly keys: Uint32Array
  /** Offset in the log. */
  readonly offsets: Float64Array
  /** Index in the record. */
  readonly indexes: Uint32Array
  readonly contentHashes: Uint32Array
  readonly arrivalDays: Int32Array
}

export interface DedupeIndex {
  /** Makes the keys of this index: they hang on its secret, and keys of another one are found nowhere. */
  readonly keyOf: IdKeys
  /** Null when nothing was ever finished. */
  marker(): IndexMarker | null
  /**
   * Calls `hit` once for each row of `keys` of which there are copies, in no certain order of rows.
   * @throws IndexDamagedError
   */
  findAll(keys: Uint32Array, count: number, hit: (row: number, copies: readonly StoredCopy[]) => void): void
  /** Adds these rows of `ids`. @throws IndexDamagedError, or what a full disk says: then nothing was added */
  add(ids: IdColumns, rows: Uint32Array, generation: number, marker: IndexMarker | null): Promise<void>
  /** Drops the buckets whose newest day is before this one; returns how many. */
  dropBefore(arrivalDay: number): Promise<number>
  /** Forgets everything, marker included. */
  clear(): Promise<void>
  close(): Promise<void>
}

/** The index's files can't be trusted any more; clear it and rebuild. */
export class IndexDamagedError extends Error {
  override readonly name = 'IndexDamagedError'
}

/**
 * Days of arrival in one bucket. Buckets are dropped whole, so copies are kept for at most 12 days longer than needed;
 * every bucket has segment files of its own that are asked for every id, so smaller buckets would cost more.
 */
export const BUCKET_DAYS = 12

export function bucketOf(arrivalDay: number): number {
  return Math.floor(arrivalDay / BUCKET_DAYS)
}

/** Newest day that the bucket can hold. */
export function lastDayOf(bucket: number): number {
  return (bucket + 1) * BUCKET_DAYS - 1
}

/** Keeps everything in this process: for tests, and where the log itself is in memory. */
export function createMemoryIndex(): DedupeIndex {
  const buckets = new Map<number, Map<string, StoredCopy>>()
  let marked: IndexMarker | null = null
  return {
    keyOf: createIdKeys(randomBytes(SECRET_BYTES)),
    marker: () => marked,
    findAll(keys, count, hit) {
      const newestFirst = [...buckets.keys()].sort((a, b) => b - a)
      for (let row = 0; row < count; row++) {
        const key = textOf(keys, row)
        const copies = newestFirst.flatMap((bucket) => buckets.get(bucket)?.get(key) ?? [])
        if (copies.length > 0) hit(row, copies)
      }
    },
    async add(ids, rows, generation, marker) {
      for (const row of rows) {
        const copy = copyOfRow(ids, row, generation)
        const bucket = bucketOf(copy.arrivalDay)
        const entries = buckets.get(bucket) ?? new Map<string, StoredCopy>()
        buckets.set(bucket, entries.set(textOf(ids.keys, row), copy))
      }
      if (marker !== null) marked = marker
    },
    async dropBefore(day) {
      const old = [...buckets.keys()].filter((bucket) => lastDayOf(bucket) < day)
      for (const bucket of old) buckets.delete(bucket)
      return old.length
    },
    async clear() {
      buckets.clear()
      marked = null
    },
    async close() {},
  }
}

function textOf(keys: Uint32Array, row: number): string {
  return keys.subarray(row * KEY_WORDS, (row + 1) * KEY_WORDS).join()
}
