/** What of a batch ClickHouse does not hold, compared by position: tokens and answers may be wrong, rows are not. */
import { crc32 } from 'node:zlib'
import { type LedgerRow, type QuarantineRow, RAW_KEPT_DAYS } from '@ecomind/clickhouse'
import { DAY_MS } from './arrival-day.ts'
import type { UsageSelection } from './batch-columns.ts'
import type { BatchRows } from './insert-batch.ts'
import type { Intent } from './intent.ts'
import { ledgerKeysIn, positionsIn } from './loaded-range.ts'
import type { PartitionContext } from './partition-context.ts'

/** The tables drop what is older (TTL of migrations/0001 and 0003): its absence means nothing. */
export const RAW_KEPT_DAYS_FROM_ARRIVAL = 36
export const QUARANTINE_KEPT_DAYS = 1130
/** ClickHouse has a clock of its own; a row this near its end counts as gone. */
const CLOCKS_APART_DAYS = 1

type Asking = Pick<PartitionContext, 'clickhouse' | 'untilAccepted' | 'clock'>

/** Rows of `rows` that are wanted and not there. Asks nothing about a table for which the batch has no rows. */
export async function findMissing(intent: Intent, rows: BatchRows, context: Asking): Promise<BatchRows> {
  const { clickhouse, untilAccepted, clock } = context
  const range = { generation: intent.generation, partition: intent.partition, from: intent.from, to: intent.to }
  const ask = async (wanted: { readonly length: number }, question: () => Promise<ReadonlySet<string>>) =>
    wanted.length === 0 ? new Set<string>() : await untilAccepted(question)

  const stored = await ask(rows.usage.rows, () => positionsIn(clickhouse, 'usage_events', range))
  const setAside = await ask(rows.quarantine, () => positionsIn(clickhouse, 'quarantine', range))
  const counted = await ask(rows.ledger, () => ledgerKeysIn(clickhouse, range))
  const fromMs = clock() + CLOCKS_APART_DAYS * DAY_MS
  return {
    usage: {
      ...rows.usage,
      rows: rows.usage.rows.filter(
        (row) => !stored.has(usagePositionOf(rows.usage, row)) && usageEndsAtMs(rows.usage, row) > fromMs,
      ),
    },
    minutes: null,
    quarantine: rows.quarantine.filter((row) => !setAside.has(positionOf(row)) && quarantineEndsAtMs(row) > fromMs),
    ledger: rows.ledger.filter((row) => !counted.has(ledgerKeyOf(row))),
  }
}

export function countRows({ usage, quarantine, ledger }: BatchRows): number {
  return usage.rows.length + quarantine.length + ledger.length
}

/** A number that changes with the set of rows: another set under an equal token would be swallowed. */
export function checksumOf({ usage, quarantine, ledger }: BatchRows): number {
  const positions = Array.from(usage.rows, (row) => usagePositionOf(usage, row))
  const keys = [positions, quarantine.map(positionOf), ledger.map(ledgerKeyOf)]
  return crc32(JSON.stringify(keys))
}

function usagePositionOf({ events }: UsageSelection, row: number): string {
  return `${events.offsets[row]}/${events.indexes[row]}`
}

function positionOf(row: QuarantineRow): string {
  return `${row.log_offset}/${row.log_index}`
}

function ledgerKeyOf(row: LedgerRow): string {
  return `${row.hour}/${row.org_id}`
}

function usageEndsAtMs({ events }: UsageSelection, row: number): number {
  const [tsMs = 0, arrivedAtMs = 0] = [events.ts[row], events.arrivedAtMs[row]]
  return Math.max(tsMs + RAW_KEPT_DAYS * DAY_MS, arrivedAtMs + RAW_KEPT_DAYS_FROM_ARRIVAL * DAY_MS)
}

/** An arrival of 0 is not known and such a row is kept. */
function quarantineEndsAtMs(row: QuarantineRow): number {
  return row.arrived_at === 0 ? Number.POSITIVE_INFINITY : row.arrived_at + QUARANTINE_KEPT_DAYS * DAY_MS
}
