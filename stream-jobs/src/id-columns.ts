/** Ids as columns, from the events of a batch. */
import { arrivalDay } from './arrival-day.ts'
import type { ArrivedEvent } from './decode-records.ts'
import type { IdColumns } from './dedupe-index.ts'
import { type IdKeys, KEY_WORDS } from './id-key.ts'

export function allocateIds(count: number): IdColumns {
  return {
    count,
    keys: new Uint32Array(count * KEY_WORDS),
    offsets: new Float64Array(count),
    indexes: new Uint32Array(count),
    contentHashes: new Uint32Array(count),
    arrivalDays: new Int32Array(count),
  }
}

export function idsOf(events: readonly ArrivedEvent[], keyOf: IdKeys): IdColumns {
  const ids = allocateIds(events.length)
  for (const [row, { event, offset, index, contentHash, arrivedAtMs }] of events.entries()) {
    keyOf.writeText(event.org_id, event.event_id, ids.keys, row)
    ids.offsets[row] = offset
    ids.indexes[row] = index
    ids.contentHashes[row] = contentHash
    ids.arrivalDays[row] = arrivalDay(arrivedAtMs)
  }
  return ids
}
