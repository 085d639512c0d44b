/**
 * What did this organisation use in a period, per window and per group? The tables are chosen by the period: the
 * coarsest rollups that lie inside it, finer ones and raw events at its ragged ends, put together with UNION ALL.
 */
import type { QueryParam } from '@ecomind/clickhouse'
import type { GroupField } from '@ecomind/schemas'
import type { UsageSumColumns } from '../numbers/usage-sums.ts'
import type { Filter } from '../parameters/filters.ts'
import type { Segment } from '../time/grain-cover.ts'
import type { Bucketing, BucketNumber } from '../time/windows.ts'
import { ownRows, type Question, question } from './question.ts'

export interface UsageQuestion {
  /** Ascending; together they are the period. */
  readonly segments: readonly Segment[]
  readonly bucketing: Bucketing
  readonly groupBy: readonly GroupField[]
  readonly filters: readonly Filter[]
  /** Rows of later recomputations are left out; null or absent: the newest state that is whole. Raw events have the first numbers only. */
  readonly generationMax?: number | null
  /** More rows than this are an error, never a cut. */
  readonly rowsMax: number
}

interface Row extends UsageSumColumns {
  readonly bucket: string
  readonly loaded_at_watermark: string
}

export interface UsageRow {
  readonly bucket: BucketNumber
  readonly groups: Readonly<Partial<Record<GroupField, string>>>
  readonly sums: UsageSumColumns
  /** Highest watermark at which one of the events was loaded, epoch milliseconds. */
  readonly loadedAtWatermarkMs: number
}

const COUNTS = ['tokens_in', 'tokens_out', 'tokens_cache_read', 'tokens_cache_write', 'tokens_reasoning'] as const
const CALLS = ['calls', 'calls_measured', 'calls_unknown'] as const
const BOUNDS = [
  'kwh',
  'kwh_low',
  'kwh_high',
  'water_l',
  'water_l_low',
  'water_l_high',
  'co2_kg',
  'co2_kg_low',
  'co2_kg_high',
] as const
const PARTS = ['water_l_onsite', 'co2_kg_use'] as const

export function usageQuestion(q: UsageQuestion): Question<Row, readonly UsageRow[]> {
  const filter = filterConditions(q.filters)
  const bucket = bucketExpression(q.bucketing)
  const keys = ['bucket', ...q.groupBy].join(', ')
  const branches = q.segments.map((segment, i) => branchText(segment, i, bucket.text, q.groupBy, filter.text))
  const sums = [...CALLS, ...COUNTS, ...PARTS]
  const text = [
    `SELECT ${keys}, max(loaded_at) AS loaded_at_watermark,`,
    `  ${sums.map((c) => `sum(s_${c}) AS ${c}`).join(', ')},`,
    '  groupArray(factor_id) AS factor_ids, groupArray(set_id) AS factor_sets,',
    `  ${BOUNDS.map((c) => `groupArray(s_${c}) AS ${c}_by_factor`).join(', ')}`,
    `FROM (${mergeBranches(branches, keys)})`,
    `GROUP BY ${keys} ORDER BY ${keys}`,
  ].join('\n')
  return question<Row, readonly UsageRow[]>({
    name: 'usage',
    text,
    params: {
      ...segmentParams(q.segments),
      ...bucket.params,
      ...filter.params,
      ...(q.generationMax == null ? {} : { generation_max: q.generationMax }),
    },
    limits: { maxResultRows: q.rowsMax },
    people: peopleOf(q.filters, q.groupBy),
    read: (rows) => rows.map((row) => readRow(row, q.groupBy)),
  })
}

/** Several branches may hold the same factor of the same group; a single one can't. */
function mergeBranches(branches: readonly string[], keys: string): string {
  const [only] = branches
  if (branches.length === 1 && only !== undefined) return only
  return [
    `SELECT ${keys}, factor_id, max(b.set_id) AS set_id, max(b.loaded_at) AS loaded_at,`,
    `  ${[...CALLS, ...COUNTS, ...PARTS, ...BOUNDS].map((c) => `sum(b.s_${c}) AS s_${c}`).join(', ')}`,
    `FROM (${branches.join('\nUNION ALL\n')}) AS b`,
    `GROUP BY ${keys}, factor_id`,
  ].join('\n')
}

