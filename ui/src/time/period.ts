/** From what the user chose to what is asked of the API: from, to, window size and the period to compare with. Pure. */
import type { WindowSize } from '@ecomind/schemas'
import { addDays, startOfDay, wallOf } from './zone.ts'

export const PRESETS = ['today', '24h', '7d', '30d'] as const
export type Preset = (typeof PRESETS)[number]
export type Period =
  | { readonly kind: 'preset'; readonly preset: Preset }
  | { readonly kind: 'custom'; readonly fromMs: number; readonly toMs: number }

export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** Half-open [fromMs, toMs), UTC epoch milliseconds. */
export interface ResolvedPeriod extends Span {
  readonly window: WindowSize
  readonly previous: Span
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

export const WINDOW_MS: Readonly<Record<WindowSize, number>> = {
  '1m': MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '1h': HOUR_MS,
  '1d': DAY_MS,
}

/** Shortest span that can be chosen or zoomed to. */
export const SPAN_MIN_MS = 5 * MINUTE_MS
/** Longest span: three years and a day, which is as far back as the edge accepts events by default. */
export const SPAN_MAX_MS = 1096 * DAY_MS

/** The window that gives 24 to 200 points, about 2 pixels or more each. */
export function windowFor(spanMs: number): WindowSize {
  if (spanMs <= 3 * HOUR_MS) return '1m'
  if (spanMs <= 2 * DAY_MS) return '15m'
  if (spanMs <= 8 * DAY_MS) return '1h'
  return '1d'
}

function floorTo(ms: number, stepMs: number): number {
  return Math.floor(ms / stepMs) * stepMs
}

/** The first quarter of an hour after now: the running window is part of the answer, and the question changes rarely. */
function nextQuarter(nowMs: number): number {
  return floorTo(nowMs, WINDOW_MS['15m']) + WINDOW_MS['15m']
}

function isMidnight(ms: number, zone: string): boolean {
  return startOfDay(ms, zone) === ms
}

function customPeriod(fromMs: number, toMs: number, zone: string): ResolvedPeriod {
  const window = windowFor(toMs - fromMs)
  if (isMidnight(fromMs, zone) && isMidnight(toMs, zone)) {
    // Whole local days are compared with as many whole local days, so that neither side has 23 or 25 hours too few.
    const days = Math.round((wallOf(toMs, zone) - wallOf(fromMs, zone)) / DAY_MS)
    return { fromMs, toMs, window, previous: { fromMs: addDays(fromMs, -days, zone), toMs: fromMs } }
  }
  return { fromMs, toMs, window, previous: { fromMs: 2 * fromMs - toMs, toMs: fromMs } }
}

/** Presets of local days compare with the same wall-clock stretch that many days before: today until 14:40 with yesterday until 14:40. */
function daysUntilNow(days: number, compareDays: number, nowMs: number, zone: string): ResolvedPeriod {
  const fromMs = addDays(startOfDay(nowMs, zone), 1 - days, zone)
  const toMs = nextQuarter(nowMs)
  const previous = { fromMs: addDays(fromMs, -compareDays, zone), toMs: addDays(toMs, -compareDays, zone) }
  return { fromMs, toMs, window: windowFor(days * DAY_MS), previous }
}

/** Resolves what was chosen at one moment in one zone. */
export function resolvePeriod(period: Period, nowMs: number, zone: string): ResolvedPeriod {
  if (period.kind === 'custom') return customPeriod(period.fromMs, period.toMs, zone)
  switch (period.preset) {
    case 'today':
      return daysUntilNow(1, 1, nowMs, zone)
    case '24h': {
      const toMs = nextQuarter(nowMs)
      const fromMs = toMs - DAY_MS
      return { fromMs, toMs, window: '15m', previous: { fromMs: fromMs - DAY_MS, toMs: fromMs } }
    }
    case '7d':
      return daysUntilNow(7, 7, nowMs, zone)
    case '30d':
      return daysUntilNow(30, 30, nowMs, zone)
  }
}

/** The first boundary of windows after `ms`: epoch-aligned, or the next local midnight for days. */
function boundaryAfter(ms: number, window: WindowSize, zone: string): number {
  if (window === '1d') return addDays(startOfDay(ms, zone), 1, zone)
  return floorTo(ms, WINDOW_MS[window]) + WINDOW_MS[window]
}

/** Every window that touches [from, to), the first and the last cut at the ends, as the API cuts them. */
export function windowsOf(span: Span, window: WindowSize, zone: string): Span[] {
  const windows: Span[] = []
  for (let fromMs = span.fromMs; fromMs < span.toMs; ) {
    const toMs = Math.min(span.toMs, boundaryAfter(fromMs, window, zone))
    windows.push({ fromMs, toMs })
    fromMs = toMs
  }
  return windows
}
