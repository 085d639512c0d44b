/** RFC 3339 date-times, strictly: what `Date.parse` accepts beyond them differs between engines. */

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const

/**
 * Epoch milliseconds (digits behind the millisecond are cut), or null when the text is not a valid RFC 3339
 * date-time: an impossible calendar day, an hour of 24, a leap second or an offset beyond 23:59 is refused.
 */
export function parseRfc3339(text: string): number | null {
  return parseUsualForm(text) ?? parseAnyForm(text)
}

/**
 * The form that nearly every client sends, `2026-11-23T12:00:00Z` or `...:00.123Z`, without a regular expression,
 * because the edge does this for every event. Null says only: not this form, or not valid; look closely.
 */
function parseUsualForm(text: string): number | null {
  const { length } = text
  const millis = length === 24
  if ((length !== 20 && !millis) || text.charCodeAt(length - 1) !== 0x5a || !hasSeparators(text, millis)) return null
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2)
  const month = twoDigits(text, 5)
  const day = twoDigits(text, 8)
  const hour = twoDigits(text, 11)
  const minute = twoDigits(text, 14)
  const second = twoDigits(text, 17)
  const ms = millis ? twoDigits(text, 20) * 10 + (twoDigits(text, 21) % 10) : 0
  // NaN of a wrong digit makes every comparison false.
  const valid = year >= 100 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month) && hour <= 23
  return valid && minute <= 59 && second <= 59 && ms >= 0
    ? Date.UTC(year, month - 1, day, hour, minute, second, ms)
    : null
}

/** `....-..-..T..:..:..` and a dot before milliseconds. */
function hasSeparators(text: string, millis: boolean): boolean {
  return (
    text.charCodeAt(4) === 0x2d &&
    text.charCodeAt(7) === 0x2d &&
    text.charCodeAt(10) === 0x54 &&
    text.charCodeAt(13) === 0x3a &&
    text.charCodeAt(16) === 0x3a &&
    (!millis || text.charCodeAt(19) === 0x2e)
  )
}

/** The number of two digits at a place, or NaN. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 0x30
  const ones = text.charCodeAt(at + 1) - 0x30
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}

function parseAnyForm(text: string): number | null {
  const m = RFC3339.exec(text)
  if (m === null) return null
  const [year, month, day, hour, minute, second] = m.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const offsetHours = Number(m[9] ?? 0)
  const offsetMinutes = Number(m[10] ?? 0)
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null
  if (hour > 23 || minute > 59 || second > 59 || offsetHours > 23 || offsetMinutes > 59) return null
  const ms = Number((m[7] ?? '').padEnd(3, '0').slice(0, 3))
  const sign = m[8] === '-' ? -1 : 1
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second, ms)
  return date.getTime() - sign * (offsetHours * 60 + offsetMinutes) * 60_000
}

function daysIn(year: number, month: number): number {
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return leap ? 29 : (DAYS[month - 1] ?? 0)
}
