/** How well lines predict published values: one result a row, and the figures that the goals are about. */
import { itWh } from './boundary.ts'
import { type EnergyLine, predictItWh, type Span } from './energy-line.ts'
import type { EvidenceRow } from './evidence.ts'
import type { Judgements } from './judgements.ts'
import { median, spearman } from './robust.ts'

export interface RowResult {
  readonly id: string
  /** Wh of IT energy of the answer, as published. */
  readonly published: number
  readonly predicted: Span
  /** Central over published. */
  readonly ratio: number
  readonly inside: boolean
}

export function scoreRow(row: EvidenceRow, line: EnergyLine, given: Judgements): RowResult {
  const published = itWh(row, given.k_gpu_to_it.central)
  const predicted = predictItWh(line, row, given)
  return {
    id: row.id,
    published,
    predicted,
    ratio: predicted.central / published,
    inside: predicted.low <= published && published <= predicted.high,
  }
}

export interface Summary {
  readonly rows: number
  /** Share of published values between low and high. */
  readonly insideShare: number
  /** Median of the factors by which centrals are off, either way. */
  readonly medianFactor: number
  readonly withinThree: number
  readonly worstFactor: number
  /** Geometric mean of central over published. */
  readonly bias: number
  /** Rank correlation of predicted and published. */
  readonly rankCorrelation: number
  /** Widest high over low. */
  readonly widest: number
}

export function summarise(results: readonly RowResult[]): Summary {
  const off = results.map((r) => Math.abs(Math.log(r.ratio)))
  const logs = results.map((r) => Math.log(r.ratio))
  return {
    rows: results.length,
    insideShare: results.filter((r) => r.inside).length / results.length,
    medianFactor: Math.exp(median(off)),
    withinThree: off.filter((x) => x <= Math.log(3)).length / results.length,
    worstFactor: Math.exp(Math.max(...off)),
    bias: Math.exp(logs.reduce((a, b) => a + b, 0) / results.length),
    rankCorrelation: spearman(
      results.map((r) => r.predicted.central),
      results.map((r) => r.published),
    ),
    widest: Math.max(...results.map((r) => r.predicted.high / r.predicted.low)),
  }
}
