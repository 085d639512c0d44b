/**
 * Step: of every (organisation, event id) the first copy by position is kept. A later copy with the same content is a
 * duplicate, one with other content a conflict for the quarantine. The decision looks at earlier positions only:
 * what the index holds from the batch's own start on is ignored, so a redo does not eat its own events.
 */
import { isWithinRetention } from './arrival-day.ts'
import type { DedupeIndex, IdColumns } from './dedupe-index.ts'
import { equalKeys, KEY_WORDS } from './id-key.ts'

/** What the index knows of an id: where a copy was stored, when it arrived, what it said. */
export interface StoredCopy {
  readonly generation: number
  readonly offset: number
  readonly index: number
  /** 0: not known, because what it said was erased; every later copy is a duplicate then. */
  readonly contentHash: number
  readonly arrivalDay: number
}

export interface BatchStart {
  readonly generation: number
  /** First offset of the batch. */
  readonly from: number
  readonly retentionDays: number
}

export const FIRST_COPY = 0
export const DUPLICATE = 1
export const CONFLICT = 2

export interface Sifted {
  /** Per row: FIRST_COPY, DUPLICATE or CONFLICT. */
  readonly fates: Uint8Array
  /** Rows that are first copies, ascending. */
  readonly firsts: Uint32Array
  readonly duplicates: Uint32Array
  readonly conflicts: readonly { readonly row: number; readonly first: StoredCopy }[]
}

/** @throws IndexDamagedError */
export function dropDuplicates(ids: IdColumns, start: BatchStart, index: Pick<DedupeIndex, 'findAll'>): Sifted {
  const stored = new Map<number, StoredCopy>()
  index.findAll(ids.keys, ids.count, (row, copies) => {
    const copy = earlierCopy(copies, ids.arrivalDays[row] as number, start)
    if (copy !== undefined) stored.set(row, copy)
  })

  const inBatch = createRowTable(ids)
  const fates = new Uint8Array(ids.count)
  const firsts = new Uint32Array(ids.count)
  const duplicates: number[] = []
  const conflicts: { row: number; first: StoredCopy }[] = []
  let kept = 0
  for (let row = 0; row < ids.count; row++) {
    const slot = inBatch.slotOf(row)
    const own = inBatch.rowAt(slot)
    const first = own >= 0 && isLive(ids.arrivalDays[own] as number, row, ids, start) ? own : stored.get(row)
    if (first === undefined) {
      firsts[kept++] = row
      inBatch.put(slot, row)
    } else if (isErased(first) || contentOf(first, ids) === ids.contentHashes[row]) {
      fates[row] = DUPLICATE
      duplicates.push(row)
    } else {
      fates[row] = CONFLICT
      conflicts.push({ row, first: typeof first === 'number' ? copyOfRow(ids, first, start.generation) : first })
    }
  }
  return { fates, firsts: firsts.slice(0, kept), duplicates: Uint32Array.from(duplicates), conflicts }
}

export function copyOfRow(ids: IdColumns, row: number, generation: number): StoredCopy {
  return {
    generation,
    offset: ids.offsets[row] as number,
    index: ids.indexes[row] as number,
    contentHash: ids.contentHashes[row] as number,
    arrivalDay: ids.arrivalDays[row] as number,
  }
}

/** Copies come newest bucket first. */
function earlierCopy(copies: readonly StoredCopy[], day: number, start: BatchStart): StoredCopy | undefined {
  for (const copy of copies) {
    if (copy.generation === start.generation && copy.offset >= start.from) continue
    if (isWithinRetention(copy.arrivalDay, day, start.retentionDays)) return copy
  }
  return undefined
}

function isLive(firstDay: number, row: number, ids: IdColumns, start: BatchStart): boolean {
  return isWithinRetention(firstDay, ids.arrivalDays[row] as number, start.retentionDays)
}

const isErased = (first: number | StoredCopy): boolean => typeof first !== 'number' && first.contentHash === 0

/** `first`: a row of the batch, or what the index knows. */
function contentOf(first: number | StoredCopy, ids: IdColumns): number | undefined {
  return typeof first === 'number' ? ids.contentHashes[first] : first.contentHash
}

/** A hash table of rows by key, open addressing; keys are hashes already. */
function createRowTable({ keys, count }: IdColumns) {
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, 2 * count)))
  /** Row + 1; 0 is free. */
  const slots = new Int32Array(size)
  return {
    rowAt: (slot: number): number => (slots[slot] as number) - 1,
    put: (slot: number, row: number): void => {
      slots[slot] = row + 1
    },
    /** Where a row with the same key is, or would be. */
    slotOf(row: number): number {
      const at = row * KEY_WORDS
      for (let slot = (keys[at] as number) & (size - 1); ; slot = (slot + 1) & (size - 1)) {
        const other = slots[slot] as number
        if (other === 0 || equalKeys(keys, at, keys, (other - 1) * KEY_WORDS)) return slot
      }
    },
  }
}
