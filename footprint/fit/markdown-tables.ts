/** Numbers and tables in Markdown, and the table of summaries. */
import type { Report } from './report.ts'
import type { Summary } from './score.ts'

export const digits = (x: number, n = 3): string => {
  if (Number.isNaN(x)) return '-'
  const text = x.toPrecision(n)
  return text.includes('e') ? String(Number(text)) : text
}
const percent = (share: number): string => `${Math.round(share * 100)} %`
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  `| ${head.join(' | ')} |`,
  `|${head.map(() => '---').join('|')}|`,
  ...rows.map((r) => `| ${r.join(' | ')} |`),
]

const summaryCells = (name: string, s: Summary): string[] => [
  name,
  String(s.rows),
  percent(s.insideShare),
  `${digits(s.medianFactor)}x`,
  percent(s.withinThree),
  `${digits(s.worstFactor)}x`,
  digits(s.bias, 2),
  digits(s.rankCorrelation, 2),
  `${digits(s.widest, 2)}x`,
]
const SUMMARY_HEAD = [
  'prediction',
  'rows',
  'inside',
  'median error',
  'within 3x',
  'worst',
  'bias',
  'rank correlation',
  'widest interval',
]

export function summaryTable(report: Report): string[] {
  const { before, after, withoutRow, withoutModel, withoutSource } = report.summaries
  return table(SUMMARY_HEAD, [
    summaryCells('core, before (2026.11.1)', before),
    summaryCells('core, after, in sample', after),
    summaryCells('core, without the row', withoutRow),
    summaryCells('core, without the model and its size at its source', withoutModel),
    summaryCells('core, without the whole source', withoutSource),
    summaryCells('low batch (Jegham v6), before', report.lowBatchBefore),
    summaryCells('low batch (Jegham v6), after', report.lowBatch),
    summaryCells('core and low batch together, after', report.lowBatchAndCore),
    summaryCells('idle and full machines (ML.ENERGY), after', report.utilisation),
    ...report.baselines.map((b) => [
      ...summaryCells(`baseline: ${b.name}`, b.summary).slice(0, 2),
      '-',
      ...summaryCells('', b.summary).slice(3, 8),
      '-',
    ]),
  ])
}

export const sourceTable = (report: Report): string[] =>
  table(
    SUMMARY_HEAD,
    Object.entries(report.sources).map(([id, summary]) => summaryCells(id, summary)),
  )
