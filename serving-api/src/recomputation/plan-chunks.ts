/** Cuts a period into chunks: whole days of one month, as many as stay below a number of events, so that work is bounded. */
import type { ClickHouse } from '@ecomind/clickhouse'
import type { ChunkPeriod } from './compiled-calls.ts'

/** A few seconds of work and some hundred MB; loading waits while the minutes of a chunk are computed. */
export const EVENTS_PER_CHUNK = 1_000_000
const DAY_MS = 86_400_000

export interface DayCalls {
  /** Epoch milliseconds, start of a UTC day. */
  readonly dayMs: number
  readonly calls: number
}

/** Days without calls are in no chunk. @param days ascending */
export function cutChunks(days: readonly DayCalls[], eventsMax = EVENTS_PER_CHUNK): readonly ChunkPeriod[] {
  const chunks: { fromMs: number; toMs: number; calls: number }[] = []
  for (const { dayMs, calls } of days) {
    const last = chunks.at(-1)
    const joins = last !== undefined && monthOf(last.fromMs) === monthOf(dayMs) && last.calls + calls <= eventsMax
    if (joins) Object.assign(last, { toMs: dayMs + DAY_MS, calls: last.calls + calls })
    else chunks.push({ fromMs: dayMs, toMs: dayMs + DAY_MS, calls })
  }
  return chunks.map(({ fromMs, toMs }) => ({ fromMs, toMs }))
}

/** YYYYMM, UTC: the partition of rollups. */
export function monthOf(ms: number): number {
  const date = new Date(ms)
  return date.getUTCFullYear() * 100 + date.getUTCMonth() + 1
}

/** @throws ClickHouseError */
export async function planChunks(ch: ClickHouse, orgId: string, period: ChunkPeriod): Promise<readonly ChunkPeriod[]> {
  const rows = await ch.query<{ day_ms: string; n: string }>({
    text: `SELECT toString(toUnixTimestamp(window_start) * 1000) AS day_ms, toString(sum(calls)) AS n
      FROM ecomind.usage_1d
      WHERE org_id = {org_id:String} AND window_start >= toDateTime({from_s:UInt32}, 'UTC')
        AND window_start < toDateTime({to_s:UInt32}, 'UTC')
      GROUP BY window_start HAVING sum(calls) != 0 ORDER BY window_start`,
    params: { org_id: orgId, from_s: period.fromMs / 1000, to_s: period.toMs / 1000 },
  })
  return cutChunks(rows.map((row) => ({ dayMs: Number(row.day_ms), calls: Number(row.n) })))
}
