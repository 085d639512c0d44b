/** Copies go into a dedupe index and come out of it by the text of their id. */
import type { DedupeIndex, IdColumns, IndexMarker } from '../dedupe-index.ts'
import type { StoredCopy } from '../drop-duplicates.ts'
import { allocateIds } from '../id-columns.ts'
import { type IdKeys, KEY_WORDS } from '../id-key.ts'

export const ORG = 'org_demo'

export type NamedCopy = readonly [id: string, copy: StoredCopy]

export function idsFor(copies: readonly NamedCopy[], keyOf: IdKeys): IdColumns {
  const ids = allocateIds(copies.length)
  for (const [row, [id, copy]] of copies.entries()) {
    keyOf.writeText(ORG, id, ids.keys, row)
    ids.offsets[row] = copy.offset
    ids.indexes[row] = copy.index
    ids.contentHashes[row] = copy.contentHash
    ids.arrivalDays[row] = copy.arrivalDay
  }
  return ids
}

/** The copies must be of one generation. */
export async function addCopies(
  index: DedupeIndex,
  copies: readonly NamedCopy[],
  marker: IndexMarker | null,
): Promise<void> {
  const generation = copies[0]?.[1].generation ?? 0
  await index.add(idsFor(copies, index.keyOf), Uint32Array.from(copies.keys()), generation, marker)
}

export function findCopies(index: DedupeIndex, ids: readonly string[]): Map<string, readonly StoredCopy[]> {
  const keys = new Uint32Array(ids.length * KEY_WORDS)
  for (const [row, id] of ids.entries()) index.keyOf.writeText(ORG, id, keys, row)
  const found = new Map<string, readonly StoredCopy[]>()
  index.findAll(keys, ids.length, (row, copies) => void found.set(ids[row] as string, copies))
  return found
}

export function findCopy(index: DedupeIndex, id: string): readonly StoredCopy[] {
  return findCopies(index, [id]).get(id) ?? []
}
