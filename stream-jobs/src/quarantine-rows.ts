/** Step: the rows of what was set aside, each with its reason and its bytes, so that it can be looked at and replayed. */
import type { QuarantineRow } from '@ecomind/clickhouse'
import { formatPosition, type QuarantineReason } from '@ecomind/schemas'
import type { PoisonRecord } from './decode-records.ts'
import type { BatchPosition } from './ledger.ts'
import type { ConflictingEvent } from './sifted-events.ts'

/** `log_index` of a quarantined record as a whole: no event of it could be read. */
export const WHOLE_RECORD_INDEX = 0xffff_ffff

export function quarantineRows(
  conflicts: readonly ConflictingEvent[],
  poison: readonly PoisonRecord[],
  at: BatchPosition,
): QuarantineRow[] {
  const rows = [...conflicts.map((c) => conflictRow(c, at)), ...poison.map((p) => poisonRow(p, at))]
  return rows.sort((a, b) => a.log_offset - b.log_offset || a.log_index - b.log_index)
}

function conflictRow({ arrived, first }: ConflictingEvent, at: BatchPosition): QuarantineRow {
  const reason: QuarantineReason = 'id_conflict'
  const firstAt = formatPosition({ ...first, partition: at.partition })
  return {
    org_id: arrived.event.org_id,
    event_id: arrived.event.event_id,
    reason,
    detail: `the first event with this id and other content stands at ${firstAt}`,
    raw: base64(arrived.bytes),
    schema_id: arrived.schemaId,
    arrived_at: arrived.arrivedAtMs,
    log_generation: at.generation,
    log_partition: at.partition,
    log_offset: arrived.offset,
    log_index: arrived.index,
  }
}

function poisonRow(record: PoisonRecord, at: BatchPosition): QuarantineRow {
  return {
    org_id: '',
    event_id: '',
    reason: record.reason,
    detail: record.detail,
    raw: base64(record.bytes),
    schema_id: record.schemaId,
    arrived_at: record.arrivedAtMs,
    log_generation: at.generation,
    log_partition: at.partition,
    log_offset: record.offset,
    log_index: WHOLE_RECORD_INDEX,
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
