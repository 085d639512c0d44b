/** `GET /v1/suggestions`: the changes that would save most CO2e. */
import { type SuggestionsAnswer, suggestionsAnswer } from '@ecomind/schemas'
import { z } from 'zod'
import { orgRoute } from '../http/route.ts'
import { filterList, from, orgId, to, tz } from '../parameters/shapes.ts'
import { compareWork } from '../whatif/compare-work.ts'
import { suggest } from '../whatif/suggest.ts'
import { askPeriodWork } from '../work/ask-period-work.ts'

export const suggestionsRoute = orgRoute({
  permission: 'usage:read',
  method: 'get',
  path: '/v1/suggestions',
  tag: 'Scenarios',
  summary: 'The three changes that save most',
  description: [
    'Tried are: the next smaller model of the same family, the cleanest region in reach, the batch tier, and half of a long input from the cache. Each item can be asked again as POST /v1/whatif with its `filter` and `change`, and gives the same numbers.',
    'Savings do not add up: two suggestions may be about the same calls. A smaller model is not the same quality, a batch answers later; `assumptions` say what has to hold, and a range of the difference that holds 0 means that the saving is not sure.',
  ].join('\n\n'),
  query: z.strictObject({ org_id: orgId, from, to, filter: filterList, tz }),
  answer: suggestionsAnswer,
  errors: ['invalid_parameter', 'not_found', 'result_too_large', 'overloaded', 'database_unavailable', 'query_timeout'],
  handle: async (context, scope, { query }): Promise<SuggestionsAnswer> => {
    const { placed, head } = await askPeriodWork(context, scope, query, { names: true })
    const { baseline, calls } = compareWork(placed, {})
    return {
      ...head,
      calls,
      baseline,
      items: suggest(placed),
    }
  },
})
