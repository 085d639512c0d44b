/** Chart arithmetic: an answer of /v1/usage becomes evenly spaced points with their comparison. Pure. */
import type { UsageAnswer, WindowSize, WindowStatus } from '@ecomind/schemas'
import { type ResolvedPeriod, windowsOf } from '../time/period.ts'
import { WINDOW_TEXT, windowText } from '../time/time-text.ts'
import { wallOf } from '../time/zone.ts'
import { METRIC_TEXT, type Metric, quantityText, quantityWithRange, type RangeValue, rangeOf } from './quantity.ts'

export interface TrendPoint extends RangeValue {
  readonly startMs: number
  readonly endMs: number
  readonly calls: number
  readonly status: WindowStatus
  /** Central value of the window at the same place of the compared period; null without comparison. */
  readonly previous: number | null
}

const NOTHING: RangeValue = { low: 0, central: 0, high: 0 }

/**
 * Compared windows meet by wall-clock distance from the start of their period, so that 14:00 meets 14:00 also when the
 * clocks changed in between. Of an hour that is shown twice the first one counts.
 */
function compareByDistance(answer: UsageAnswer, metric: Metric, period: ResolvedPeriod, zone: string) {
  const startWallMs = wallOf(period.previous.fromMs, zone)
  const byDistance = new Map<number, number>()
  for (const item of answer.compare?.items ?? []) {
    const distanceMs = wallOf(Date.parse(item.window_start), zone) - startWallMs
    if (!byDistance.has(distanceMs)) byDistance.set(distanceMs, item[metric])
  }
  return byDistance
}

/** One point a window. Windows without an item had no calls, so they are 0; they are final once the watermark has passed. */
export function trendPoints(answer: UsageAnswer, metric: Metric, period: ResolvedPeriod, zone: string): TrendPoint[] {
  const items = new Map(answer.items.map((item) => [Date.parse(item.window_start), item]))
  const compare = answer.compare === undefined ? null : compareByDistance(answer, metric, period, zone)
  const watermarkMs = answer.watermark === null ? Number.NEGATIVE_INFINITY : Date.parse(answer.watermark)
  const startWallMs = wallOf(period.fromMs, zone)
  return windowsOf(period, period.window, zone).map(({ fromMs: startMs, toMs: endMs }) => {
    const item = items.get(startMs)
    return {
      startMs,
      endMs,
      ...(item === undefined ? NOTHING : rangeOf(item, metric)),
      calls: item?.calls ?? 0,
      status: item?.status ?? (watermarkMs >= endMs ? 'final' : 'provisional'),
      previous: compare === null ? null : (compare.get(wallOf(startMs, zone) - startWallMs) ?? 0),
    }
  })
}

/** The state of a whole period: one provisional window makes it provisional, else one revised makes it revised. */
export function periodStatus(statuses: readonly WindowStatus[]): WindowStatus {
  if (statuses.includes('provisional')) return 'provisional'
  return statuses.includes('revised') ? 'revised' : 'final'
}

/** What one point says, for the cursor and for a screen reader. */
export function pointText(point: TrendPoint, metric: Metric, window: WindowSize, zone: string): string {
  const parts = [
    `${windowText(point.startMs, point.endMs, window, zone)}: ${quantityWithRange(metric, point)}`,
    `${point.calls} ${point.calls === 1 ? 'call' : 'calls'}`,
  ]
  if (point.previous !== null) parts.push(`before: ${quantityText(metric, point.previous)}`)
  if (point.status !== 'final') parts.push(point.status)
  return parts.join(', ')
}

/** The chart in one sentence: where the peak is and which way the second half went. */
export function trendSummary(points: readonly TrendPoint[], metric: Metric, window: WindowSize, zone: string): string {
  const name = METRIC_TEXT[metric].name
  const active = points.filter((point) => point.calls > 0)
  const peak = active.reduce<TrendPoint | undefined>(
    (best, point) => (best === undefined || point.central > best.central ? point : best),
    undefined,
  )
  if (peak === undefined) return `${name} per ${WINDOW_TEXT[window]}: no calls in this period.`
  const when = windowText(peak.startMs, peak.endMs, window, zone)
  const peakText = `the peak was ${quantityWithRange(metric, peak)} at ${when}`
  return `${name} per ${WINDOW_TEXT[window]}: ${peakText}; ${direction(points)}.`
}

function direction(points: readonly TrendPoint[]): string {
  const middle = Math.floor(points.length / 2)
  const sum = (part: readonly TrendPoint[]) => part.reduce((total, point) => total + point.central, 0)
  const earlier = sum(points.slice(0, middle))
  const later = sum(points.slice(points.length - middle))
  if (middle === 0) return 'one window only'
  if (later > earlier * 1.1) return 'the second half used more than the first'
  if (later < earlier * 0.9) return 'the second half used less than the first'
  return 'both halves used about the same'
}
