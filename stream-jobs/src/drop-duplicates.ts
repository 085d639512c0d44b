/**
 * Step: of every (organisation, event id) the first copy by position is kept. A later copy with the same content is a
 * duplicate, one with other content a conflict for the quarantine. The decision looks at earlier positions only:
 * what the index holds from the batch's own start on is ignored, so a redo does not eat its own events.
 */
import { isWithinRetention } from './arrival-day.ts'
import type { DedupeIndex } from './dedupe-index.ts'
import { copyAt, keyText } from './index-by-columns.ts'

/** What the index knows of an id: where a copy was stored, when it arrived, what it said. */
export interface StoredCopy {
  readonly generation: number
  readonly offset: number
  readonly index: number
  readonly contentHash: number
  readonly arrivalDay: number
}

export interface BatchStart {
  readonly generation: number
  /** First offset of the batch. */
  readonly from: number
  readonly retentionDays: number
}

/** What deduplication looks at of each event, a column a field, in the order of positions. */
export interface IdColumns {
  readonly count: number
  /** Four words a row. */
  readonly keys: Uint32Array
  readonly offsets: Float64Array
  readonly indexes: Uint32Array
  readonly contentHashes: Uint32Array
  readonly arrivalDays: Int32Array
}

export const FIRST = 0
export const DUPLICATE = 1
export const CONFLICT = 2

/** What becomes of every event; `firsts`, `duplicates` and `conflicts` are row numbers, ascending. */
export interface Sifted {
  readonly fates: Uint8Array
  readonly firsts: Uint32Array
  readonly duplicates: Uint32Array
  readonly conflicts: readonly { readonly row: number; readonly first: StoredCopy }[]
}

// TODO(merge): stands in for the one of branch `index`, which replaces this file.
export function dropDuplicates(ids: IdColumns, start: BatchStart, index: Pick<DedupeIndex, 'findAll'>): Sifted {
  const fates = new Uint8Array(ids.count)
  const firsts: number[] = []
  const duplicates: number[] = []
  const conflicts: { row: number; first: StoredCopy }[] = []
  const stored = new Map<number, readonly StoredCopy[]>()
  index.findAll(ids.keys, ids.count, (row, copies) => stored.set(row, copies))
  const inBatch = new Map<string, StoredCopy>()
  for (let row = 0; row < ids.count; row++) {
    const key = keyText(ids.keys, row)
    const day = ids.arrivalDays[row] ?? 0
    const first = liveCopy(inBatch.get(key), day, start) ?? earlierCopy(stored.get(row) ?? [], day, start)
    if (first === undefined) {
      firsts.push(row)
      inBatch.set(key, copyAt(ids, row, start.generation))
    } else if (first.contentHash === ids.contentHashes[row]) {
      fates[row] = DUPLICATE
      duplicates.push(row)
    } else {
      fates[row] = CONFLICT
      conflicts.push({ row, first })
    }
  }
  return { fates, firsts: Uint32Array.from(firsts), duplicates: Uint32Array.from(duplicates), conflicts }
}

function earlierCopy(copies: readonly StoredCopy[], day: number, start: BatchStart): StoredCopy | undefined {
  for (const copy of copies) {
    if (copy.generation === start.generation && copy.offset >= start.from) continue
    if (liveCopy(copy, day, start) !== undefined) return copy
  }
  return undefined
}

function liveCopy(copy: StoredCopy | undefined, day: number, start: BatchStart): StoredCopy | undefined {
  if (copy === undefined) return undefined
  return isWithinRetention(copy.arrivalDay, day, start.retentionDays) ? copy : undefined
}
