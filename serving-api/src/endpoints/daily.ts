/** `GET /v1/aggregate/daily`: one row a day of the zone. */
import { type DailyItem, dailyAnswer, type UsageItem } from '@ecomind/schemas'
import { z } from 'zod'
import { invalidParameter } from '../http/api-error.ts'
import { orgRoute } from '../http/route.ts'
import { ownerFilters } from '../parameters/owner-filters.ts'
import { filterList, generation, orgId, teamId, tz, userId } from '../parameters/shapes.ts'
import { date } from '../parameters/times.ts'
import { dayNumberAt, dayStart, formatDay } from '../time/days.ts'
import { generationOf } from '../usage/generation-of.ts'
import { reportBasis } from '../usage/report-basis.ts'
import { noUsage, reportUsage } from '../usage/usage-report.ts'

export const dailyRoute = orgRoute({
  permission: 'usage:read',
  method: 'get',
  path: '/v1/aggregate/daily',
  tag: 'Usage',
  summary: 'One row a day',
  description:
    'Days of the zone from `from` up to, not including, `to`; when both are the same date, that one day. Days without calls are there with zeros. Days may have 23 or 25 hours.',
  query: z.strictObject({
    org_id: orgId,
    from: date.describe('first day, YYYY-MM-DD'),
    to: date.describe('the day behind the last one, YYYY-MM-DD'),
    user_id: userId,
    team_id: teamId,
    filter: filterList,
    generation,
    tz,
  }),
  answer: dailyAnswer,
  errors: ['invalid_parameter', 'not_found', 'result_too_large', 'overloaded', 'database_unavailable', 'query_timeout'],
  handle: async (context, scope, { query }) => {
    const zone = query.tz ?? scope.tz
    if (query.to < query.from) throw invalidParameter('to', 'must not be before from')
    const endDay = Math.max(query.to, query.from + 1)
    const period = { fromMs: dayStart(zone, query.from), toMs: dayStart(zone, endDay) }
    // A date that the zone skipped has no time in it.
    if (period.fromMs >= period.toMs) return { items: [], totals: noUsage(), tz: zone }
    const { items, totals } = await reportUsage(scope, await reportBasis(context), {
      period,
      tz: zone,
      window: '1d',
      groupBy: [],
      filters: ownerFilters(query),
      generationMax: generationOf(context, scope, query.generation),
    })
    return { items: items.map((item) => toDailyItem(item, zone)), totals, tz: zone }
  },
})

function toDailyItem(item: UsageItem, tz: string): DailyItem {
  const { window_start, window_end: _end, ...rest } = item
  return { date: formatDay(dayNumberAt(tz, Date.parse(window_start))), ...rest }
}
