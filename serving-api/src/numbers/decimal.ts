/** Exact decimals of the database as integers in 1e-12 of their unit, so that sums never round. */

export const SCALE = 12
export const UNITS = 10 ** SCALE
export const UNITS_EXACT = 10n ** 12n
const DECIMAL = /^(-?)(\d+)(?:\.(\d{1,12}))?$/
/** Whole numbers of so many digits are exact as doubles. */
export const DIGITS_EXACT = 15

/** `"0.000001"` -> 1000000n. @throws RangeError for anything else than a plain decimal with at most 12 places */
export function parseDecimal(text: string): bigint {
  const dot = text.indexOf('.')
  const wholeEnd = dot < 0 ? text.length : dot
  const whole = digitsAt(text, 0, wholeEnd)
  if (whole < 0 || wholeEnd > DIGITS_EXACT) return parseAny(text)
  if (dot < 0) return BigInt(whole) * UNITS_EXACT
  const places = text.length - dot - 1
  const rest = digitsAt(text, dot + 1, text.length)
  if (rest < 0 || places > SCALE) return parseAny(text)
  return BigInt(whole) * UNITS_EXACT + BigInt(rest * 10 ** (SCALE - places))
}

/** The number of these digits; -1 when there are none or others among them. */
export function digitsAt(text: string, from: number, to: number): number {
  if (from === to) return -1
  let value = 0
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

function parseAny(text: string): bigint {
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
