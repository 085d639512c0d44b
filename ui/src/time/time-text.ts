/** Times as text, always in a stated zone. English with a 24-hour clock and day before month, so 03/04 can't be misread. */
import type { WindowSize } from '@ecomind/schemas'
import type { Period, Preset, Span } from './period.ts'
import { startOfDay } from './zone.ts'

const cache = new Map<string, Intl.DateTimeFormat>()

function format(ms: number, zone: string, options: Intl.DateTimeFormatOptions): string {
  const key = zone + JSON.stringify(options)
  let formatter = cache.get(key)
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone })
    cache.set(key, formatter)
  }
  return formatter.format(ms)
}

export function clock(ms: number, zone: string): string {
  return format(ms, zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
}

export function clockSeconds(ms: number, zone: string): string {
  return format(ms, zone, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })
}

export function day(ms: number, zone: string): string {
  return format(ms, zone, { day: 'numeric', month: 'short' })
}

export function dayAndYear(ms: number, zone: string): string {
  return format(ms, zone, { day: 'numeric', month: 'short', year: 'numeric' })
}

export function dayAndClock(ms: number, zone: string): string {
  return `${day(ms, zone)}, ${clock(ms, zone)}`
}

/** The name of a window: `12 Mar` for a day, `12 Mar, 14:00-14:15` for a shorter one. */
export function windowText(startMs: number, endMs: number, window: WindowSize, zone: string): string {
  if (window === '1d') return format(startMs, zone, { weekday: 'short', day: 'numeric', month: 'short' })
  return `${dayAndClock(startMs, zone)}–${clock(endMs, zone)}`
}

/** A stretch of time: days without a clock when both ends are midnights. */
export function spanText(span: Span, zone: string): string {
  const { fromMs, toMs } = span
  if (startOfDay(fromMs, zone) === fromMs && startOfDay(toMs, zone) === toMs) {
    const last = toMs - 1
    const from = dayAndYear(fromMs, zone)
    return from === dayAndYear(last, zone) ? from : `${from} – ${dayAndYear(last, zone)}`
  }
  if (day(fromMs, zone) === day(toMs - 1, zone)) {
    return `${dayAndYear(fromMs, zone)}, ${clock(fromMs, zone)}–${clock(toMs, zone)}`
  }
  return `${dayAndYear(fromMs, zone)}, ${clock(fromMs, zone)} – ${dayAndYear(toMs, zone)}, ${clock(toMs, zone)}`
}

const PRESET_TEXT: Readonly<Record<Preset, string>> = {
  today: 'Today',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
}

export function periodText(period: Period, zone: string): string {
  return period.kind === 'preset' ? PRESET_TEXT[period.preset] : spanText(period, zone)
}

/** What the comparison stretch is called in a sentence. */
export function previousText(period: Period): string {
  if (period.kind === 'custom') return 'the period before'
  const names: Readonly<Record<Preset, string>> = {
    today: 'yesterday up to this time',
    '24h': 'the 24 hours before',
    '7d': 'the 7 days before',
    '30d': 'the 30 days before',
  }
  return names[period.preset]
}

export const WINDOW_TEXT: Readonly<Record<WindowSize, string>> = {
  '1m': 'minute',
  '15m': '15 minutes',
  '1h': 'hour',
  '1d': 'day',
}
