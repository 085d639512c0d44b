/**
 * Step: one batch into ClickHouse. Four inserts, each under the batch's token: repeating any of them, or all, doubles
 * nothing. Minutes follow the events they add up, and the ledger comes last: what it counts is there.
 */
import { setImmediate as breathe } from 'node:timers/promises'
import type { ClickHouse, LedgerRow, QuarantineRow } from '@ecomind/clickhouse'
import { encodeLedgerRows, encodeMinuteColumns, encodeQuarantineRows, encodeUsageColumns } from '@ecomind/clickhouse'
import type { MinuteSelection, UsageSelection } from './batch-columns.ts'
import type { FaultPoint } from './fault-points.ts'

export interface BatchRows {
  readonly usage: UsageSelection
  /** Null where events go in that may be counted already: their days are compared and made again afterwards. */
  readonly minutes: MinuteSelection | null
  readonly quarantine: readonly QuarantineRow[]
  readonly ledger: readonly LedgerRow[]
}

/** Rows to one Native block; tests put their own in. */
export interface BlockEncoders {
  /** The block is good until the next one of the same batch. */
  readonly usage: (rows: UsageSelection) => Promise<Uint8Array>
  readonly minutes: (minutes: MinuteSelection) => Uint8Array
  readonly quarantine: (rows: readonly QuarantineRow[]) => Uint8Array
  readonly ledger: (rows: readonly LedgerRow[]) => Uint8Array
}

export const nativeEncoders: BlockEncoders = {
  usage: ({ columns, rows, buffer }) => encodeUsageColumns(columns, rows, buffer, breathe),
  minutes: ({ usage, minutes, buffer }) => encodeMinuteColumns(usage.columns, minutes, buffer),
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

/** Called before every insert. @throws FencedError when the partition went to another job meanwhile */
export type ConfirmOwner = () => Promise<void>

export type BatchTable = 'usage_events' | 'usage_minutes' | 'quarantine' | 'ingest_ledger'

/**
 * Resolves when the database has said yes to every row. Tables without rows are left alone. Returns the tables whose
 * insert was refused before: a yes to a repeat is not yet a proof (complete-batch.ts).
 * @throws what the database never will take
 */
export async function insertBatch(
  rows: BatchRows,
  token: string,
  context: InsertContext,
  confirmOwner: ConfirmOwner = async () => undefined,
): Promise<ReadonlySet<BatchTable>> {
  const { clickhouse, encoders, untilAccepted, faultPoint } = context
  const repeated = new Set<BatchTable>()
  const insert = async (table: BatchTable, block: Uint8Array): Promise<void> => {
    let attempts = 0
    await untilAccepted(async () => {
      await confirmOwner()
      attempts += 1
      if (attempts > 1) repeated.add(table)
      await clickhouse.insertNative(table, block, token)
    })
  }
  if (rows.usage.rows.length > 0) {
    const events = await encoders.usage(rows.usage)
    const minutes = rows.minutes === null ? null : encoders.minutes(rows.minutes)
    const insertEvents = async (): Promise<void> => {
      faultPoint('before-insert-usage')
      await insert('usage_events', events)
      faultPoint('after-insert-usage')
    }
    const insertMinutes = async (): Promise<void> => {
      if (minutes === null) return
      faultPoint('before-insert-minutes')
      await insert('usage_minutes', minutes)
      faultPoint('after-insert-minutes')
    }
    // One right behind the other on the connection, so that a comparison of rollups does not get in between.
    await bothSettled(insertEvents(), insertMinutes())
  }
  if (rows.quarantine.length > 0) {
    const block = encoders.quarantine(rows.quarantine)
    faultPoint('before-insert-quarantine')
    await insert('quarantine', block)
    faultPoint('after-insert-quarantine')
  }
  if (rows.ledger.length > 0) {
    const block = encoders.ledger(rows.ledger)
    faultPoint('before-insert-ledger')
    await insert('ingest_ledger', block)
    faultPoint('after-insert-ledger')
  }
  return repeated
}

/** Waits for both, whatever becomes of either: an insert that goes on by itself would meet the next batch. */
async function bothSettled(...inserts: readonly Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(inserts)) if (outcome.status === 'rejected') throw outcome.reason
}
