/** The plain way of dropping duplicates, event by event: what drop-duplicates.ts must agree with. */
import { isWithinRetention } from '../arrival-day.ts'
import type { BatchStart, StoredCopy } from '../drop-duplicates.ts'

export interface NamedEvent {
  readonly id: string
  readonly offset: number
  readonly index: number
  readonly contentHash: number
  readonly arrivalDay: number
}

export interface PlainlySifted {
  readonly firsts: number[]
  readonly duplicates: number[]
  readonly conflicts: { readonly row: number; readonly first: StoredCopy }[]
}

/** `lookup`: copies that were stored; newest bucket first. */
export function dropDuplicatesPlainly(
  events: readonly NamedEvent[],
  start: BatchStart,
  lookup: (id: string) => readonly StoredCopy[],
): PlainlySifted {
  const sifted: PlainlySifted = { firsts: [], duplicates: [], conflicts: [] }
  const inBatch = new Map<string, StoredCopy>()
  for (const [row, { id, ...position }] of events.entries()) {
    const day = position.arrivalDay
    const own = liveCopy(inBatch.get(id), day, start)
    const first = own ?? earlierCopy(lookup(id), day, start)
    const erased = own === undefined && first?.contentHash === 0
    if (first === undefined) {
      sifted.firsts.push(row)
      inBatch.set(id, { generation: start.generation, ...position })
    } else if (erased || first.contentHash === position.contentHash) sifted.duplicates.push(row)
    else sifted.conflicts.push({ row, first })
  }
  return sifted
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
