/**
 * Products of uncertain quantities. Every range is a log-normal error around its central value (low = P5,
 * high = P95) and the errors of the quantities in one product are independent, so their logarithms add in squares:
 *
 *   central = product of the centrals
 *   low     = central * exp(-sqrt(sum ln(central_i / low_i)^2))
 *   high    = central * exp(+sqrt(sum ln(high_i / central_i)^2))
 *
 * The distances below and above are kept apart: a range that is not symmetric in its logarithm keeps its published
 * ends (a product of one range and exact numbers is that range, scaled), and a low of 0 stays 0. For symmetric
 * ranges this is S = sqrt(sum s^2), s = ln(high/low)/3.29, low = central * exp(-1.645 S).
 */
import type { Range } from './footprint.ts'

export interface NamedInput {
  readonly name: string
  readonly unit: string
  readonly value: Range
  readonly sourceIds: readonly string[]
}

/** `op constant` converts units (1000 g a kg) and is exact; `op input` is knowledge with a range, less `minus`. */
export type ProductPart =
  | { readonly op: '*' | '/'; readonly input: NamedInput; readonly minus?: number }
  | { readonly op: '*' | '/'; readonly constant: number }

export const exactly = (value: number): Range => ({ low: value, central: value, high: value })

const square = (x: number): number => x * x

/** Evaluates from left to right. A divisor must not be able to be 0; a central of 0 makes the whole product 0. */
export function spreadProduct(parts: readonly { readonly op: '*' | '/'; readonly value: Range }[]): Range {
  let central = 1
  let below = 0
  let above = 0
  for (const { op, value } of parts) {
    if (value.central === 0 && op === '*') return exactly(0)
    const towardsLow = square(Math.log(value.central / value.low))
    const towardsHigh = square(Math.log(value.high / value.central))
    central = op === '*' ? central * value.central : central / value.central
    below += op === '*' ? towardsLow : towardsHigh
    above += op === '*' ? towardsHigh : towardsLow
  }
  return { low: central * Math.exp(-Math.sqrt(below)), central, high: central * Math.exp(Math.sqrt(above)) }
}

const lessened = ({ low, central, high }: Range, by: number): Range => ({
  low: low - by,
  central: central - by,
  high: high - by,
})

function partValue(part: ProductPart): Range {
  if ('constant' in part) return exactly(part.constant)
  return part.minus === undefined ? part.input.value : lessened(part.input.value, part.minus)
}

export const productOf = (parts: readonly ProductPart[]): Range =>
  spreadProduct(parts.map((p) => ({ op: p.op, value: partValue(p) })))

function partText(part: ProductPart): string {
  if ('constant' in part) return String(part.constant)
  return part.minus === undefined ? part.input.name : `(${part.input.name} - ${part.minus})`
}

/** The formula as people read it and as `evaluateFormula` computes it again. */
export const productFormula = (parts: readonly ProductPart[]): string =>
  `spread(${parts.map((p, i) => `${i === 0 ? '' : ` ${p.op} `}${partText(p)}`).join('')})`