/** Sums of one table, already grouped, so that branches are small and of one shape. */
function branchText(
  segment: Segment,
  i: number,
  bucket: string,
  groupBy: readonly GroupField[],
  filters: string,
): string {
  const raw = segment.table === 'usage_events'
  const time = raw ? 'ts' : 'window_start'
  const bound = (name: string) =>
    raw ? `fromUnixTimestamp64Milli({${name}:Int64})` : `toDateTime({${name}:UInt32}, 'UTC')`
  const calls = raw ? RAW_CALLS : CALLS.map((c) => `sum(${c}) AS s_${c}`).join(', ')
  const keys = ['bucket', ...groupBy].join(', ')
  return [
    `SELECT ${bucket.replaceAll('$time', `toInt64(toUnixTimestamp(${time}))`)} AS ${keys}, factor_id,`,
    `  max(factor_set) AS set_id, max(toUnixTimestamp(watermark_at)) AS loaded_at, ${calls},`,
    // Signed, like the rollups: reversals of a recomputation count negative.
    `  ${COUNTS.map((c) => `toInt64(sum(${c})) AS s_${c}`).join(', ')},`,
    `  ${[...PARTS, ...BOUNDS].map((c) => `sum(${c}) AS s_${c}`).join(', ')}`,
    `FROM ${ownRows(segment.table)}`,
    `  AND ${time} >= ${bound(`from_${i}`)} AND ${time} < ${bound(`to_${i}`)}${filters}`,
    // What a recomputation moved to another factor, region or grid nets to no calls where it was.
    `GROUP BY ${keys}, factor_id HAVING s_calls != 0`,
  ].join('\n')
}

function segmentParams(segments: readonly Segment[]): Record<string, QueryParam> {
  const params: Record<string, QueryParam> = {}
  for (const [i, s] of segments.entries()) {
    const unitMs = s.table === 'usage_events' ? 1 : 1000
    params[`from_${i}`] = s.fromMs / unitMs
    params[`to_${i}`] = s.toMs / unitMs
  }
  return params
}

const RAW_CALLS = [
  'toInt64(count()) AS s_calls',
  "toInt64(countIf(quality = 'measured')) AS s_calls_measured",
  "toInt64(countIf(quality = 'unknown')) AS s_calls_unknown",
].join(', ')

/** `$time` stands for the row's epoch seconds. */
function bucketExpression(b: Bucketing): { text: string; params: Record<string, QueryParam> } {
  switch (b.kind) {
    case 'whole':
      return { text: 'toInt64(0)', params: {} }
    case 'fixed':
      return { text: 'intDiv($time, {window_s:Int64})', params: { window_s: b.sizeMs / 1000 } }
    case 'days': {
      const [only] = b.spans
      // Looking a span up costs every row; most periods and UTC have one offset throughout.
      if (b.spans.length === 1 && only !== undefined)
        return { text: 'intDiv($time + {offset_s:Int64}, 86400)', params: { offset_s: only.offsetMs / 1000 } }
      return {
        // The zone's offset at that time, from the spans of one offset; then the zone's own day number.
        text: 'intDiv($time + {offsets_s:Array(Int64)}[arrayCount(s -> s <= $time, {span_starts_s:Array(Int64)})], 86400)',
        params: {
          offsets_s: b.spans.map((s) => s.offsetMs / 1000),
          span_starts_s: b.spans.map((s) => Math.floor(s.startMs / 1000)),
        },
      }
    }
  }
}

export function peopleOf(
  filters: readonly Filter[],
  groupBy: readonly GroupField[] = [],
): 'none' | 'listed' | 'singled-out' {
  if (filters.some((f) => f.field === 'user_id')) return 'singled-out'
  return groupBy.includes('user_id') ? 'listed' : 'none'
}

/** One condition per field and sense, so that alternatives of a field need no OR. */
export function filterConditions(filters: readonly Filter[]): { text: string; params: Record<string, QueryParam> } {
  const lists = new Map<string, { field: GroupField; keep: boolean; values: string[] }>()
  for (const { field, keep, value } of filters) {
    const name = `${keep ? 'keep' : 'drop'}_${field}`
    const list = lists.get(name) ?? { field, keep, values: [] }
    list.values.push(value)
    lists.set(name, list)
  }
  let text = ''
  const params: Record<string, QueryParam> = {}
  for (const [name, { field, keep, values }] of lists) {
    text += `\n  AND ${field} ${keep ? 'IN' : 'NOT IN'} {${name}:Array(String)}`
    params[name] = values
  }
  return { text, params }
}

function readRow(row: Row, groupBy: readonly GroupField[]): UsageRow {
  const fields = row as unknown as Readonly<Record<GroupField, string>>
  return {
    bucket: Number(row.bucket),
    groups: Object.fromEntries(groupBy.map((g) => [g, fields[g]])),
    sums: row,
    loadedAtWatermarkMs: Number(row.loaded_at_watermark) * 1000,
  }
}
