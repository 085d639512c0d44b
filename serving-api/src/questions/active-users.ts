/** How many different users did each group have in a period, and how many reasoning tokens were reported apart? */
import type { GroupField } from '@ecomind/schemas'
import type { Filter } from '../parameters/filters.ts'
import type { Segment } from '../time/grain-cover.ts'
import { type Question, question } from './question.ts'
import { filterConditions, peopleOf, rowsOf, segmentParams } from './usage-rows.ts'

export interface ActiveUsersQuestion {
  readonly segments: readonly Segment[]
  readonly groupBy: readonly GroupField[]
  readonly filters: readonly Filter[]
  /** More rows than this are an error, never a cut. */
  readonly rowsMax: number
}

interface Row {
  readonly users: string
  readonly apart: string
}

export interface ActiveUsers {
  readonly groups: Readonly<Partial<Record<GroupField, string>>>
  readonly users: number
  readonly tokensReasoningSeparate: number
}

export function activeUsersQuestion(q: ActiveUsersQuestion): Question<Row, readonly ActiveUsers[]> {
  const filter = filterConditions(q.filters)
  const keys = [...new Set([...q.groupBy, 'user_id'])].join(', ')
  const branches = q.segments.map((segment, i) => {
    const raw = segment.table === 'usage_events'
    const apart = raw ? 'sumIf(tokens_reasoning, reasoning_separate)' : 'sum(tokens_reasoning_separate)'
    return [
      `SELECT ${keys}, toInt128(${raw ? 'count()' : 'sum(calls)'}) AS s_calls, toInt128(${apart}) AS s_apart`,
      `FROM ${rowsOf(segment, i)}${filter.text}`,
      `GROUP BY ${keys}`,
    ].join('\n')
  })
  const groups = q.groupBy.join(', ')
  return question<Row, readonly ActiveUsers[]>({
    name: 'active-users',
    text: [
      `SELECT ${groups === '' ? '' : `${groups}, `}uniqExactIf(user_id, c != 0) AS users, sum(a) AS apart`,
      `FROM (SELECT ${keys}, sum(s_calls) AS c, sum(s_apart) AS a FROM (${branches.join('\nUNION ALL\n')}) GROUP BY ${keys})`,
      groups === '' ? '' : `GROUP BY ${groups} ORDER BY ${groups}`,
    ].join('\n'),
    params: { ...segmentParams(q.segments), ...filter.params },
    limits: { maxResultRows: q.rowsMax },
    people: peopleOf(q.filters, q.groupBy),
    read: (rows) =>
      rows.map((row) => {
        const fields = row as unknown as Readonly<Record<GroupField, string>>
        return {
          groups: Object.fromEntries(q.groupBy.map((g) => [g, fields[g]])),
          users: Number(row.users),
          tokensReasoningSeparate: Number(row.apart),
        }
      }),
  })
}
