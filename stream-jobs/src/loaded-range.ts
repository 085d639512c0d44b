/** Questions to ClickHouse about what of the log it already holds. Positions are the truth; notes and indexes follow. */
import type { ClickHouse } from '@ecomind/clickhouse'

export interface LogRange {
  readonly generation: number
  readonly partition: number
  readonly from: number
  /** Exclusive. */
  readonly to: number
}

type BatchStart = Omit<LogRange, 'to'>
type Asking = Pick<ClickHouse, 'query'>

const IN_RANGE =
  'log_generation = {generation:UInt32} AND log_partition = {partition:UInt16} AND log_offset >= {from:UInt64} AND log_offset < {to:UInt64}'
/** Ledger rows carry the first offset of their batch. */
const OF_BATCH =
  'log_generation = {generation:UInt32} AND log_partition = {partition:UInt16} AND log_offset = {from:UInt64}'
/** A parameter without a place in the statement is refused, so a whole range must not be bound here. */
const startOf = ({ generation, partition, from }: BatchStart) => ({ generation, partition, from })
/** Above every offset a log can give. */
export const OFFSET_END = Number.MAX_SAFE_INTEGER

/** Rows of usage_events in the range. */
export async function countUsageRows(clickhouse: Asking, range: LogRange): Promise<number> {
  const text = `SELECT count() AS rows FROM ecomind.usage_events WHERE ${IN_RANGE}`
  const [answer] = await clickhouse.query<{ rows: string }>({ text, params: { ...range } })
  return Number(answer?.rows ?? 0)
}

/** `offset/index` of every row of a table in the range. */
export async function positionsIn(
  clickhouse: Asking,
  table: 'usage_events' | 'quarantine',
  range: LogRange,
): Promise<ReadonlySet<string>> {
  const text = `SELECT toString(log_offset) AS o, toString(log_index) AS i FROM ecomind.${table} WHERE ${IN_RANGE}`
  const rows = await clickhouse.query<{ o: string; i: string }>({ text, params: { ...range } })
  return new Set(rows.map((row) => `${row.o}/${row.i}`))
}

/** `hour/organisation` (hour in epoch seconds) of every ledger row of the batch that begins at `from`. */
export async function ledgerKeysIn(clickhouse: Asking, batch: BatchStart): Promise<ReadonlySet<string>> {
  const text = `SELECT toString(toUnixTimestamp(hour)) AS h, org_id AS org FROM ecomind.ingest_ledger WHERE ${OF_BATCH}`
  const rows = await clickhouse.query<{ h: string; org: string }>({ text, params: startOf(batch) })
  return new Set(rows.map((row) => `${row.h}/${row.org}`))
}

/** Whether the ledger counts the batch that begins at `from`. Every finished batch has at least one row there. */
export async function isInLedger(clickhouse: Asking, batch: BatchStart): Promise<boolean> {
  const text = `SELECT count() AS rows FROM ecomind.ingest_ledger WHERE ${OF_BATCH}`
  const [answer] = await clickhouse.query<{ rows: string }>({ text, params: startOf(batch) })
  return Number(answer?.rows ?? 0) > 0
}
