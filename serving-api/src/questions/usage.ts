/**
 * What did this organisation use in a period, per window and per group? The tables are chosen by the period: the
 * coarsest rollups that lie inside it, finer ones and raw events at its ragged ends, put together with UNION ALL.
 */
import type { QueryParam } from '@ecomind/clickhouse'
import type { GroupField } from '@ecomind/schemas'
import { type FactorSums, SUMMED } from '../numbers/usage-sums.ts'
import type { Filter } from '../parameters/filters.ts'
import type { Segment } from '../time/grain-cover.ts'
import type { Bucketing, BucketNumber } from '../time/windows.ts'
import { type Question, question } from './question.ts'
import { filterConditions, peopleOf, rowsOf, segmentParams, sumOf, timeOf } from './usage-rows.ts'

export interface UsageQuestion {
  /** Ascending; together they are the period. */
  readonly segments: readonly Segment[]
  readonly bucketing: Bucketing
  readonly groupBy: readonly GroupField[]
  readonly filters: readonly Filter[]
  /** Only these groups, which a ranking has chosen already (ranking.ts). */
  readonly among?: Among
  /** Rows of later recomputations are left out; null or absent: the newest state that is whole. Raw events have the first numbers only. */
  readonly generationMax?: number | null
  /** More rows than this are an error, never a cut. */
  readonly rowsMax: number
}

export interface Among {
  readonly field: GroupField
  readonly values: readonly string[]
}

/** More factors than one group has calls of. */
const FACTORS_EACH_MAX = 64

const flatRowsMax = ({ among, segments }: UsageQuestion): number =>
  FACTORS_EACH_MAX * Math.max(1, among?.values.length ?? 1) * Math.max(1, segments.length)

interface Row {
  readonly bucket: string
  readonly loaded_at: number
  readonly factors: readonly FactorSums[]
}

export interface UsageRow {
  readonly bucket: BucketNumber
  readonly groups: Readonly<Partial<Record<GroupField, string>>>
  /** One for each factor and table that was read. */
  readonly factors: readonly FactorSums[]
  /** Highest watermark at which one of the events was loaded, epoch milliseconds. */
  readonly loadedAtWatermarkMs: number
}

export function usageQuestion(q: UsageQuestion): Question<Row, readonly UsageRow[]> {
  const filter = filterConditions(q.filters)
  const among = amongCondition(q.among)
  const bucket = bucketExpression(q.bucketing)
  const keys = ['bucket', ...q.groupBy].join(', ')
  const branches = q.segments.map((segment, i) =>
    branchText(segment, i, bucket.text, q.groupBy, filter.text + among.text),
  )
  const isFlat = q.bucketing.kind === 'whole' && (q.groupBy.length === 0 || q.among !== undefined)
  return question<Row, readonly UsageRow[]>({
    name: 'usage',
    text: isFlat ? flatText(branches, keys) : listedText(branches, keys),
    params: {
      ...segmentParams(q.segments),
      ...bucket.params,
      ...filter.params,
      ...among.params,
      ...(q.generationMax == null ? {} : { generation_max: q.generationMax }),
    },
    limits: { projections: true, maxResultRows: isFlat ? flatRowsMax(q) : q.rowsMax },
    people: q.among === undefined ? peopleOf(q.filters, q.groupBy) : 'chosen',
    read: (rows) => readRows(rows, q.groupBy),
  })
}

/** One list of all numbers: planning a statement costs a quarter of a millisecond for each sum that it names. */
const FACTOR = `(factor_id, set_id, ${SUMMED.map((c) => `s_${c}`).join(', ')})`

function listedText(branches: readonly string[], keys: string): string {
  return [
    `SELECT ${keys}, max(b.loaded_at) AS loaded_at, groupArray(${FACTOR}) AS factors`,
    `FROM (${branches.join('\nUNION ALL\n')}) AS b`,
    `GROUP BY ${keys} ORDER BY ${keys}`,
  ].join('\n')
}

/** Of few groups: a row for each factor, without the second grouping, a sixth of the time of a small question. */
function flatText(branches: readonly string[], keys: string): string {
  return [`SELECT ${keys}, loaded_at, [${FACTOR}] AS factors`, `FROM (${branches.join('\nUNION ALL\n')})`].join('\n')
}

function amongCondition(among: Among | undefined): { text: string; params: Record<string, QueryParam> } {
  if (among === undefined) return { text: '', params: {} }
  return { text: `\n  AND ${among.field} IN {among:Array(String)}`, params: { among: among.values } }
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
  const time = timeOf(segment)
  const keys = ['bucket', ...groupBy].join(', ')
  return [
    `SELECT ${bucket.replaceAll('$time', `toInt64(toUnixTimestamp(${time}))`)} AS ${keys}, factor_id,`,
    `  max(factor_set) AS set_id, toUnixTimestamp(max(watermark_at)) AS loaded_at,`,
    `  ${SUMMED.map((c) => `${sumOf(c, raw)} AS s_${c}`).join(', ')}`,
    `FROM ${rowsOf(segment, i)}${filters}`,
    // What a recomputation moved to another factor, region or grid nets to no calls where it was.
    `GROUP BY ${keys}, factor_id HAVING s_calls != 0`,
  ].join('\n')
}

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

/** Rows of one group, be they next to each other or not, become one. */
function readRows(rows: readonly Row[], groupBy: readonly GroupField[]): readonly UsageRow[] {
  const byKey = new Map<string, UsageRow>()
  for (const row of rows) {
    const fields = row as unknown as Readonly<Record<GroupField, string>>
    const key = [row.bucket, ...groupBy.map((g) => fields[g])].join('\0')
    const before = byKey.get(key)
    byKey.set(key, {
      bucket: Number(row.bucket),
      groups: Object.fromEntries(groupBy.map((g) => [g, fields[g]])),
      factors: before === undefined ? row.factors : [...before.factors, ...row.factors],
      loadedAtWatermarkMs: Math.max(before?.loadedAtWatermarkMs ?? 0, row.loaded_at * 1000),
    })
  }
  return [...byKey.values()]
}
