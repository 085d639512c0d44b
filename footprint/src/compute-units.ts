/**
 * `toUnits(computeFootprint(coefficients, activity))` without an object on the way, for the loader: the same bits,
 * since every sum is made of the same terms in the same order. compute-units.test.ts holds the two together.
 */
import { roundToUnits } from './compute.ts'
import type { Activity, Coefficients, FootprintUnits, TermCoefficients } from './footprint.ts'

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

/**
 * Writes 11 integers of 1e-12 (kWh, litre, kg) to `out[at]` and behind, in the order of UNIT_NAMES. Throws a RangeError
 * on NaN; writes nothing beyond the end of `out`.
 */
export function computeUnitsInto(c: Coefficients, a: Activity, out: Float64Array, at: number): void {
  const calls = a.calls
  const fresh = Math.max(a.tokensIn - a.tokensCacheRead - a.tokensCacheWrite, 0) / 1000
  const read = a.tokensCacheRead / 1000
  const write = a.tokensCacheWrite / 1000
  const output = (a.tokensOut + a.tokensReasoningSeparate) / 1000
  const squared = a.tokensInSquared / 1_000_000
  const hidden = a.tokensOutReasoningHidden / 1000
  const of = (t: TermCoefficients): number =>
    calls * t.perCall +
    fresh * t.per1kFreshIn +
    read * t.per1kCacheRead +
    write * t.per1kCacheWrite +
    output * t.per1kOut +
    squared * t.per1kInSquared +
    hidden * t.per1kOutReasoningHidden

  const waterOnsiteL = of(c.waterOnsiteL.central)
  const co2UseKg = of(c.co2UseKg.central)
  out[at] = roundToUnits(of(c.kwh.central))
  out[at + 1] = roundToUnits(of(c.kwh.low))
  out[at + 2] = roundToUnits(of(c.kwh.high))
  out[at + 3] = roundToUnits(waterOnsiteL + of(c.waterOffsiteL.central))
  out[at + 4] = roundToUnits(of(c.waterOnsiteL.low) + of(c.waterOffsiteL.low))
  out[at + 5] = roundToUnits(of(c.waterOnsiteL.high) + of(c.waterOffsiteL.high))
  out[at + 6] = roundToUnits(waterOnsiteL)
  out[at + 7] = roundToUnits(co2UseKg + of(c.co2EmbodiedKg.central))
  out[at + 8] = roundToUnits(of(c.co2UseKg.low) + of(c.co2EmbodiedKg.low))
  out[at + 9] = roundToUnits(of(c.co2UseKg.high) + of(c.co2EmbodiedKg.high))
  out[at + 10] = roundToUnits(co2UseKg)
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
