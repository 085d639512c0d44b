/** Everything that is said about the fit: one record a row, summaries for each kind of prediction, baselines, checks. */
import { type Admission, admit, type Use } from './admit.ts'
import { type Baseline, baselines } from './baselines.ts'
import {
  type HiddenReasoning,
  hiddenReasoning,
  type InputRatio,
  inputRatio,
  type ModelledOverMeasured,
  modelledOverMeasured,
  type UnseenModels,
  unseenModels,
} from './checks.ts'
import type { EnergyLine } from './energy-line.ts'
import type { Evidence, EvidenceRow } from './evidence.ts'
import { type Fit, fitAll, lineFor } from './fit.ts'
import type { Judgements } from './judgements.ts'
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
  /** Fitted without the row; without its model and all of the same size at its source; without its source. Only for core rows. */
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
  readonly modelledOverMeasured: ModelledOverMeasured
  readonly unseenModels: UnseenModels
  readonly hiddenReasoning: HiddenReasoning
  readonly inputRatio: InputRatio
  /** Core rows of each source, predicted without it. */
  readonly sources: Readonly<Record<string, Summary>>
}

function lineBefore(before: Before, row: EvidenceRow): EnergyLine {
  const line = before.models[row.model ?? ''] ?? before.classes[row.class]
  if (line === undefined) throw new RangeError(`Score ${row.id}: ${before.set} has no class ${row.class}`)
  return line
}

/** The same weights, or others of the same size: versions and siblings of one architecture tell on each other. */
const sameModel = (a: EvidenceRow, b: EvidenceRow): boolean =>
  a.source === b.source &&
  ((a.model ?? a.name) === (b.model ?? b.name) ||
    (a.params_total_b !== undefined &&
      a.params_total_b === b.params_total_b &&
      a.params_active_b === b.params_active_b))

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

function bySource(rows: readonly RowReport[]): Report['sources'] {
  const results = rows.flatMap((r) =>
    r.withoutSource === undefined ? [] : [{ source: r.row.source, result: r.withoutSource }],
  )
  const ids = [...new Set(results.map((r) => r.source))].sort()
  return Object.fromEntries(
    ids.map((id) => [id, summarise(results.filter((r) => r.source === id).map((r) => r.result))]),
  )
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
    unseenModels: unseenModels(used('core'), given, fit.load),
    hiddenReasoning: hiddenReasoning(evidence.rows),
    inputRatio: inputRatio(evidence.rows),
    sources: bySource(rows),
  }
}
