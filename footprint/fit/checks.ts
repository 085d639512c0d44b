/** Questions to the evidence beside the fit: are modelled values right, does size tell, what do thinking and input cost. */
import { admit } from './admit.ts'
import { itWh, publishedWh } from './boundary.ts'
import type { EnergyLine } from './energy-line.ts'
import { type EvidenceRow, TEXT_CLASSES } from './evidence.ts'
import { fitClasses } from './fit-classes.ts'
import type { Judgements } from './judgements.ts'
import { median } from './robust.ts'
import { scoreRow } from './score.ts'
import { fitSizeCurve, lineOnCurve } from './size-curve.ts'
import type { Utilisation } from './utilisation.ts'

/** Median of Jegham v6 over measurements of the same weights, and how many models that is. */
export interface ModelledOverMeasured {
  readonly factor: number
  readonly models: number
}
/** Median errors at measured models that were left out with all of their size: of the curve over sizes, and of the class. */
export interface UnseenModels {
  readonly curve: number
  readonly class: number
  readonly rows: number
}
/** Energy with hidden reasoning over without, same family and prompt. */
export interface HiddenReasoning {
  readonly low: number
  readonly median: number
  readonly high: number
}

const per1kOut = (row: EvidenceRow, k: number): number => (itWh(row, k) / (row.tokens_out ?? Number.NaN)) * 1000

/** Of each open model that Jegham v6 models (1,000 in, 1,000 out) and ML.ENERGY measured, neither with hidden reasoning. */
export function modelledOverMeasured(rows: readonly EvidenceRow[], given: Judgements): ModelledOverMeasured {
  const k = given.k_gpu_to_it.central
  const measured = rows.filter((r) => admit(r).use === 'core' && r.task === 'chat')
  const modelled = rows.filter(
    (r) => r.source === 'jegham-2025' && r.tokens_in === 1000 && r.tokens_out === 1000 && !r.reasoning_hidden,
  )
  const ratios = modelled.flatMap((m) => {
    const same = measured.filter((r) => r.model !== undefined && r.model === m.model)
    return same.length === 0 ? [] : [per1kOut(m, k) / median(same.map((r) => per1kOut(r, k)))]
  })
  return { factor: median(ratios), models: ratios.length }
}

export function unseenModels(core: readonly EvidenceRow[], given: Judgements, load: Utilisation): UnseenModels {
  const measured = core.filter((r) => r.unit === 'J/token')
  const errors = measured.flatMap((row) => {
    const sameSize = (r: EvidenceRow): boolean =>
      r.params_total_b === row.params_total_b && r.params_active_b === row.params_active_b
    const rest = core.filter((r) => !sameSize(r))
    const [curve, id] = [fitSizeCurve(rest), TEXT_CLASSES.find((c) => c === row.class)]
    const { params_total_b: totalB, params_active_b: activeB } = row
    if (curve === undefined || id === undefined || totalB === undefined || activeB === undefined) return []
    const off = (line: EnergyLine): number => Math.abs(Math.log(scoreRow(row, line, given).ratio))
    return [
      {
        curve: off(lineOnCurve(curve, { class: id, totalB, activeB }, given, load)),
        class: off(fitClasses(rest, given, load).classes[id].line),
      },
    ]
  })
  return {
    curve: Math.exp(median(errors.map((e) => e.curve))),
    class: Math.exp(median(errors.map((e) => e.class))),
    rows: errors.length,
  }
}

/** Reasoning model and the one beside it that does not reason, or reasons less. */
const REASONING_PAIRS = [
  ['jegham-o3-mini-high', 'jegham-o3-mini'],
  ['jegham-deepseek-r1-at-azure', 'jegham-deepseek-v3-at-azure'],
  ['jegham-deepseek-r1-at-deepseek', 'jegham-deepseek-v3-at-deepseek'],
  ['jegham-o1', 'jegham-gpt-4o-march-2025'],
  ['jegham-o3', 'jegham-gpt-4o-march-2025'],
  ['jegham-o4-mini-high', 'jegham-gpt-4.1-mini'],
] as const

export function hiddenReasoning(rows: readonly EvidenceRow[]): HiddenReasoning {
  const byId = new Map(rows.map((r) => [r.id, r]))
  const ratios = REASONING_PAIRS.flatMap(([thinking, plain]) =>
    ['short', 'medium', 'long'].map((prompt) => {
      const [a, b] = [byId.get(`${thinking}-${prompt}`), byId.get(`${plain}-${prompt}`)]
      if (a === undefined || b === undefined) throw new Error(`Report: ${thinking} or ${plain} has no row ${prompt}`)
      return publishedWh(a) / publishedWh(b)
    }),
  )
  return { low: Math.min(...ratios), median: median(ratios), high: Math.max(...ratios) }
}

/** Energy of an input token over that of an output token, the same machine with long prompts and with long answers. */
export interface InputRatio {
  readonly low: number
  readonly median: number
  readonly high: number
  readonly machines: number
}

/** Solves prompt and answer energy from 8,192 in with 1,024 out and the other way round; rows are paired by their ids. */
export function inputRatio(rows: readonly EvidenceRow[]): InputRatio {
  const byId = new Map(rows.map((r) => [r.id, r]))
  const ratios = rows.flatMap((longPrompt) => {
    const longAnswer = byId.get(longPrompt.id.replace('-8k1k-', '-1k8k-'))
    if (!longPrompt.id.includes('-8k1k-') || longAnswer === undefined) return []
    const [a, b] = [publishedWh(longPrompt), publishedWh(longAnswer)]
    return [(8 * a - b) / (8 * b - a)]
  })
  return { low: Math.min(...ratios), median: median(ratios), high: Math.max(...ratios), machines: ratios.length }
}
