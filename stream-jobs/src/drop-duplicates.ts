/**
 * Step: of every (organisation, event id) the first copy by position is kept. A later copy with the same content is a
 * duplicate, one with other content a conflict for the quarantine. The decision looks at earlier positions only:
 * what the index holds from the batch's own start on is ignored, so a redo does not eat its own events.
 */
import { arrivalDay, isWithinRetention } from './arrival-day.ts'
import type { ArrivedEvent } from './decode-records.ts'
import { idKey } from './id-key.ts'

/** What the index knows of an id: where a copy was stored, when it arrived, what it said. */
export interface StoredCopy {
  readonly generation: number
  readonly offset: number
  readonly index: number
  readonly contentHash: number
  readonly arrivalDay: number
}

/** Copies of a key that were stored; newest bucket first. */
export type CopyLookup = (key: string) => readonly StoredCopy[]

export interface BatchStart {
  readonly generation: number
  /** First offset of the batch. */
  readonly from: number
  readonly retentionDays: number
}

/** An event that is a first copy, with its key for the index. */
export interface FirstEvent {
  readonly arrived: ArrivedEvent
  readonly key: string
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

export function dropDuplicates(events: readonly ArrivedEvent[], start: BatchStart, lookup: CopyLookup): SiftedEvents {
  const firsts: FirstEvent[] = []
  const duplicates: ArrivedEvent[] = []
  const conflicts: ConflictingEvent[] = []
  const inBatch = new Map<string, StoredCopy>()
  for (const arrived of events) {
    const key = idKey(arrived.event.org_id, arrived.event.event_id)
    const day = arrivalDay(arrived.arrivedAtMs)
    const first = liveCopy(inBatch.get(key), day, start) ?? earlierCopy(lookup(key), day, start)
    if (first === undefined) {
      firsts.push({ arrived, key })
      inBatch.set(key, copyOf(arrived, day, start.generation))
    } else if (first.contentHash === arrived.contentHash) duplicates.push(arrived)
    else conflicts.push({ arrived, first })
  }
  return { firsts, duplicates, conflicts }
}

export function copyOf(arrived: ArrivedEvent, day: number, generation: number): StoredCopy {
  const { offset, index, contentHash } = arrived
  return { generation, offset, index, contentHash, arrivalDay: day }
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
