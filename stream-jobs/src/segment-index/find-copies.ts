/** Looks a batch of keys up in the newest entries and in the segments. */
import { bucketOf } from '../dedupe-index.ts'
import type { StoredCopy } from '../drop-duplicates.ts'
import { readCopy } from './entry.ts'
import { asIndexError } from './files.ts'
import { siftKeys } from './key-filter.ts'
import type { NewestEntries } from './newest-entries.ts'
import type { Segment } from './segment.ts'
import { allRows, pickKeys, sortByKey } from './sort-by-key.ts'

export interface SearchedParts {
  readonly newest: NewestEntries
  /** Older ones first. */
  readonly segments: readonly Segment[]
}

/** As `findAll` of dedupe-index.ts. @throws IndexDamagedError */
export function findCopies(
  { newest, segments }: SearchedParts,
  keys: Uint32Array,
  count: number,
  hit: (row: number, copies: readonly StoredCopy[]) => void,
): void {
  const found = new Map<number, StoredCopy[]>()
  const take = (i: number, words: Uint32Array, at: number): void => addCopy(found, i, readCopy(words, at))
  const order = sortByKey(keys, allRows(count))
  const ordered = pickKeys(keys, order)
  newest.findAll(ordered, count, take)
  const perhaps = new Uint32Array(count)
  try {
    for (const segment of segments.toReversed()) {
      const some = siftKeys(segment.filter, ordered, count, perhaps)
      segment.findAll(ordered, perhaps.subarray(0, some), take)
    }
  } catch (error) {
    throw asIndexError(error)
  }
  for (const [i, copies] of found) {
    // One a bucket, so the order of days is that of buckets.
    copies.sort((a, b) => b.arrivalDay - a.arrivalDay)
    hit(order[i] as number, copies)
  }
}

/** Sources come newest first, and of each bucket the first that is found counts. */
function addCopy(found: Map<number, StoredCopy[]>, row: number, copy: StoredCopy): void {
  const copies = found.get(row)
  if (copies === undefined) found.set(row, [copy])
  else if (!copies.some((known) => bucketOf(known.arrivalDay) === bucketOf(copy.arrivalDay))) copies.push(copy)
}
