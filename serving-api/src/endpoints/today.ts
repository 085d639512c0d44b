/** `GET /v1/today`: the day so far in the organisation's zone. */
import { today } from '@ecomind/schemas'
import { z } from 'zod'
import { orgRoute } from '../http/route.ts'
import { ownerFilters } from '../parameters/owner-filters.ts'
import { filterList, generation, orgId, teamId, tz, userId } from '../parameters/shapes.ts'
import { dayNumberAt, formatDay, localDay } from '../time/days.ts'
import { generationOf } from '../usage/generation-of.ts'
import { reportBasis } from '../usage/report-basis.ts'
import { reportUsage } from '../usage/usage-report.ts'

export const todayRoute = orgRoute({
  permission: 'usage:read',
  method: 'get',
  path: '/v1/today',
  tag: 'Usage',
  summary: 'The day so far',
  description:
    "One flat row: the calendar day that is now in the organisation's zone, from its first instant on. A day of a zone with daylight saving may have 23 or 25 hours.",
  query: z.strictObject({ org_id: orgId, user_id: userId, team_id: teamId, filter: filterList, generation, tz }),
  answer: today,
  errors: ['invalid_parameter', 'not_found', 'overloaded', 'database_unavailable', 'query_timeout'],
  handle: async (context, scope, { query }) => {
    const zone = query.tz ?? scope.tz
    const day = localDay(zone, dayNumberAt(zone, context.nowMs()))
    const { items, totals } = await reportUsage(scope, await reportBasis(context), {
      period: { fromMs: day.startMs, toMs: day.endMs },
      tz: zone,
      window: undefined,
      groupBy: [],
      filters: ownerFilters(query),
      generationMax: generationOf(context, scope, query.generation),
    })
    return {
      org_id: scope.orgId,
      ...(query.user_id === undefined ? {} : { user_id: query.user_id }),
      date: formatDay(day.day),
      tz: zone,
      status: items[0]?.status ?? 'provisional',
      ...totals,
    }
  },
})
