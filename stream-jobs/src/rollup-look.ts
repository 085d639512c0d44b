/** Looking at whether rollups agree with the raw rows: few questions to ClickHouse, however many days. */
import { type ClickHouse, miscountedDays } from '@ecomind/clickhouse'
import { DAY_MS } from './arrival-day.ts'
import { type DayRange, joinSpans, monthOf, spanMonths } from './day-ranges.ts'

export interface RollupLook {
  /** Spans that cover these epoch days, each to be looked at in one go. */
  plan(days: readonly number[]): Promise<readonly DayRange[]>
  /** Epoch days of a span that seem to differ. Days that agree do agree; others may only have an insert under way. */
  differingDays(span: DayRange): Promise<readonly number[]>
}

/**
 * Raw rows in one look, but for a month that alone has more. Inserts of the same connection wait for a question about
 * them; fewer rows would mean more questions, each of which waits for inserts. A judgement, not a measured optimum.
 */
const ROWS_MAX = 5_000_000

export function lookThrough(clickhouse: Pick<ClickHouse, 'query'>, rowsMax = ROWS_MAX): RollupLook {
  return {
    async plan(days) {
      if (days.length === 0) return []
      const months = await rawRowsByMonth(clickhouse)
      const rowsIn = ([first, last]: DayRange): number =>
        months.reduce((sum, { month, rows }) => sum + (month >= monthOf(first) && month <= monthOf(last) ? rows : 0), 0)
      return joinSpans(spanMonths(days), rowsIn, rowsMax)
    },
    async differingDays([first, last]) {
      const days = await miscountedDays(clickhouse, { fromDay: isoDay(first), toDay: isoDay(last) })
      return days.map((day) => Date.parse(day) / DAY_MS)
    },
  }
}

/** From the names of the partitions; no column is read. */
async function rawRowsByMonth(
  clickhouse: Pick<ClickHouse, 'query'>,
): Promise<readonly { readonly month: number; readonly rows: number }[]> {
  const text =
    'SELECT _partition_id AS month, toString(count()) AS rows FROM ecomind.usage_events GROUP BY _partition_id'
  const found = await clickhouse.query<{ month: string; rows: string }>({ text })
  return found.map(({ month, rows }) => ({ month: Number(month), rows: Number(rows) }))
}

function isoDay(epochDay: number): string {
  return new Date(epochDay * DAY_MS).toISOString().slice(0, 10)
}
