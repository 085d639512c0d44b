/** Rows of usage as questions name them: of a part of the period, filtered, and summed up alike in raw events and rollups. */
import type { QueryParam } from '@ecomind/clickhouse'
import type { GroupField } from '@ecomind/schemas'
import { isCount, type SUMMED } from '../numbers/usage-sums.ts'
import type { Filter } from '../parameters/filters.ts'
import type { Segment } from '../time/grain-cover.ts'
import { ownRows } from './question.ts'

export const timeOf = ({ table }: Segment): string => (table === 'usage_events' ? 'ts' : 'window_start')

/** The rows of the i-th segment; its bounds are bound by `segmentParams`. */
export function rowsOf(segment: Segment, i: number): string {
  const time = timeOf(segment)
  const bound = (name: string) =>
    segment.table === 'usage_events'
      ? `fromUnixTimestamp64Milli({${name}:Int64})`
      : `toDateTime({${name}:UInt32}, 'UTC')`
  return `${ownRows(segment.table)}\n  AND ${time} >= ${bound(`from_${i}`)} AND ${time} < ${bound(`to_${i}`)}`
}

export function segmentParams(segments: readonly Segment[]): Record<string, QueryParam> {
  const params: Record<string, QueryParam> = {}
  for (const [i, s] of segments.entries()) {
    const unitMs = s.table === 'usage_events' ? 1 : 1000
    params[`from_${i}`] = s.fromMs / unitMs
    params[`to_${i}`] = s.toMs / unitMs
  }
  return params
}

const RAW_CALLS: Readonly<Record<string, string>> = {
  calls: 'count()',
  calls_measured: "countIf(quality = 'measured')",
  calls_unknown: "countIf(quality = 'unknown')",
}

/** Counts are signed, like the rollups: reversals of a recomputation count negative. */
export function sumOf(column: (typeof SUMMED)[number], raw: boolean): string {
  if (!raw) return `sum(${column})`
  const sum = RAW_CALLS[column] ?? `sum(${column})`
  return isCount(column) ? `toInt64(${sum})` : sum
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

export function peopleOf(
  filters: readonly Filter[],
  groupBy: readonly GroupField[] = [],
): 'none' | 'listed' | 'singled-out' {
  if (filters.some((f) => f.field === 'user_id')) return 'singled-out'
  return groupBy.includes('user_id') ? 'listed' : 'none'
}
