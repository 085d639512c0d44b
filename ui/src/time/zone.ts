/**
 * Wall-clock arithmetic in an IANA zone, on top of Intl (no library: these few functions are all the page needs).
 * A "wall" number is the clock on the wall read as if it were UTC, in milliseconds.
 */

const DAY_MS = 86_400_000
const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    formats.set(zone, format)
  }
  return format
}

/** Whether this browser knows the zone. */
export function isZone(zone: string): boolean {
  try {
    formatOf(zone)
    return true
  } catch {
    return false
  }
}

export function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** Offset from UTC, ms (east is positive), at an instant. */
export function zoneOffsetMs(instantMs: number, zone: string): number {
  const parts: Record<string, number> = {}
  for (const { type, value } of formatOf(zone).formatToParts(instantMs)) parts[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instantMs / 1000) * 1000
}

export function wallOf(instantMs: number, zone: string): number {
  return instantMs + zoneOffsetMs(instantMs, zone)
}

/**
 * The instant at which the wall shows `wallMs`. Shown twice (clocks set back): the first. Never shown (clocks set
 * forward): the instant as far after the jump as the wall time lies inside it. This is Temporal's "compatible" rule.
 */
export function instantOf(wallMs: number, zone: string): number {
  const byOffsetBefore = wallMs - zoneOffsetMs(wallMs - DAY_MS, zone)
  const byOffsetAfter = wallMs - zoneOffsetMs(wallMs + DAY_MS, zone)
  const fitting = [byOffsetBefore, byOffsetAfter].filter((instant) => wallOf(instant, zone) === wallMs)
  return fitting.length > 0 ? Math.min(...fitting) : byOffsetBefore
}

/** First instant of the local day that holds `instantMs`. */
export function startOfDay(instantMs: number, zone: string): number {
  return instantOf(Math.floor(wallOf(instantMs, zone) / DAY_MS) * DAY_MS, zone)
}

/** The same wall time `days` local days later (earlier when negative), whatever those days' lengths. */
export function addDays(instantMs: number, days: number, zone: string): number {
  return instantOf(wallOf(instantMs, zone) + days * DAY_MS, zone)
}

/** The value of a datetime-local input (`2026-03-12T09:30`) for an instant. */
export function toLocalInput(instantMs: number, zone: string): string {
  return new Date(wallOf(instantMs, zone)).toISOString().slice(0, 16)
}

/** The instant of a datetime-local value, or null when it is empty or no date. */
export function fromLocalInput(value: string, zone: string): number | null {
  const wallMs = Date.parse(`${value}Z`)
  return Number.isNaN(wallMs) ? null : instantOf(wallMs, zone)
}
