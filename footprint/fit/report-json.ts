/** The report as JSON: no arrays of plain values, so that it reads and diffs line by line. */
import type { Fit } from './fit.ts'
import type { Report, RowReport } from './report.ts'
import type { RowResult } from './score.ts'

/** Null for what does not exist, as the rank correlation of a constant. */
const round = (x: number): number | null => (Number.isNaN(x) ? null : Number(x.toPrecision(4)))

function resultJson(result: RowResult | undefined): Record<string, number | boolean | null> | undefined {
  if (result === undefined) return undefined
  const { low, central, high } = result.predicted
  return {
    low: round(low),
    central: round(central),
    high: round(high),
    ratio: round(result.ratio),
    inside: result.inside,
  }
}

const rowJson = (r: RowReport) => ({
  id: r.row.id,
  source: r.row.source,
  class: r.row.class,
  use: r.admission.use,
  rule: r.admission.rule,
  publishedItWh: round(r.after.published),
  before: resultJson(r.before),
  after: resultJson(r.after),
  withoutRow: resultJson(r.withoutRow),
  withoutModel: resultJson(r.withoutModel),
  withoutSource: resultJson(r.withoutSource),
})

const rounded = (record: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).map(([k, v]) => [k, typeof v === 'number' ? round(v) : v]))

export function reportJson(report: Report, fit: Fit): string {
  const content = {
    unit: 'Wh of IT energy of one answer; ratio is central over published; without: fitted again without that',
    load: rounded(fit.load),
    scatter: round(fit.classes.scatter),
    sizeCurve: fit.curve === undefined ? null : rounded(fit.curve),
    summaries: Object.fromEntries(Object.entries(report.summaries).map(([k, s]) => [k, rounded(s)])),
    lowBatch: rounded(report.lowBatch),
    lowBatchBefore: rounded(report.lowBatchBefore),
    lowBatchAndCore: rounded(report.lowBatchAndCore),
    utilisation: rounded(report.utilisation),
    baselines: Object.fromEntries(report.baselines.map((b) => [b.name, rounded(b.summary)])),
    modelledOverMeasured: rounded(report.modelledOverMeasured),
    unseenModels: rounded(report.unseenModels),
    hiddenReasoning: rounded(report.hiddenReasoning),
    inputRatio: rounded(report.inputRatio),
    withoutSource: Object.fromEntries(Object.entries(report.sources).map(([k, s]) => [k, rounded(s)])),
    rows: report.rows.map(rowJson),
    excluded: report.excluded.map(({ row, rule }) => ({ id: row.id, source: row.source, rule })),
  }
  return `${JSON.stringify(content, null, 2)}\n`
}
