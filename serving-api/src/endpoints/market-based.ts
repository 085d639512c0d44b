/** `GET /v1/co2/market-based`: the second, labelled number of CO2e. */
import { type MarketBasedAnswer, marketBasedAnswer } from '@ecomind/schemas'
import { z } from 'zod'
import { orgRoute } from '../http/route.ts'
import { marketBased } from '../market/market-based.ts'
import { filterList, from, orgId, to, tz } from '../parameters/shapes.ts'
import { askPeriodWork } from '../work/ask-period-work.ts'
import { byFactorAndGrid } from '../work/by-factor-and-grid.ts'

export const marketBasedRoute = orgRoute({
  permission: 'usage:read',
  method: 'get',
  path: '/v1/co2/market-based',
  tag: 'Usage',
  summary: 'Market-based CO2e beside the total',
  description: [
    'The same electricity after certificates and contracts, as dual reporting of the GHG Protocol asks for. It is never part of another answer: every total is location-based, because a contract moves no power plant.',
    "Each group names the instrument behind its figure: the provider's own, or the residual mix of the grid. Where neither is known the location-based figure stands in, labelled `location`; `kwh_share_with_instrument` says how much is covered. No offsets are counted.",
  ].join('\n\n'),
  query: z.strictObject({ org_id: orgId, from, to, filter: filterList, tz }),
  answer: marketBasedAnswer,
  errors: ['invalid_parameter', 'not_found', 'result_too_large', 'overloaded', 'database_unavailable', 'query_timeout'],
  handle: async (context, scope, { query }): Promise<MarketBasedAnswer> => {
    const { placed, head } = await askPeriodWork(context, scope, query)
    return {
      ...head,
      ...marketBased([...byFactorAndGrid(placed).values()]),
    }
  },
})
