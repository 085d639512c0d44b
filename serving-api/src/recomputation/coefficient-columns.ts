/** The coefficients of a call as columns of a table, in one order; columns that are 0 for all calls are left out. */
import type { Coefficients, Range, TermCoefficients } from '@ecomind/footprint'

const QUANTITIES = ['kwh', 'waterOnsiteL', 'waterOffsiteL', 'co2UseKg', 'co2EmbodiedKg'] as const
const BANDS = ['low', 'central', 'high'] as const
/** In the order of the sum in footprint/src/compute.ts, which is part of the method. */
const TERMS = [
  'perCall',
  'per1kFreshIn',
  'per1kCacheRead',
  'per1kCacheWrite',
  'per1kOut',
  'per1kInSquared',
  'per1kOutReasoningHidden',
] as const satisfies readonly (keyof TermCoefficients)[]

export type Quantity = (typeof QUANTITIES)[number]
export type Band = keyof Range
export type Term = (typeof TERMS)[number]

export interface CoefficientColumn {
  /** e.g. `kwh_low_perCall`. */
  readonly name: string
  readonly quantity: Quantity
  readonly band: Band
  readonly term: Term
}

const ALL: readonly CoefficientColumn[] = QUANTITIES.flatMap((quantity) =>
  BANDS.flatMap((band) => TERMS.map((term) => ({ name: `${quantity}_${band}_${term}`, quantity, band, term }))),
)

/** Adding a product with 0 changes no bit of a sum of numbers of 0 or more. */
export function usedColumns(all: readonly Coefficients[]): readonly CoefficientColumn[] {
  return ALL.filter((column) => all.some((c) => coefficientAt(c, column) !== 0))
}

export const coefficientAt = (c: Coefficients, { quantity, band, term }: CoefficientColumn): number =>
  c[quantity][band][term]

const bits = new DataView(new ArrayBuffer(8))
/** The 64 bits of a double as a decimal integer: no parser of decimal numbers comes near the value. */
export function doubleBits(value: number): string {
  bits.setFloat64(0, value)
  return bits.getBigUint64(0).toString()
}
