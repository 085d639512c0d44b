/**
 * The dedupe index of one partition: (organisation, event id) -> the copies that were stored. A cache of the truth in
 * ClickHouse: it may be deleted at any time and is rebuilt (ensure-index.ts). What it promises:
 * - `find` gives every copy added and not yet dropped; buckets by day of arrival, the newest first.
 * - `add` makes the copies and the marker visible together or not at all.
 * - Buckets are dropped whole, never before each of their days is out of the retention.
 */
import type { IdColumns, StoredCopy } from './drop-duplicates.ts'
import { byColumns } from './index-by-columns.ts'

/** Which part of the log the index knows: everything of earlier generations, and of this one up to `offset`. */
export interface IndexMarker {
  readonly generation: number
  /** Partitions of the topic; another number sends ids to other partitions, so the index is built anew. */
  readonly partitions: number
  /** The next offset to index. */
  readonly offset: number
}

export interface IndexedCopy {
  /** 16 latin-1 characters, see id-key.ts. */
  readonly key: string
  readonly copy: StoredCopy
}

/** Makes keys of (organisation, event id): four words of `keys` a row. */
export interface IdKeys {
  write(
    orgBytes: Uint8Array,
    orgStart: number,
    orgEnd: number,
    idBytes: Uint8Array,
    idStart: number,
    idEnd: number,
    keys: Uint32Array,
    row: number,
  ): void
  writeText(orgId: string, eventId: string, keys: Uint32Array, row: number): void
}

export interface DedupeIndex extends StoredCopies {
  readonly keyOf: IdKeys
  /** Calls `hit` for every row whose key has copies. @throws IndexDamagedError */
  findAll(keys: Uint32Array, count: number, hit: (row: number, copies: readonly StoredCopy[]) => void): void
  /** @throws IndexDamagedError */
  add(ids: IdColumns, rows: Uint32Array, generation: number, marker: IndexMarker | null): Promise<void>
}

export interface StoredCopies {
  /** Null when nothing was ever finished. */
  marker(): IndexMarker | null
  /** @throws IndexDamagedError */
  find(key: string): readonly StoredCopy[]
  /** @throws IndexDamagedError */
  addCopies(copies: readonly IndexedCopy[], marker: IndexMarker | null): Promise<void>
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
 * Days of arrival in one bucket. Every bucket that may hold a live copy is asked for every event (0.6 us each), so a
 * bucket a day would cost 36 lookups; with 12 days it is 4, for at most 12 days of copies kept longer than needed.
 */
export const BUCKET_DAYS = 12

export function bucketOf(arrivalDay: number): number {
  return Math.floor(arrivalDay / BUCKET_DAYS)
}

/** Newest day that the bucket can hold. */
export function lastDayOf(bucket: number): number {
  return (bucket + 1) * BUCKET_DAYS - 1
}

const NONE: readonly StoredCopy[] = []

/** Keeps everything in this process: for tests, and where the log itself is in memory. */
export function createMemoryIndex(): DedupeIndex {
  const buckets = new Map<number, Map<string, StoredCopy>>()
  let marked: IndexMarker | null = null
  return byColumns({
    marker: () => marked,
    find(key) {
      const copies: StoredCopy[] = []
      for (const bucket of [...buckets.keys()].sort((a, b) => b - a)) {
        const copy = buckets.get(bucket)?.get(key)
        if (copy !== undefined) copies.push(copy)
      }
      return copies.length === 0 ? NONE : copies
    },
    async addCopies(copies, marker) {
      for (const { key, copy } of copies) {
        const bucket = bucketOf(copy.arrivalDay)
        const entries = buckets.get(bucket) ?? new Map<string, StoredCopy>()
        buckets.set(bucket, entries.set(key, copy))
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
  })
}
