/** The events in the bytes of a quarantine row: one event's own bytes, or a whole record that may be readable by now. */
import type { UsageEvent } from '@ecomind/schemas'
import {
  type BatchSchemas,
  type DecodedBatch,
  decodeBatch,
  FOLDER_SCHEMAS,
  frameBatch,
  schemaIdOf,
  UndecodableBatchError,
} from '@ecomind/schemas/avro'
import type { QuarantineRecord } from '../questions/quarantine.ts'

/** `log_index` of a row that holds a whole record, because no event of it could be read. */
export const WHOLE_RECORD_INDEX = 0xffff_ffff

const EMPTY_HEAD = { arrivedAtMs: 0, edgeId: '', replayOf: null }

/** Of the whole records among them: the bytes of an event alone are those of our own schema. */
export function schemaIdsOf(records: readonly QuarantineRecord[]): readonly number[] {
  return records.flatMap(({ position, raw }) => (position.index === WHOLE_RECORD_INDEX ? (schemaIdOf(raw) ?? []) : []))
}

/** Null when this version can't read the bytes either. */
export function decodeRaw(record: QuarantineRecord, schemas: BatchSchemas): readonly UsageEvent[] | null {
  const whole = record.position.index === WHOLE_RECORD_INDEX
  const batch = whole
    ? tryDecode(record.raw, schemas)
    : tryDecode(frameBatch(EMPTY_HEAD, 1, record.raw), FOLDER_SCHEMAS)
  return batch === null ? null : batch.events.map((e) => e.event)
}

function tryDecode(bytes: Buffer, schemas: BatchSchemas): DecodedBatch | null {
  try {
    return decodeBatch(bytes, schemas)
  } catch (error) {
    if (error instanceof UndecodableBatchError) return null
    throw error
  }
}
