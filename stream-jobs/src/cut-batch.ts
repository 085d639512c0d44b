/**
 * Step: where a batch ends. Always between two records, by events or bytes; what was not read in time is not in it.
 * The cut is written into the intent before anything is inserted, so it need not be repeatable.
 */
import type { StoredRecord } from '@ecomind/event-log'
import { type BatchSchemas, FOLDER_SCHEMAS } from '@ecomind/schemas/avro'
import { type DecodedRecords, decodeRecord } from './decode-records.ts'
import type { EventColumns } from './event-columns.ts'
import { inSlices } from './in-slices.ts'

export interface BatchLimits {
  /** A record that passes this many events is the last one of its batch. */
  readonly eventsMax: number
  /** A record that passes this many bytes is the last one of its batch. */
  readonly bytesMax: number
}

export interface CutBatch extends DecodedRecords {
  /** Offset of the first record. */
  readonly from: number
  /** The offset to read next. */
  readonly to: number
  readonly records: number
  readonly bytes: number
}

/**
 * Decodes records from the front into empty columns until a limit is passed. A record is never split.
 * @throws RangeError when there is no record
 */
export async function cutBatch(
  records: readonly StoredRecord[],
  limits: BatchLimits,
  events: EventColumns,
  schemas: BatchSchemas = FOLDER_SCHEMAS,
): Promise<CutBatch> {
  const first = records[0]
  if (first === undefined) throw new RangeError('cut a batch: 0 records, at least 1 is wanted')
  const decoded: DecodedRecords = { events, poison: [] }
  const slices = inSlices()
  let taken = 0
  let bytes = 0
  let to = first.offset
  for (const record of records) {
    const before = events.count
    decodeRecord(record, decoded, schemas)
    taken += 1
    bytes += record.value.length
    to = record.offset + 1
    if (events.count + decoded.poison.length >= limits.eventsMax || bytes >= limits.bytesMax) break
    if (slices.isOver(events.count - before)) await slices.breathe()
  }
  return { ...decoded, from: first.offset, to, records: taken, bytes }
}
