/** `GET /v1/usage/explain`: how a total came about, step by step, down to the sources. */
import { type TotalExplanationAnswer, totalExplanation } from '@ecomind/schemas'
import { z } from 'zod'
import { ApiError } from '../http/api-error.ts'
import { orgRoute } from '../http/route.ts'
import { filterList, from, orgId, to, tz } from '../parameters/shapes.ts'
import { explainWork } from '../totals/explain-total.ts'
import { askPeriodWork } from '../work/ask-period-work.ts'
import { byFactorAndGrid } from '../work/by-factor-and-grid.ts'

/** Each group unfolds into about ten steps with their sources. */
const GROUPS_MAX = 300

export const usageExplainRoute = orgRoute({
  permission: 'usage:read',
  method: 'get',
  path: '/v1/usage/explain',
  tag: 'Usage',
  summary: 'How a total came about',
  description: [
    'The calls of the period by factor set, factor and grid: their sums of tokens, one computation over them with formulas, units, records and sources, and the numbers that were stored with the calls. The total is made from the stored numbers by the same rule as in /v1/usage.',
    'Computed and stored numbers of a group differ by at most 0.5e-12 a call and number, because every call was rounded when it was stored; `agrees` says that they do not differ by more.',
    `At most ${GROUPS_MAX} groups; more is \`result_too_large\`: ask for a shorter period or filter.`,
  ].join('\n\n'),
  query: z.strictObject({ org_id: orgId, from, to, filter: filterList, tz }),
  answer: totalExplanation,
  errors: ['invalid_parameter', 'not_found', 'result_too_large', 'overloaded', 'database_unavailable', 'query_timeout'],
  handle: async (context, scope, { query }): Promise<TotalExplanationAnswer> => {
    const { placed, head } = await askPeriodWork(context, scope, query, { ranges: true })
    const work = [...byFactorAndGrid(placed).values()]
    if (work.length > GROUPS_MAX) {
      const message = `${work.length} groups of factor and grid, at most ${GROUPS_MAX} are explained at once; filter or ask for a shorter period`
      throw new ApiError('result_too_large', message)
    }
    return {
      ...head,
      calls: work.reduce((sum, w) => sum + w.activity.calls, 0),
      ...explainWork(work),
    }
  },
})
