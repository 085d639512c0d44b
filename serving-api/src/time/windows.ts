/**
 * Tumbling windows over a period: half-open, aligned to the epoch in UTC; days follow the calendar of a zone. The
 * first and the last window are cut at the ends of the period, so that every window counts exactly what lies between
 * its own start and end.
 */
import type { WindowSize } from '@ecomind/schemas'
import { daysBetween } from './days.ts'
import { DAY_MS, type OffsetSpan, offsetSpans } from './zone.ts'

export interface Period {
  readonly fromMs: number
  readonly toMs: number
}

/** As answers state it: RFC 3339 in UTC. */
export const isoPeriod = ({ fromMs, toMs }: Period): { from: string; to: string } => ({
  from: new Date(fromMs).toISOString(),
  to: new Date(toMs).toISOString(),
})

/** A number that is the same for all instants of one window: instant / size, or the zone's day number. */
export type BucketNumber = number

export interface TimeWindow extends Period {
  readonly bucket: BucketNumber
}

/** How instants are put into windows; the same rule as data for the database. */
export type Bucketing =
  /** One bucket, number 0, for the whole period. */
  | { readonly kind: 'whole' }
  | { readonly kind: 'fixed'; readonly sizeMs: number }
  | { readonly kind: 'days'; readonly spans: readonly OffsetSpan[] }

export const WINDOW_MS: Readonly<Record<Exclude<WindowSize, '1d'>, number>> = {
  '1m': 60_000,
  '15m': 900_000,
  '1h': 3_600_000,
}

export function bucketingOf(window: WindowSize | undefined, tz: string, period: Period): Bucketing {
  if (window === undefined) return { kind: 'whole' }
  if (window === '1d') return { kind: 'days', spans: offsetSpans(tz, period.fromMs, period.toMs) }
  return { kind: 'fixed', sizeMs: WINDOW_MS[window] }
}

/** How many windows the period has, at most; cheap, so that it can be asked before they are made. */
export function countWindows(window: WindowSize | undefined, period: Period): number {
  if (window === undefined) return 1
  const sizeMs = window === '1d' ? DAY_MS : WINDOW_MS[window]
  return Math.ceil(period.toMs / sizeMs) - Math.floor(period.fromMs / sizeMs)
}

/** Every window of the period, ascending. */
export function windowsOf(window: WindowSize | undefined, tz: string, period: Period): readonly TimeWindow[] {
  if (window === undefined) return [{ bucket: 0, ...period }]
  if (window === '1d') {
    return daysBetween(tz, period.fromMs, period.toMs).map((d) => ({
      bucket: d.day,
      fromMs: d.startMs,
      toMs: d.endMs,
    }))
  }
  const sizeMs = WINDOW_MS[window]
  const windows: TimeWindow[] = []
  for (let bucket = Math.floor(period.fromMs / sizeMs); bucket * sizeMs < period.toMs; bucket++) {
    const fromMs = Math.max(period.fromMs, bucket * sizeMs)
    windows.push({ bucket, fromMs, toMs: Math.min(period.toMs, (bucket + 1) * sizeMs) })
  }
  return windows
}
