/** The events in the bytes of a quarantine row: one event's own bytes, or a whole record that may be readable by now. */
import type { UsageEvent } from '@ecomind/schemas'
import { type DecodedBatch, decodeBatch, frameBatch, UndecodableBatchError } from '@ecomind/schemas/avro'
import type { QuarantineRecord } from '../questions/quarantine.ts'

/** `log_index` of a row that holds a whole record, because no event of it could be read. */
export const WHOLE_RECORD_INDEX = 0xffff_ffff

const EMPTY_HEAD = { arrivedAtMs: 0, edgeId: '', replayOf: null }

/** Null when this version can't read the bytes either. */
export function decodeRaw(record: QuarantineRecord): readonly UsageEvent[] | null {
  const whole = record.position.index === WHOLE_RECORD_INDEX
  const batch = tryDecode(whole ? record.raw : frameBatch(EMPTY_HEAD, 1, record.raw))
  return batch === null ? null : batch.events.map((e) => e.event)
}

function tryDecode(bytes: Buffer): DecodedBatch | null {
  try {
    return decodeBatch(bytes)
  } catch (error) {
    if (error instanceof UndecodableBatchError) return null
    throw error
  }
}
