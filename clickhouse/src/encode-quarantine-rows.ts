/** Rows of `quarantine` and `quarantine_replays` as one Native block each (migrations/0003). */
import { NativeBlock } from './native-block.ts'
import type { QuarantineRow, ReplayRow } from './usage-row.ts'

export function encodeQuarantineRows(rows: readonly QuarantineRow[]): Uint8Array {
  return new NativeBlock(rows.length)
    .lowCardinality('org_id', (i) => rows[i]?.org_id ?? '')
    .string('event_id', (i) => rows[i]?.event_id ?? '')
    .lowCardinality('reason', (i) => rows[i]?.reason ?? '')
    .string('detail', (i) => rows[i]?.detail ?? '')
    .string('raw', (i) => rows[i]?.raw ?? '')
    .uint32('schema_id', (i) => rows[i]?.schema_id ?? 0)
    .dateTime64Ms('arrived_at', (i) => rows[i]?.arrived_at ?? 0)
    .uint32('log_generation', (i) => rows[i]?.log_generation ?? 0)
    .uint16('log_partition', (i) => rows[i]?.log_partition ?? 0)
    .uint64('log_offset', (i) => rows[i]?.log_offset ?? 0)
    .uint32('log_index', (i) => rows[i]?.log_index ?? 0)
    .toBytes()
}

export function encodeReplayRows(rows: readonly ReplayRow[]): Uint8Array {
  return new NativeBlock(rows.length)
    .lowCardinality('org_id', (i) => rows[i]?.org_id ?? '')
    .uint32('log_generation', (i) => rows[i]?.log_generation ?? 0)
    .uint16('log_partition', (i) => rows[i]?.log_partition ?? 0)
    .uint64('log_offset', (i) => rows[i]?.log_offset ?? 0)
    .uint32('log_index', (i) => rows[i]?.log_index ?? 0)
    .string('event_id', (i) => rows[i]?.event_id ?? '')
    .lowCardinality('outcome', (i) => rows[i]?.outcome ?? '')
    .dateTime64Ms('replayed_at', (i) => rows[i]?.replayed_at ?? 0)
    .toBytes()
}
