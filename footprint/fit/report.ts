/** Everything that is said about the fit: one record a row, summaries for each kind of prediction, baselines, checks. */
import { type Admission, admit, type Use } from './admit.ts'
import { type Baseline, baselines } from './baselines.ts'
import { itWh, publishedWh } from './boundary.ts'
import type { EnergyLine } from './energy-line.ts'
import type { Evidence, EvidenceRow } from './evidence.ts'
import { type Fit, fitAll, lineFor } from './fit.ts'
import type { Judgements } from './judgements.ts'
import { median } from './robust.ts'
import { type RowResult, type Summary, scoreRow, summarise } from './score.ts'

/** Lines of the set before the fit. */
export interface Before {
  readonly set: string
  readonly classes: Readonly<Record<string, EnergyLine>>
  readonly models: Readonly<Record<string, EnergyLine>>
}

export interface RowReport {
  readonly row: EvidenceRow
  readonly admission: Admission
  readonly before: RowResult
  readonly after: RowResult
  /** Fitted without the row; without its model at its source; without its source. Only for core rows. */
  readonly withoutRow?: RowResult
  readonly withoutModel?: RowResult
  readonly withoutSource?: RowResult
}
type Prediction = 'before' | 'after' | 'withoutRow' | 'withoutModel' | 'withoutSource'
export interface Report {
  readonly rows: readonly RowReport[]
  readonly excluded: readonly { readonly row: EvidenceRow; readonly rule: string }[]
  readonly summaries: Readonly<Record<Prediction, Summary>>
  /** Rows modelled with few requests a machine, and all scored rows together. */
  readonly lowBatch: Summary
  readonly lowBatchBefore: Summary
  readonly lowBatchAndCore: Summary
  /** Rows measured on idle and on full machines: do the ranges hold them? */
  readonly utilisation: Summary
  readonly baselines: readonly Baseline[]
  /** Median of Jegham v6 over measurements of the same weights, and how many models that is. */
  readonly modelledOverMeasured: { readonly factor: number; readonly models: number }
  /** Geometric mean of energy with hidden reasoning over without, same family and prompt. */
  readonly hiddenReasoning: { readonly low: number; readonly median: number; readonly high: number }
}

function lineBefore(before: Before, row: EvidenceRow): EnergyLine {
  const line = before.models[row.model ?? ''] ?? before.classes[row.class]
  if (line === undefined) throw new RangeError(`Score ${row.id}: ${before.set} has no class ${row.class}`)
  return line
}

const sameModel = (a: EvidenceRow, b: EvidenceRow): boolean =>
  a.source === b.source && (a.model ?? a.name) === (b.model ?? b.name)

function reportRow(row: EvidenceRow, evidence: Evidence, given: Judgements, fit: Fit, before: Before): RowReport {
  const admission = admit(row)
  const scored = (line: EnergyLine): RowResult => scoreRow(row, line, given)
  const without = (left: (other: EvidenceRow) => boolean): RowResult =>
    scored(
      lineFor(
        fitAll(
          evidence.rows.filter((r) => !left(r)),
          given,
          [],
          fit.load,
        ),
        row,
        given,
      ),
    )
  const always = {
    row,
    admission,
    before: scored(lineBefore(before, row)),
    after: scored(lineFor(fit, row, given)),
  }
  if (admission.use !== 'core') return always
  return {
    ...always,
    withoutRow: without((r) => r.id === row.id),
    withoutModel: without((r) => sameModel(r, row)),
    withoutSource: without((r) => r.source === row.source),
  }
}

const per1kOut = (row: EvidenceRow, k: number): number => (itWh(row, k) / (row.tokens_out ?? Number.NaN)) * 1000

/** Of each open model that Jegham v6 models (1,000 in, 1,000 out) and ML.ENERGY measured, neither with hidden reasoning. */
function modelledOverMeasured(rows: readonly EvidenceRow[], given: Judgements): Report['modelledOverMeasured'] {
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

/** Reasoning model and the one beside it that does not reason, or reasons less. */
const REASONING_PAIRS = [
  ['jegham-o3-mini-high', 'jegham-o3-mini'],
  ['jegham-deepseek-r1-at-azure', 'jegham-deepseek-v3-at-azure'],
  ['jegham-deepseek-r1-at-deepseek', 'jegham-deepseek-v3-at-deepseek'],
  ['jegham-o1', 'jegham-gpt-4o-march-2025'],
  ['jegham-o3', 'jegham-gpt-4o-march-2025'],
  ['jegham-o4-mini-high', 'jegham-gpt-4.1-mini'],
] as const

function hiddenReasoning(rows: readonly EvidenceRow[]): Report['hiddenReasoning'] {
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

export function makeReport(evidence: Evidence, given: Judgements, fit: Fit, before: Before): Report {
  const used = (use: Use): EvidenceRow[] => evidence.rows.filter((r) => admit(r).use === use)
  const scored = [...used('core'), ...used('low-batch'), ...used('utilisation')]
  const rows = scored.map((row) => reportRow(row, evidence, given, fit, before))
  const summary = (uses: readonly Use[], prediction: Prediction): Summary =>
    summarise(rows.filter((r) => uses.includes(r.admission.use)).flatMap((r) => r[prediction] ?? []))
  const core = (prediction: Prediction): Summary => summary(['core'], prediction)
  return {
    rows,
    excluded: used('excluded').map((row) => ({ row, rule: admit(row).rule })),
    summaries: {
      before: core('before'),
      after: core('after'),
      withoutRow: core('withoutRow'),
      withoutModel: core('withoutModel'),
      withoutSource: core('withoutSource'),
    },
    lowBatch: summary(['low-batch'], 'after'),
    lowBatchBefore: summary(['low-batch'], 'before'),
    lowBatchAndCore: summary(['core', 'low-batch'], 'after'),
    utilisation: summary(['utilisation'], 'after'),
    baselines: baselines(used('core'), given),
    modelledOverMeasured: modelledOverMeasured(evidence.rows, given),
    hiddenReasoning: hiddenReasoning(evidence.rows),
  }
}
