/** Exact decimals of the database as integers in 1e-12 of their unit, so that sums never round. */

const SCALE = 12
const DECIMAL = /^(-?)(\d+)(?:\.(\d{1,12}))?$/

/** `"0.000001"` -> 1000000n. @throws RangeError for anything else than a plain decimal with at most 12 places */
export function parseDecimal(text: string): bigint {
  const m = DECIMAL.exec(text)
  if (m === null) throw new RangeError(`parse a decimal: ${JSON.stringify(text)}, digits with at most 12 places wanted`)
  const units = BigInt(`${m[2]}${(m[3] ?? '').padEnd(SCALE, '0')}`)
  return m[1] === '-' ? -units : units
}

/** The double nearest to the decimal. */
export function toNumber(units: bigint): number {
  const negative = units < 0n
  const digits = (negative ? -units : units).toString().padStart(SCALE + 1, '0')
  const value = Number(`${digits.slice(0, -SCALE)}.${digits.slice(-SCALE)}`)
  return negative ? -value : value
}
