/** Exact decimals of the database as integers in 1e-12 of their unit, so that sums never round. */

const SCALE = 12
export const UNITS = 10 ** SCALE
export const UNITS_EXACT = 10n ** 12n
const DECIMAL = /^(-?)(\d+)(?:\.(\d{1,12}))?$/
/** Whole numbers of so many digits are exact as doubles. */
const DIGITS_EXACT = 15

/** `"0.000001"` -> 1000000n. @throws RangeError for anything else than a plain decimal with at most 12 places */
export function parseDecimal(text: string): bigint {
  const dot = text.indexOf('.')
  const whole = wholeOf(text, dot)
  const parts = partsOf(text, dot)
  return whole < 0 || parts < 0 ? parseAny(text) : BigInt(whole) * UNITS_EXACT + BigInt(parts)
}

/** Units before the dot (-1: there is none); -1 for a sign, and for more than is exact as a double. */
export function wholeOf(text: string, dot: number): number {
  const end = dot < 0 ? text.length : dot
  return end > DIGITS_EXACT ? -1 : digitsAt(text, 0, end)
}

/** What stands behind the dot in 1e-12 of a unit; -1 when it is no digits, or too many. */
export function partsOf(text: string, dot: number): number {
  if (dot < 0) return 0
  const places = text.length - dot - 1
  const digits = places > SCALE ? -1 : digitsAt(text, dot + 1, text.length)
  return digits < 0 ? -1 : digits * (TENS[SCALE - places] as number)
}

const TENS = Array.from({ length: SCALE + 1 }, (_, i) => 10 ** i)

/** The number of these digits; -1 when there are none or others among them. */
function digitsAt(text: string, from: number, to: number): number {
  if (from === to) return -1
  let value = 0
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

export function parseAny(text: string): bigint {
  const m = DECIMAL.exec(text)
  if (m === null) throw new RangeError(`parse a decimal: ${JSON.stringify(text)}, digits with at most 12 places wanted`)
  const units = BigInt(`${m[2]}${(m[3] ?? '').padEnd(SCALE, '0')}`)
  return m[1] === '-' ? -units : units
}

/** The double nearest to the decimal. */
export function toNumber(units: bigint): number {
  const near = Number(units)
  // Exact by exact: the quotient is the nearest double.
  if (Number.isSafeInteger(near)) return near / UNITS
  const negative = units < 0n
  const digits = (negative ? -units : units).toString().padStart(SCALE + 1, '0')
  const value = Number(`${digits.slice(0, -SCALE)}.${digits.slice(-SCALE)}`)
  return negative ? -value : value
}
