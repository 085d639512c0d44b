/** What a live view shows at one moment: the day so far, the last minutes and their windows. */
import type { LiveMessage } from '@ecomind/schemas'
import type { Filter } from '../parameters/filters.ts'
import type { OrgScope } from '../scope.ts'
import { dayNumberAt, localDay } from '../time/days.ts'
import { WINDOW_MS } from '../time/windows.ts'
import { askUsage, type ReportBasis, reportUsage } from '../usage/usage-report.ts'

const MINUTE_MS = WINDOW_MS['1m']
const WINDOWS = 60
const SHORT_WINDOWS = 5

export interface LiveView {
  readonly tz: string
  readonly filters: readonly Filter[]
}

/**
 * `last_5m` and `last_60m` are the present minute and the 4 or 59 before it. `calls_per_minute` is over the time of
 * `last_5m` that has passed. `windows` are all 60.
 */
export async function takeSnapshot(
  scope: OrgScope,
  basis: ReportBasis,
  view: LiveView,
  nowMs: number,
): Promise<LiveMessage> {
  const { tz, filters } = view
  const bucket = Math.floor(nowMs / MINUTE_MS)
  const period = { fromMs: (bucket - WINDOWS + 1) * MINUTE_MS, toMs: (bucket + 1) * MINUTE_MS }
  const minutes = await askUsage(scope, basis, { period, tz, window: '1m', groupBy: [], filters })
  const day = localDay(tz, dayNumberAt(tz, nowMs))
  const today = await reportUsage(scope, basis, {
    period: { fromMs: day.startMs, toMs: day.endMs },
    tz,
    window: undefined,
    groupBy: [],
    filters,
  })
  const firstBucket = bucket - SHORT_WINDOWS + 1
  const last5m = minutes.totals(firstBucket)
  return {
    at: new Date(nowMs).toISOString(),
    watermark: basis.watermarkMs === null ? null : new Date(basis.watermarkMs).toISOString(),
    today: today.totals,
    last_5m: last5m,
    last_60m: minutes.totals(),
    calls_per_minute: (last5m.calls * MINUTE_MS) / (nowMs - firstBucket * MINUTE_MS),
    windows: [...minutes.items()],
  }
}

/** The message with only the windows that are new or different, or null when there is nothing to tell. */
export function changesSince(before: LiveMessage, now: LiveMessage): LiveMessage | null {
  const known = new Map(before.windows.map((w) => [w.window_start, JSON.stringify(w)]))
  const windows = now.windows.filter((w) => known.get(w.window_start) !== JSON.stringify(w))
  const same =
    windows.length === 0 &&
    JSON.stringify([before.today, before.last_5m, before.last_60m]) ===
      JSON.stringify([now.today, now.last_5m, now.last_60m])
  return same ? null : { ...now, windows }
}
