/** The period that another one is compared with. */
import { invalidParameter } from '../http/api-error.ts'
import type { Compare } from '../parameters/shapes.ts'
import { periodOf } from '../parameters/times.ts'
import { dayNumberAt, dayStart } from '../time/days.ts'
import type { Period } from '../time/windows.ts'

const EARLIEST_MS = Date.UTC(2000, 0, 1)

/**
 * `previous`: as many whole days when the period is whole days of the zone (whose lengths may differ by an hour),
 * else the same length; it ends where the period starts.
 * @throws ApiError invalid_parameter
 */
export function comparePeriod(compare: Compare, period: Period, tz: string): Period {
  if (compare !== 'previous') return periodOf(compare.from, compare.to, tz, 'compare')
  const firstDay = dayNumberAt(tz, period.fromMs)
  const endDay = dayNumberAt(tz, period.toMs)
  const wholeDays = dayStart(tz, firstDay) === period.fromMs && dayStart(tz, endDay) === period.toMs
  const fromMs = wholeDays
    ? dayStart(tz, firstDay - (endDay - firstDay))
    : period.fromMs - (period.toMs - period.fromMs)
  if (fromMs < EARLIEST_MS) throw invalidParameter('compare', 'the previous period would begin before 2000-01-01')
  return { fromMs, toMs: period.fromMs }
}
