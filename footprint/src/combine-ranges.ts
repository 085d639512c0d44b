/**
 * Adds up ranges of different factors. Errors sit in the factor, so calls of one factor are summed linearly before
 * (they are all wrong in the same direction); across factors the errors are correlated with 0.5 inside one class
 * (they share assumptions) and with 0 between classes. The distances to low and to high are combined apart.
 */
import { addRanges } from './add-up.ts'
import type { Range } from './footprint.ts'

export const CORRELATION_IN_CLASS = 0.5

export interface RangeGroup {
  /** Class of the factor: small, large, ... */
  readonly class: string
  /** Groups of the same factor (one model on several grids or hosts) are fully correlated. Absent: a factor of its own. */
  readonly factor?: string
  readonly range: Range
}

interface Deviations {
  sum: number
  sumOfSquares: number
}

/** Variance of a class: sum over pairs of rho * d_i * d_j, with rho 1 on the diagonal. */
const variance = (d: Deviations): number =>
  CORRELATION_IN_CLASS * d.sum * d.sum + (1 - CORRELATION_IN_CLASS) * d.sumOfSquares

function sumByFactor(groups: readonly RangeGroup[]): RangeGroup[] {
  const byFactor = new Map<string, RangeGroup>()
  const alone: RangeGroup[] = []
  for (const group of groups) {
    if (group.factor === undefined) {
      alone.push(group)
      continue
    }
    const key = `${group.class} ${group.factor}`
    const before = byFactor.get(key)?.range
    const { range } = group
    const sum = before === undefined ? range : addRanges(before, range)
    byFactor.set(key, { class: group.class, factor: group.factor, range: sum })
  }
  return [...alone, ...byFactor.values()]
}

/** Distance of the combined bound from the combined central; never below the widest single one nor above their sum. */
function combinedDistance(groups: readonly RangeGroup[], distance: (range: Range) => number): number {
  const classes = new Map<string, Deviations>()
  let widest = 0
  let sum = 0
  for (const group of groups) {
    const d = distance(group.range)
    const deviations = classes.get(group.class) ?? { sum: 0, sumOfSquares: 0 }
    deviations.sum += d
    deviations.sumOfSquares += d * d
    classes.set(group.class, deviations)
    widest = Math.max(widest, d)
    sum += d
  }
  let total = 0
  for (const deviations of classes.values()) total += variance(deviations)
  return Math.min(Math.max(Math.sqrt(total), widest), sum)
}

/** No groups: 0. The result is between the widest single group and full correlation, on both sides. */
export function combineRanges(groups: readonly RangeGroup[]): Range {
  const factors = sumByFactor(groups)
  const [only] = factors
  // The sums of one factor are the answer, without the rounding of the general way.
  if (only !== undefined && factors.length === 1) return only.range
  const central = factors.reduce((sum, g) => sum + g.range.central, 0)
  return {
    low: Math.max(0, central - combinedDistance(factors, (r) => r.central - r.low)),
    central,
    high: central + combinedDistance(factors, (r) => r.high - r.central),
  }
}
