/**
 * How much work was done on which factor and grid? The sums that the engine computes with, and the footprint as it is
 * stored, for one period or for several at once: one question, whatever the number of events, answered from rollups.
 */
import type { Activity, Range } from '@ecomind/footprint'
import { parseDecimal, toNumber } from '../numbers/decimal.ts'
import type { Filter } from '../parameters/filters.ts'
import type { Segment } from '../time/grain-cover.ts'
import { type Question, question } from './question.ts'
import { filterConditions, peopleOf, rowsOf, segmentParams } from './usage-rows.ts'

export interface WorkQuestion {
  /** Segments of each period, in the order of the periods. */
  readonly periods: readonly (readonly Segment[])[]
  readonly filters: readonly Filter[]
  /** Also by provider, model and region as the events named them. */
  readonly names: boolean
  /** Also low and high of the stored numbers. */
  readonly ranges: boolean
  /** More rows than this are an error, never a cut. */
  readonly rowsMax: number
}

const NAMES = ['provider', 'model', 'region'] as const
const RECORDS = ['factor_set', 'factor_id', 'grid_id'] as const
const COUNTS = [
  'calls',
  'tokens_in',
  'tokens_in_squared',
  'tokens_out',
  'tokens_cache_read',
  'tokens_cache_write',
  'tokens_reasoning_separate',
  'tokens_out_reasoning_hidden',
] as const
const CENTRALS = ['kwh', 'water_l', 'co2_kg'] as const
const BOUNDS = CENTRALS.flatMap((c) => [`${c}_low`, `${c}_high`] as const)

type Row = Readonly<Record<(typeof RECORDS)[number] | (typeof COUNTS)[number] | (typeof CENTRALS)[number], string>> &
  Readonly<Partial<Record<(typeof NAMES)[number] | (typeof BOUNDS)[number], string>>> & {
    readonly period: string | number
  }

export interface WorkRow {
  /** Which of the periods that were asked for, from 0. */
  readonly period: number
  /** As the events named them; null where names were not asked for. */
  readonly named: { readonly provider: string; readonly model: string; readonly region: string } | null
  readonly factorSet: string
  readonly factorId: string
  readonly gridId: string
  readonly activity: Activity
  /**
   * Sums of the stored numbers; low and high added up, which is right inside one factor. Where ranges were not asked for
   * low and high are the central value.
   */
  readonly stored: { readonly kwh: Range; readonly waterL: Range; readonly co2Kg: Range }
}

export function workQuestion(q: WorkQuestion): Question<Row, readonly WorkRow[]> {
  const filter = filterConditions(q.filters)
  const placed = q.periods.flatMap((segments, period) => segments.map((segment) => ({ segment, period })))
  const branches = placed.map(({ segment, period }, i) => branchText(q, segment, period, i, filter.text))
  const keys = ['period', ...keysOf(q)].join(', ')
  const names = [...COUNTS, ...storedOf(q)]
  return question<Row, readonly WorkRow[]>({
    name: 'work',
    text: [
      `SELECT ${keys}, ${names.map((c) => `sum(s_${c}) AS ${c}`).join(', ')}`,
      `FROM (${branches.join('\nUNION ALL\n')})`,
      `GROUP BY ${keys} HAVING calls != 0 ORDER BY ${keys}`,
    ].join('\n'),
    params: { ...segmentParams(placed.map(({ segment }) => segment)), ...filter.params },
    limits: { maxResultRows: q.rowsMax },
    people: peopleOf(q.filters),
    read: (rows) => rows.map(readRow),
  })
}

const keysOf = ({ names }: WorkQuestion): readonly string[] => [...(names ? NAMES : []), ...RECORDS]
const storedOf = ({ ranges }: WorkQuestion): readonly string[] => [...CENTRALS, ...(ranges ? BOUNDS : [])]

/** Sums over raw events of what the rollups keep under the same name. */
const FROM_RAW: Readonly<Partial<Record<(typeof COUNTS)[number], string>>> = {
  calls: 'count()',
  // 200,000 is QUADRATIC_TOKENS_MAX of the footprint package.
  tokens_in_squared: 'sum(toUInt64(least(tokens_in, 200000)) * least(tokens_in, 200000))',
  tokens_reasoning_separate: 'sumIf(tokens_reasoning, reasoning_separate)',
  tokens_out_reasoning_hidden: "sumIf(tokens_out, tokens_source IN ('tokenizer', 'estimate') AND tokens_reasoning = 0)",
}

function branchText(q: WorkQuestion, segment: Segment, period: number, i: number, filters: string): string {
  const raw = segment.table === 'usage_events'
  const sumOf = (name: (typeof COUNTS)[number]): string => (raw ? FROM_RAW[name] : undefined) ?? `sum(${name})`
  return [
    `SELECT ${period} AS period, ${keysOf(q).join(', ')},`,
    `  ${COUNTS.map((c) => `toInt128(${sumOf(c)}) AS s_${c}`).join(', ')},`,
    `  ${storedOf(q)
      .map((c) => `sum(${c}) AS s_${c}`)
      .join(', ')}`,
    `FROM ${rowsOf(segment, i)}${filters}`,
    `GROUP BY ${keysOf(q).join(', ')}`,
  ].join('\n')
}

function readRow(row: Row): WorkRow {
  const { provider, model, region } = row
  const stored = (name: (typeof CENTRALS)[number]): Range => {
    const central = toNumber(parseDecimal(row[name]))
    const bound = (text: string | undefined): number => (text === undefined ? central : toNumber(parseDecimal(text)))
    return { low: bound(row[`${name}_low`]), central, high: bound(row[`${name}_high`]) }
  }
  return {
    period: Number(row.period),
    named: provider === undefined || model === undefined || region === undefined ? null : { provider, model, region },
    factorSet: row.factor_set,
    factorId: row.factor_id,
    gridId: row.grid_id,
    activity: {
      calls: Number(row.calls),
      tokensIn: Number(row.tokens_in),
      tokensInSquared: Number(row.tokens_in_squared),
      tokensCacheRead: Number(row.tokens_cache_read),
      tokensCacheWrite: Number(row.tokens_cache_write),
      tokensOut: Number(row.tokens_out),
      tokensReasoningSeparate: Number(row.tokens_reasoning_separate),
      tokensOutReasoningHidden: Number(row.tokens_out_reasoning_hidden),
    },
    stored: { kwh: stored('kwh'), waterL: stored('water_l'), co2Kg: stored('co2_kg') },
  }
}
