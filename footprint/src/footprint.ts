/**
 * The shapes of the footprint engine. Everything is linear: a footprint is a dot product of activity sums and
 * coefficients, so it may be computed for one event, for a rollup row or for a year, and the parts add up.
 */

/** Low, central and high value of one quantity (P5, P50, P95). 0 <= low <= central <= high. */
export interface Range {
  readonly low: number
  readonly central: number
  readonly high: number
}

/** What was done: sums over any number of calls of one factor and grid. All are counts of tokens but `calls`. */
export interface Activity {
  readonly calls: number
  /** Cached tokens included. */
  readonly tokensIn: number
  /** Sum over the calls of min(tokens_in, 200,000)^2, for the long-context term. */
  readonly tokensInSquared: number
  readonly tokensCacheRead: number
  readonly tokensCacheWrite: number
  /** As stated by the event: includes reasoning unless it is reported apart. */
  readonly tokensOut: number
  /** Reasoning tokens that are NOT inside tokensOut. */
  readonly tokensReasoningSeparate: number
  /**
   * The part of tokensOut that was counted from the visible text by calls that state no reasoning tokens: a model that
   * reasons has made more than these. See activity-of-call.ts.
   */
  readonly tokensOutReasoningHidden: number
}

/** Long-context cap of `tokensInSquared`, tokens. */
export const QUADRATIC_TOKENS_MAX = 200_000

export interface Footprint {
  /** kWh at the data centre's meter (facility: IT energy x PUE). */
  readonly kwh: Range
  /** Litres: on-site and off-site together. */
  readonly waterL: Range
  readonly waterOnsiteL: Range
  readonly waterOffsiteL: Range
  /** kg CO2e, location-based: use and embodied together. */
  readonly co2Kg: Range
  readonly co2UseKg: Range
  readonly co2EmbodiedKg: Range
}

export type FactorMatchKind = 'exact' | 'alias' | 'pattern' | 'class' | 'unknown' | 'override'
export type GridMatchKind = 'exact' | 'alias' | 'parent' | 'inferred' | 'world'

/** Coefficient of each activity term, in the unit of the quantity (kWh, litre, kg). */
export interface TermCoefficients {
  readonly perCall: number
  /** Per 1,000 input tokens that were neither read from a cache nor written to one. */
  readonly per1kFreshIn: number
  readonly per1kCacheRead: number
  readonly per1kCacheWrite: number
  /** Per 1,000 output tokens, reasoning included. */
  readonly per1kOut: number
  /** Per (1,000 input tokens) squared, of `tokensInSquared`. */
  readonly per1kInSquared: number
  /** Per 1,000 tokens of `tokensOutReasoningHidden`: what a model that reasons adds to them unseen. */
  readonly per1kOutReasoningHidden: number
}

export interface RangeCoefficients {
  readonly low: TermCoefficients
  readonly central: TermCoefficients
  readonly high: TermCoefficients
}

/** One factor on one grid, ready to be multiplied with activity sums. */
export interface Coefficients {
  readonly kwh: RangeCoefficients
  readonly waterOnsiteL: RangeCoefficients
  readonly waterOffsiteL: RangeCoefficients
  readonly co2UseKg: RangeCoefficients
  readonly co2EmbodiedKg: RangeCoefficients
}

export interface Flag {
  /** snake_case, a closed list in flags.ts. */
  readonly code: string
  readonly message: string
}

/** Stored fixed-point numbers: integers in 1e-12 of the unit (kWh, litre, kg), as Decimal(18, 12) in ClickHouse. */
export interface FootprintUnits {
  readonly kwh: number
  readonly kwhLow: number
  readonly kwhHigh: number
  readonly waterL: number
  readonly waterLLow: number
  readonly waterLHigh: number
  readonly waterLOnsite: number
  readonly co2Kg: number
  readonly co2KgLow: number
  readonly co2KgHigh: number
  readonly co2KgUse: number
}

/** Digits behind the point of the stored numbers. */
export const DECIMAL_SCALE = 12
