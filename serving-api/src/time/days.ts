/** Calendar days of a zone: 23, 24 or 25 hours long, or any other length its clock changes make. */
import { DAY_MS, offsetAt, offsetSpans } from './zone.ts'

/** Days since 1970-01-01 on the zone's own calendar. */
export type DayNumber = number

export interface LocalDay {
  readonly day: DayNumber
  readonly startMs: number
  readonly endMs: number
}

/** Offsets of UTC lie within this; a day's start is looked for that far around UTC midnight. */
const OFFSET_MS_MAX = 16 * 3_600_000

/** The zone's calendar day at an instant. */
export function dayNumberAt(tz: string, instantMs: number): DayNumber {
  return Math.floor((instantMs + offsetAt(tz, instantMs)) / DAY_MS)
}

/** The first instant that is not before the day on the zone's calendar (not always midnight: clocks may skip it). */
export function dayStart(tz: string, day: DayNumber): number {
  const fromMs = day * DAY_MS - OFFSET_MS_MAX
  const toMs = day * DAY_MS + OFFSET_MS_MAX
  const spans = offsetSpans(tz, fromMs, toMs)
  for (const [i, span] of spans.entries()) {
    const endMs = spans[i + 1]?.startMs ?? toMs
    const startMs = Math.max(span.startMs, day * DAY_MS - span.offsetMs)
    if (startMs < endMs) return startMs
  }
  return toMs
}

/** The day as a whole. Its length is 0 for a date that the zone skipped (Samoa, 2011-12-30). */
export function localDay(tz: string, day: DayNumber): LocalDay {
  return { day, startMs: dayStart(tz, day), endMs: dayStart(tz, day + 1) }
}

/** The days of [fromMs, toMs), ascending, the first and the last cut at the period's ends; skipped dates are left out. */
export function daysBetween(tz: string, fromMs: number, toMs: number): readonly LocalDay[] {
  const days = new Map<DayNumber, LocalDay>()
  const spans = offsetSpans(tz, fromMs, toMs)
  for (const [i, span] of spans.entries()) {
    const spanEndMs = spans[i + 1]?.startMs ?? toMs
    let startMs = span.startMs
    while (startMs < spanEndMs) {
      const day = Math.floor((startMs + span.offsetMs) / DAY_MS)
      const endMs = Math.min(spanEndMs, (day + 1) * DAY_MS - span.offsetMs)
      days.set(day, { day, startMs: days.get(day)?.startMs ?? startMs, endMs })
      startMs = endMs
    }
  }
  return [...days.values()]
}

/** `YYYY-MM-DD` of a day number. */
export function formatDay(day: DayNumber): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}

/** The day number of `YYYY-MM-DD`, or null when there is no such date. */
export function parseDay(text: string): DayNumber | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null
  const ms = Date.parse(`${text}T00:00:00.000Z`)
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text) return null
  return ms / DAY_MS
}
