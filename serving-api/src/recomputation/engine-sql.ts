/**
 * The computation of the engine as ClickHouse expressions over a raw event `e` and its coefficients `c`: Float64, every
 * sum of the same products in the same order, rounded half up to integers of 1e-12, so that the results equal those of
 * computeUnitsInto to the last digit (engine-sql.integration.test.ts).
 */
import type { Band, CoefficientColumn, Quantity, Term } from './coefficient-columns.ts'

/** Compiled expressions could fuse a product and a sum into one rounding. */
export const EXACT_SETTINGS = 'compile_expressions = 0'

const HIDDEN = "if(e.tokens_source IN ('tokenizer', 'estimate') AND e.tokens_reasoning = 0, e.tokens_out, 0)"
/** 200,000 is QUADRATIC_TOKENS_MAX of the footprint package. */
const SQUARED = 'toUInt64(least(e.tokens_in, 200000)) * least(e.tokens_in, 200000)'

/** An event's own part of each term; null: 1. */
const TERM_VALUES: Readonly<Record<Term, string | null>> = {
  perCall: null,
  per1kFreshIn:
    'greatest(toInt64(e.tokens_in) - toInt64(e.tokens_cache_read) - toInt64(e.tokens_cache_write), 0) / 1000.',
  per1kCacheRead: 'e.tokens_cache_read / 1000.',
  per1kCacheWrite: 'e.tokens_cache_write / 1000.',
  per1kOut: '(toInt64(e.tokens_out) + if(e.reasoning_separate, toInt64(e.tokens_reasoning), 0)) / 1000.',
  per1kInSquared: `(${SQUARED}) / 1000000.`,
  per1kOutReasoningHidden: `(${HIDDEN}) / 1000.`,
}

/** Columns of the stored numbers and how each is made of quantities, in the order of UNIT_NAMES of the footprint package. */
const STORED: readonly (readonly [name: string, band: Band, parts: readonly Quantity[]])[] = [
  ['kwh', 'central', ['kwh']],
  ['kwh_low', 'low', ['kwh']],
  ['kwh_high', 'high', ['kwh']],
  ['water_l', 'central', ['waterOnsiteL', 'waterOffsiteL']],
  ['water_l_low', 'low', ['waterOnsiteL', 'waterOffsiteL']],
  ['water_l_high', 'high', ['waterOnsiteL', 'waterOffsiteL']],
  ['water_l_onsite', 'central', ['waterOnsiteL']],
  ['co2_kg', 'central', ['co2UseKg', 'co2EmbodiedKg']],
  ['co2_kg_low', 'low', ['co2UseKg', 'co2EmbodiedKg']],
  ['co2_kg_high', 'high', ['co2UseKg', 'co2EmbodiedKg']],
  ['co2_kg_use', 'central', ['co2UseKg']],
]

export const STORED_COLUMNS: readonly string[] = STORED.map(([name]) => name)

/** `<name> -> expression of its integer units, Int64`. */
export function unitExpressions(columns: readonly CoefficientColumn[]): readonly (readonly [string, string])[] {
  const sumOf = (quantity: Quantity, band: Band): string => {
    const products = columns
      .filter((c) => c.quantity === quantity && c.band === band)
      .map((c) => {
        const value = TERM_VALUES[c.term]
        return value === null ? `c.${c.name}` : `${value} * c.${c.name}`
      })
    return products.length === 0 ? 'toFloat64(0)' : `(${products.join(' + ')})`
  }
  return STORED.map(([name, band, parts]) => [name, roundHalfUp(parts.map((q) => sumOf(q, band)).join(' + '))])
}

/** Math.round and the cap of roundToUnits. `floor(x + 0.5)` would be wrong just below a half and beyond 2^52. */
function roundHalfUp(value: string): string {
  const units = `((${value}) * 1000000000000.)`
  return `toInt64(least(floor(${units}) + if(${units} - floor(${units}) >= 0.5, 1, 0), 9007199254740991.))`
}
