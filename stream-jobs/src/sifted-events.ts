/** What the steps behind the deduplication are given: the events of each fate, in the order of the batch. */
import type { ArrivedEvent } from './decode-records.ts'
import type { Sifted, StoredCopy } from './drop-duplicates.ts'

/** An event that is a first copy. */
export interface FirstEvent {
  readonly arrived: ArrivedEvent
}

export interface ConflictingEvent {
  readonly arrived: ArrivedEvent
  readonly first: StoredCopy
}

export interface SiftedEvents {
  readonly firsts: readonly FirstEvent[]
  readonly duplicates: readonly ArrivedEvent[]
  readonly conflicts: readonly ConflictingEvent[]
}

export function siftedEvents(events: readonly ArrivedEvent[], sifted: Sifted): SiftedEvents {
  const at = (row: number): ArrivedEvent => events[row] as ArrivedEvent
  return {
    firsts: Array.from(sifted.firsts, (row) => ({ arrived: at(row) })),
    duplicates: Array.from(sifted.duplicates, at),
    conflicts: sifted.conflicts.map(({ row, first }) => ({ arrived: at(row), first })),
  }
}
