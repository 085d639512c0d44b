/**
 * Step: one batch into ClickHouse. Three inserts, each under the batch's token: repeating any of them, or all, changes
 * nothing. The ledger comes last: what it counts is there.
 */
import type { ClickHouse, LedgerRow, QuarantineRow, UsageRow } from '@ecomind/clickhouse'
import { encodeLedgerRows, encodeQuarantineRows, encodeUsageRows } from '@ecomind/clickhouse'
import type { FaultPoint } from './fault-points.ts'

export interface BatchRows {
  readonly usage: readonly UsageRow[]
  readonly quarantine: readonly QuarantineRow[]
  readonly ledger: readonly LedgerRow[]
}

/** Rows to one Native block; tests put their own in. */
export interface BlockEncoders {
  readonly usage: (rows: readonly UsageRow[]) => Uint8Array
  readonly quarantine: (rows: readonly QuarantineRow[]) => Uint8Array
  readonly ledger: (rows: readonly LedgerRow[]) => Uint8Array
}

export const nativeEncoders: BlockEncoders = {
  usage: encodeUsageRows,
  quarantine: encodeQuarantineRows,
  ledger: encodeLedgerRows,
}

export interface InsertContext {
  readonly clickhouse: Pick<ClickHouse, 'insertNative'>
  readonly encoders: BlockEncoders
  /** Runs one insert until the database takes it. */
  readonly untilAccepted: (action: () => Promise<void>) => Promise<void>
  readonly faultPoint: FaultPoint
}

/** Resolves when every row is durable. Tables without rows are left alone. @throws what the database never will take */
export async function insertBatch(rows: BatchRows, token: string, context: InsertContext): Promise<void> {
  const { clickhouse, encoders, untilAccepted, faultPoint } = context
  if (rows.usage.length > 0) {
    const block = encoders.usage(rows.usage)
    faultPoint('before-insert-usage')
    await untilAccepted(() => clickhouse.insertNative('usage_events', block, token))
    faultPoint('after-insert-usage')
  }
  if (rows.quarantine.length > 0) {
    const block = encoders.quarantine(rows.quarantine)
    faultPoint('before-insert-quarantine')
    await untilAccepted(() => clickhouse.insertNative('quarantine', block, token))
    faultPoint('after-insert-quarantine')
  }
  if (rows.ledger.length > 0) {
    const block = encoders.ledger(rows.ledger)
    faultPoint('before-insert-ledger')
    await untilAccepted(() => clickhouse.insertNative('ingest_ledger', block, token))
    faultPoint('after-insert-ledger')
  }
}
