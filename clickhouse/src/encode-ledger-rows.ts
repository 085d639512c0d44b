/** Rows of `ingest_ledger` as one Native block (migrations/0003). Counts may be negative: replays. */
import { NativeBlock } from './native-block.ts'
import type { LedgerRow } from './usage-row.ts'

export function encodeLedgerRows(rows: readonly LedgerRow[]): Uint8Array {
  return new NativeBlock(rows.length)
    .lowCardinality('org_id', (i) => rows[i]?.org_id ?? '')
    .dateTime('hour', (i) => rows[i]?.hour ?? 0)
    .uint32('log_generation', (i) => rows[i]?.log_generation ?? 0)
    .uint16('log_partition', (i) => rows[i]?.log_partition ?? 0)
    .uint64('log_offset', (i) => rows[i]?.log_offset ?? 0)
    .int64('accepted', (i) => rows[i]?.accepted ?? 0)
    .int64('stored', (i) => rows[i]?.stored ?? 0)
    .int64('duplicate', (i) => rows[i]?.duplicate ?? 0)
    .int64('quarantined', (i) => rows[i]?.quarantined ?? 0)
    .toBytes()
}
