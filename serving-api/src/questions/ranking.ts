/**
 * Which groups used most of something in a period, and how many groups are there? Reads two columns where the numbers of a
 * group are twenty, so of some thousand users the few that are shown are found before their numbers are asked for.
 */
import type { GroupField, Ranked } from '@ecomind/schemas'
import { type Question, question } from './question.ts'
import type { UsageQuestion } from './usage.ts'
import { filterConditions, peopleOf, rowsOf, segmentParams, sumOf } from './usage-rows.ts'

export interface RankingQuestion extends Pick<UsageQuestion, 'segments' | 'filters' | 'generationMax'> {
  readonly field: GroupField
  readonly by: Ranked
  readonly limit: number
}

export interface Ranking {
  /** The largest first; those that are tied by their names. */
  readonly values: readonly string[]
  /** Of all that have calls. */
  readonly groupCount: number
}

interface Row {
  readonly value: string
  readonly groups: string
}

export function rankingQuestion(q: RankingQuestion): Question<Row, Ranking> {
  const filter = filterConditions(q.filters)
  const branches = q.segments.map((segment, i) => {
    const raw = segment.table === 'usage_events'
    return [
      `SELECT ${q.field} AS value, ${sumOf('calls', raw)} AS s_calls, ${sumOf(q.by, raw)} AS s_ranked`,
      `FROM ${rowsOf(segment, i)}${filter.text}`,
      'GROUP BY value',
    ].join('\n')
  })
  const text = [
    'SELECT value, count() OVER () AS groups',
    `FROM (${branches.join('\nUNION ALL\n')})`,
    'GROUP BY value HAVING sum(s_calls) != 0',
    `ORDER BY sum(s_ranked) DESC, value LIMIT ${q.limit}`,
  ].join('\n')
  return question<Row, Ranking>({
    name: 'ranking',
    text,
    params: {
      ...segmentParams(q.segments),
      ...filter.params,
      ...(q.generationMax == null ? {} : { generation_max: q.generationMax }),
    },
    limits: { projections: true },
    people: peopleOf(q.filters, [q.field]),
    countPeople: groupCountOf,
    read: (rows) => ({ values: rows.map(({ value }) => value), groupCount: groupCountOf(rows) }),
  })
}

const groupCountOf = (rows: readonly Row[]): number => Number(rows[0]?.groups ?? 0)
