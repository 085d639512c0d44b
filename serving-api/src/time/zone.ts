/**
 * Time zones by their IANA names, as spans of one UTC offset. Everything about local days is plain arithmetic on
 * these spans, so the database needs no time-zone data of its own that could disagree with ours.
 */

export const DAY_MS = 86_400_000

/** From `startMs` until the next span the zone is `offsetMs` ahead of UTC. */
export interface OffsetSpan {
  readonly startMs: number
  readonly offsetMs: number
}

/** How many zones keep their formatter; there are about 600 names, and names come from clients. */
const FORMATTERS_MAX = 700
/** No zone has changed its offset twice within this time since 2000 (Morocco's Ramadan break is the shortest, 4 weeks). */
const PROBE_STEP_MS = 7 * DAY_MS
const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/

const formatters = new Map<string, Intl.DateTimeFormat>()

/** True for a name that Intl knows; never throws, whatever the text. */
export function isTimeZone(name: string): boolean {
  if (!ZONE_NAME.test(name)) return false
  try {
    formatterOf(name)
    return true
  } catch {
    return false
  }
}

/** Milliseconds the zone is ahead of UTC at an instant. @throws RangeError for an unknown zone */
export function offsetAt(tz: string, instantMs: number): number {
  if (tz === 'UTC') return 0
  const part: Record<string, number> = {}
  for (const p of formatterOf(tz).formatToParts(instantMs)) part[p.type] = Number(p.value)
  const local = Date.UTC(
    part['year'] ?? 0,
    (part['month'] ?? 1) - 1,
    part['day'] ?? 1,
    part['hour'] ?? 0,
    part['minute'] ?? 0,
    part['second'] ?? 0,
  )
  return local - Math.floor(instantMs / 1000) * 1000
}

/** The spans that cover [fromMs, toMs), ascending; the first starts at `fromMs`. */
export function offsetSpans(tz: string, fromMs: number, toMs: number): readonly OffsetSpan[] {
  const spans: OffsetSpan[] = [{ startMs: fromMs, offsetMs: offsetAt(tz, fromMs) }]
  if (tz === 'UTC') return spans
  let at = fromMs
  let offsetMs = offsetAt(tz, fromMs)
  while (at < toMs) {
    const next = Math.min(at + PROBE_STEP_MS, toMs)
    const nextOffsetMs = offsetAt(tz, next)
    if (nextOffsetMs !== offsetMs) {
      const startMs = firstInstantWith(tz, at, next, offsetMs)
      if (startMs < toMs) spans.push({ startMs, offsetMs: nextOffsetMs })
      offsetMs = nextOffsetMs
    }
    at = next
  }
  return spans
}

/** Bisects to the first whole second in (lowMs, highMs] whose offset is not `offsetMs`. */
function firstInstantWith(tz: string, lowMs: number, highMs: number, offsetMs: number): number {
  let low = Math.floor(lowMs / 1000)
  let high = Math.ceil(highMs / 1000)
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetAt(tz, middle * 1000) === offsetMs) low = middle
    else high = middle
  }
  return high * 1000
}

function formatterOf(tz: string): Intl.DateTimeFormat {
  const known = formatters.get(tz)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: tz,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  if (formatters.size >= FORMATTERS_MAX) formatters.clear()
  formatters.set(tz, made)
  return made
}
