/**
 * Many exact sums of the database's decimals at once. Each is kept as two doubles that hold whole numbers, units and 1e-12 of
 * a unit: exact and some times faster than big integers, of which a question by user needs hundreds of thousands. What is
 * too large for that goes to big integers beside them.
 */
import { parseAny, partsOf, toNumber, UNITS, UNITS_EXACT, wholeOf } from './decimal.ts'

/** Sums of so large whole parts are moved, so that one more is still exact. */
const WHOLE_MAX = 2 ** 51
/** Up to here units and parts together are exact as one double. */
const NEAR_MAX = Math.floor(Number.MAX_SAFE_INTEGER / UNITS) - 1

export class DecimalSums {
  /** Units at 2 i, parts at 2 i + 1; both have any sign. */
  #pairs: Float64Array
  #large: bigint[] | null = null

  constructor(count: number) {
    this.#pairs = new Float64Array(2 * count)
  }

  /** Room for so many sums at least; new ones are 0. */
  extendTo(count: number): void {
    if (2 * count <= this.#pairs.length) return
    const longer = new Float64Array(2 * Math.max(count, this.#pairs.length))
    longer.set(this.#pairs)
    this.#pairs = longer
  }

  /** @throws RangeError for anything else than a plain decimal with at most 12 places */
  add(i: number, text: string): void {
    const dot = text.indexOf('.')
    const whole = wholeOf(text, dot)
    const parts = partsOf(text, dot)
    if (whole < 0 || parts < 0) this.#addLarge(i, parseAny(text))
    else this.#addPair(i, whole, parts)
  }

  /** Adds sum `j` of others, or takes it away. */
  addFrom(i: number, others: DecimalSums, j: number, sign: 1 | -1 = 1): void {
    const large = others.#large?.[j]
    this.#addPair(i, sign * (others.#pairs[2 * j] as number), sign * (others.#pairs[2 * j + 1] as number))
    if (large !== undefined) this.#addLarge(i, BigInt(sign) * large)
  }

  /** The double nearest to the sum. */
  toNumber(i: number): number {
    const whole = this.#pairs[2 * i] as number
    const parts = this.#pairs[2 * i + 1] as number
    if (this.#large === null) {
      if (parts === 0) return whole
      if (Math.abs(whole) <= NEAR_MAX) return (whole * UNITS + parts) / UNITS
    }
    return toNumber(this.toUnits(i))
  }

  /** The sum in 1e-12 of its unit. */
  toUnits(i: number): bigint {
    const pair = BigInt(this.#pairs[2 * i] as number) * UNITS_EXACT + BigInt(this.#pairs[2 * i + 1] as number)
    return pair + (this.#large?.[i] ?? 0n)
  }

  #addPair(i: number, whole: number, parts: number): void {
    let w = (this.#pairs[2 * i] as number) + whole
    let p = (this.#pairs[2 * i + 1] as number) + parts
    if (p >= UNITS) {
      p -= UNITS
      w++
    } else if (p <= -UNITS) {
      p += UNITS
      w--
    }
    if (Math.abs(w) > WHOLE_MAX) {
      this.#addLarge(i, BigInt(w) * UNITS_EXACT)
      w = 0
    }
    this.#pairs[2 * i] = w
    this.#pairs[2 * i + 1] = p
  }

  #addLarge(i: number, units: bigint): void {
    this.#large ??= []
    this.#large[i] = (this.#large[i] ?? 0n) + units
  }
}
