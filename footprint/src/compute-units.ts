/**
 * `toUnits(computeFootprint(coefficients, activity))` without an object on the way, for the loader: the same bits,
 * since every sum is made of the same terms in the same order. compute-units.test.ts holds the two together.
 */
import { roundToUnits } from './compute.ts'
import type { Activity, Coefficients, FootprintUnits, RangeCoefficients, TermCoefficients } from './footprint.ts'

/** Order of the numbers in `out`. */
export const UNIT_NAMES = [
  'kwh',
  'kwhLow',
  'kwhHigh',
  'waterL',
  'waterLLow',
  'waterLHigh',
  'waterLOnsite',
  'co2Kg',
  'co2KgLow',
  'co2KgHigh',
  'co2KgUse',
] as const satisfies readonly (keyof FootprintUnits)[]

const TERM_COUNT = 7
const termsOf = (t: TermCoefficients): readonly number[] => [
  t.perCall,
  t.per1kFreshIn,
  t.per1kCacheRead,
  t.per1kCacheWrite,
  t.per1kOut,
  t.per1kInSquared,
  t.per1kOutReasoningHidden,
]
const bandsOf = (r: RangeCoefficients): readonly number[] => [r.central, r.low, r.high].flatMap(termsOf)

const packs = new WeakMap<Coefficients, Float64Array>()
/** Central, low and high of each quantity, seven terms each, in one row: read in a loop that makes no number objects. */
function packed(c: Coefficients): Float64Array {
  const known = packs.get(c)
  if (known !== undefined) return known
  const quantities = [c.kwh, c.waterOnsiteL, c.waterOffsiteL, c.co2UseKg, c.co2EmbodiedKg]
  const made = new Float64Array(quantities.flatMap(bandsOf))
  packs.set(c, made)
  return made
}

/**
 * The coefficients as 105 doubles: kWh, water on site, water off site, CO2e of use and embodied; of each the central, low
 * and high band; of each band the seven terms. What a stored event is computed with, to the last bit. The same array
 * for the same coefficients; not to be changed.
 */
export const packCoefficients = (c: Coefficients): Float64Array => packed(c)

/** First row of the quantity in `sums`: central, low, high. */
const [KWH, ONSITE, OFFSITE, USE, EMBODIED] = [0, 3, 6, 9, 12] as const
/** Both are used again for every call. Every `as number` below reads an index that is inside its array. */
const sums = new Float64Array(15)
const terms = new Float64Array(TERM_COUNT)

function sumInto(rows: Float64Array): void {
  const t0 = terms[0] as number
  const t1 = terms[1] as number
  const t2 = terms[2] as number
  const t3 = terms[3] as number
  const t4 = terms[4] as number
  const t5 = terms[5] as number
  const t6 = terms[6] as number
  // Written out: as a loop over seven terms it takes twice as long. From left to right, as `dot` in compute.ts.
  for (let row = 0, at = 0; row < sums.length; row++, at += TERM_COUNT) {
    sums[row] =
      t0 * (rows[at] as number) +
      t1 * (rows[at + 1] as number) +
      t2 * (rows[at + 2] as number) +
      t3 * (rows[at + 3] as number) +
      t4 * (rows[at + 4] as number) +
      t5 * (rows[at + 5] as number) +
      t6 * (rows[at + 6] as number)
  }
}

/**
 * Writes 11 integers of 1e-12 (kWh, litre, kg) to `out[at]` and behind, in the order of UNIT_NAMES. Throws a RangeError
 * on NaN; writes nothing beyond the end of `out`.
 */
export function computeUnitsInto(c: Coefficients, a: Activity, out: Float64Array, at: number): void {
  terms[0] = a.calls
  terms[1] = Math.max(a.tokensIn - a.tokensCacheRead - a.tokensCacheWrite, 0) / 1000
  terms[2] = a.tokensCacheRead / 1000
  terms[3] = a.tokensCacheWrite / 1000
  terms[4] = (a.tokensOut + a.tokensReasoningSeparate) / 1000
  terms[5] = a.tokensInSquared / 1_000_000
  terms[6] = a.tokensOutReasoningHidden / 1000
  sumInto(packed(c))
  for (let band = 0; band < 3; band++) {
    out[at + band] = roundToUnits(sums[KWH + band] as number)
    out[at + 3 + band] = roundToUnits((sums[ONSITE + band] as number) + (sums[OFFSITE + band] as number))
    out[at + 7 + band] = roundToUnits((sums[USE + band] as number) + (sums[EMBODIED + band] as number))
  }
  out[at + 6] = roundToUnits(sums[ONSITE] as number)
  out[at + 10] = roundToUnits(sums[USE] as number)
}

/** The numbers that `computeUnitsInto` wrote, as an object. */
export function unitsFrom(out: Float64Array, at: number): FootprintUnits {
  const read = (i: number): number => out[at + i] ?? Number.NaN
  return {
    kwh: read(0),
    kwhLow: read(1),
    kwhHigh: read(2),
    waterL: read(3),
    waterLLow: read(4),
    waterLHigh: read(5),
    waterLOnsite: read(6),
    co2Kg: read(7),
    co2KgLow: read(8),
    co2KgHigh: read(9),
    co2KgUse: read(10),
  }
}
