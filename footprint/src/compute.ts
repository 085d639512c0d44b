/** The computation itself: compile once per factor and grid, then a dot product per event, rollup row or year. */
import { addRanges } from './add-up.ts'
import type { Grid } from './definition.ts'
import type { Factor } from './factor.ts'
import type {
  Activity,
  Coefficients,
  Footprint,
  FootprintUnits,
  Range,
  RangeCoefficients,
  TermCoefficients,
} from './footprint.ts'
import { DECIMAL_SCALE } from './footprint.ts'
import { recipeValue, type TermName, type TermRecipes } from './recipe.ts'
import { recipesOf } from './recipes.ts'
import { exactly } from './spread.ts'

/** The sums of an activity in the units of the coefficients. */
export interface ActivityTerms {
  readonly calls: number
  readonly freshIn1k: number
  readonly cacheRead1k: number
  readonly cacheWrite1k: number
  readonly out1k: number
  readonly inSquared1k: number
  readonly outReasoningHidden1k: number
}

const TOKENS_PER_1K = 1000
const TOKENS_SQUARED_PER_1K = 1_000_000

/** Cached tokens are part of `tokensIn`; more cached than sent (the edge refuses it) counts as nothing fresh. */
const freshInputTokens = (a: Activity): number => Math.max(a.tokensIn - a.tokensCacheRead - a.tokensCacheWrite, 0)

export const activityTerms = (a: Activity): ActivityTerms => ({
  calls: a.calls,
  freshIn1k: freshInputTokens(a) / TOKENS_PER_1K,
  cacheRead1k: a.tokensCacheRead / TOKENS_PER_1K,
  cacheWrite1k: a.tokensCacheWrite / TOKENS_PER_1K,
  out1k: (a.tokensOut + a.tokensReasoningSeparate) / TOKENS_PER_1K,
  inSquared1k: a.tokensInSquared / TOKENS_SQUARED_PER_1K,
  outReasoningHidden1k: a.tokensOutReasoningHidden / TOKENS_PER_1K,
})

/** One quantity: what a unit of each term adds to it. */
export function coefficientsOf(recipes: TermRecipes): RangeCoefficients {
  const value = (term: TermName): Range => {
    const recipe = recipes[term]
    return recipe === undefined ? exactly(0) : recipeValue(recipe)
  }
  const [call, fresh, read, write] = [
    value('perCall'),
    value('per1kFreshIn'),
    value('per1kCacheRead'),
    value('per1kCacheWrite'),
  ]
  const [out, squared, hidden] = [value('per1kOut'), value('per1kInSquared'), value('per1kOutReasoningHidden')]
  const at = (band: keyof Range): TermCoefficients => ({
    perCall: call[band],
    per1kFreshIn: fresh[band],
    per1kCacheRead: read[band],
    per1kCacheWrite: write[band],
    per1kOut: out[band],
    per1kInSquared: squared[band],
    per1kOutReasoningHidden: hidden[band],
  })
  return { low: at('low'), central: at('central'), high: at('high') }
}

export function compileCoefficients(factor: Factor, grid: Grid): Coefficients {
  const recipes = recipesOf(factor, grid)
  return {
    kwh: coefficientsOf(recipes.kwh),
    waterOnsiteL: coefficientsOf(recipes.waterOnsiteL),
    waterOffsiteL: coefficientsOf(recipes.waterOffsiteL),
    co2UseKg: coefficientsOf(recipes.co2UseKg),
    co2EmbodiedKg: coefficientsOf(recipes.co2EmbodiedKg),
  }
}

/** The order of the sum is part of the method: the explanation adds up in the same order, to the same last bit. */
const dot = (t: ActivityTerms, c: TermCoefficients): number =>
  t.calls * c.perCall +
  t.freshIn1k * c.per1kFreshIn +
  t.cacheRead1k * c.per1kCacheRead +
  t.cacheWrite1k * c.per1kCacheWrite +
  t.out1k * c.per1kOut +
  t.inSquared1k * c.per1kInSquared +
  t.outReasoningHidden1k * c.per1kOutReasoningHidden

const dotRange = (t: ActivityTerms, c: RangeCoefficients): Range => ({
  low: dot(t, c.low),
  central: dot(t, c.central),
  high: dot(t, c.high),
})

/** One quantity by itself, e.g. the market-based CO2e. */
export const computeQuantity = (coefficients: RangeCoefficients, activity: Activity): Range =>
  dotRange(activityTerms(activity), coefficients)

export function computeFootprint(coefficients: Coefficients, activity: Activity): Footprint {
  const terms = activityTerms(activity)
  const waterOnsiteL = dotRange(terms, coefficients.waterOnsiteL)
  const waterOffsiteL = dotRange(terms, coefficients.waterOffsiteL)
  const co2UseKg = dotRange(terms, coefficients.co2UseKg)
  const co2EmbodiedKg = dotRange(terms, coefficients.co2EmbodiedKg)
  return {
    kwh: dotRange(terms, coefficients.kwh),
    // Parts of one total are wrong together (they share energy and factor), so their ranges add up end to end.
    waterL: addRanges(waterOnsiteL, waterOffsiteL),
    waterOnsiteL,
    waterOffsiteL,
    co2Kg: addRanges(co2UseKg, co2EmbodiedKg),
    co2UseKg,
    co2EmbodiedKg,
  }
}

const UNITS_PER_ONE = 10 ** DECIMAL_SCALE

/**
 * To the stored integers of 1e-12, rounded half up. They stop at 2^53 - 1, which is 9,007 kWh, litres or kg: no
 * single event within the limits of the contract comes near; don't use it for sums of many. Throws on NaN.
 */
export function roundToUnits(value: number): number {
  const rounded = Math.round(value * UNITS_PER_ONE)
  if (rounded <= Number.MAX_SAFE_INTEGER) return rounded
  if (rounded > Number.MAX_SAFE_INTEGER) return Number.MAX_SAFE_INTEGER
  throw new RangeError(`Convert a footprint to units: ${value}, wanted a number of 0 or more`)
}

/** Parts never exceed their total: 0 <= waterLOnsite <= waterL and 0 <= co2KgUse <= co2Kg. */
export function toUnits(footprint: Footprint): FootprintUnits {
  const { kwh, waterL, co2Kg } = footprint
  return {
    kwh: roundToUnits(kwh.central),
    kwhLow: roundToUnits(kwh.low),
    kwhHigh: roundToUnits(kwh.high),
    waterL: roundToUnits(waterL.central),
    waterLLow: roundToUnits(waterL.low),
    waterLHigh: roundToUnits(waterL.high),
    waterLOnsite: roundToUnits(footprint.waterOnsiteL.central),
    co2Kg: roundToUnits(co2Kg.central),
    co2KgLow: roundToUnits(co2Kg.low),
    co2KgHigh: roundToUnits(co2Kg.high),
    co2KgUse: roundToUnits(footprint.co2UseKg.central),
  }
}
