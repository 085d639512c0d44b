/** The energy of an answer as a line in its tokens, the form of the factor set, and what it predicts for a row. */
import { spreadProduct } from '../src/spread.ts'
import type { EvidenceRow } from './evidence.ts'
import type { Judgements } from './judgements.ts'

/** P5, P50 and P95. */
export interface Span {
  readonly low: number
  readonly central: number
  readonly high: number
}

/** Input and squared input are ratios of `outPer1k`, the same for all lines. */
export interface EnergyLine {
  readonly boundary: 'gpu' | 'it'
  /** Wh per call. */
  readonly base: Span
  /** Wh per 1,000 output tokens. */
  readonly outPer1k: Span
}

export const product = (...spans: readonly Span[]): Span => spreadProduct(spans.map((value) => ({ op: '*', value })))

const scaled = (span: Span, by: number): Span => ({
  low: span.low * by,
  central: span.central * by,
  high: span.high * by,
})

/** Ends add up: parts of one answer are wrong together, as in the engine. */
const plus = (a: Span, b: Span): Span => ({
  low: a.low + b.low,
  central: a.central + b.central,
  high: a.high + b.high,
})

type Ratios = Pick<Judgements, 'input_ratio' | 'squared_ratio' | 'hidden_reasoning_multiplier' | 'k_gpu_to_it'>

/** Wh of IT energy of the answer that the row is about. */
export function predictItWh(line: EnergyLine, row: EvidenceRow, given: Ratios): Span {
  const [in1k, out1k] = [(row.tokens_in ?? 0) / 1000, (row.tokens_out ?? 0) / 1000]
  const toIt = line.boundary === 'gpu' ? [given.k_gpu_to_it] : []
  const per1k = (...factors: readonly Span[]): Span => product(line.outPer1k, ...factors, ...toIt)
  const { low, central, high } = given.hidden_reasoning_multiplier
  const extra = { low: low - 1, central: central - 1, high: high - 1 }
  const parts = [
    scaled(per1k(), out1k),
    scaled(per1k(given.input_ratio), in1k),
    scaled(per1k(given.squared_ratio), in1k * in1k),
    ...(row.reasoning_hidden ? [scaled(per1k(extra), out1k)] : []),
  ]
  return parts.reduce(plus, product(line.base, ...toIt))
}

/** Wh of IT energy per 1,000 output tokens that a line must have at its centrals to give this answer this energy. */
export function impliedOutPer1k(itWh: number, row: EvidenceRow, baseWh: number, given: Ratios): number {
  const [in1k, out1k] = [(row.tokens_in ?? 0) / 1000, (row.tokens_out ?? 0) / 1000]
  const outEquivalents1k = out1k + given.input_ratio.central * in1k + given.squared_ratio.central * in1k * in1k
  // A base above half of the whole answer is not the base of this answer.
  return Math.max(itWh - baseWh, itWh / 2) / outEquivalents1k
}
