/** `GET /v1/usage`: windows and breakdowns of a period, and beside them those of another one. */
import { RANKED, usageAnswer } from '@ecomind/schemas'
import { z } from 'zod'
import { invalidParameter } from '../http/api-error.ts'
import { orgRoute } from '../http/route.ts'
import {
  compare,
  countUpTo,
  filterList,
  from,
  generation,
  groups,
  orgId,
  to,
  tz,
  windowSize,
} from '../parameters/shapes.ts'
import { periodOf } from '../parameters/times.ts'
import { isoPeriod, type Period } from '../time/windows.ts'
import { comparePeriod } from '../usage/compare-period.ts'
import { generationOf } from '../usage/generation-of.ts'
import { type LargestReport, LIMIT_MAX, reportLargest } from '../usage/largest-groups.ts'
import { reportBasis } from '../usage/report-basis.ts'
import { reportUsage, USAGE_ITEMS_MAX, type UsageReport } from '../usage/usage-report.ts'

export const usageRoute = orgRoute({
  permission: 'usage:read',
  method: 'get',
  path: '/v1/usage',
  tag: 'Usage',
  summary: 'Windows and breakdowns',
  description: [
    'Tumbling windows, half-open and aligned to the epoch in UTC; `1d` windows are the days of `tz`, with 23 or 25 hours where clocks change.',
    'The first and the last window are cut at `from` and `to`: an item counts exactly what lies between its window_start and window_end. Ends finer than a minute are answered from the raw events.',
    'Without `group_by` every window of the period is there, empty ones with zeros. With `group_by` only combinations that have calls; a field that no event stated is the empty string.',
    'Low and high of rows and of totals are combined over factors (errors inside one factor do not average out), so ranges of items must not be added up.',
    'With `limit` the ranking, the numbers of its groups and the totals are read one after the other: while events are loaded, what came in between may be in one and not in another.',
    `At most ${USAGE_ITEMS_MAX} items; more is \`result_too_large\`, never a part of the answer.`,
  ].join('\n\n'),
  query: z.strictObject({
    org_id: orgId,
    from,
    to,
    window: windowSize,
    group_by: groups,
    filter: filterList,
    compare,
    limit: countUpTo(LIMIT_MAX).describe(
      `only the groups that are largest over the period, 1 to ${LIMIT_MAX}; \`totals\` stay those of all, \`compare\` has the same groups. Wants one field in \`group_by\``,
    ),
    order_by: z
      .enum(RANKED, { message: `one of ${RANKED.join(', ')} is wanted` })
      .optional()
      .describe('what `limit` ranks by; default co2_kg'),
    generation,
    tz,
  }),
  answer: usageAnswer,
  errors: ['invalid_parameter', 'not_found', 'result_too_large', 'overloaded', 'database_unavailable', 'query_timeout'],
  handle: async (context, scope, { query }) => {
    if (query.order_by !== undefined && query.limit === undefined)
      throw invalidParameter('order_by', 'limit is wanted beside it')
    const zone = query.tz ?? scope.tz
    const period = periodOf(query.from, query.to, zone)
    const other = query.compare === undefined ? undefined : comparePeriod(query.compare, period, zone)
    const basis = await reportBasis(context)
    const request = {
      tz: zone,
      window: query.window,
      groupBy: query.group_by ?? [],
      filters: query.filter ?? [],
      generationMax: generationOf(context, scope, query.generation),
    }
    const largest =
      query.limit === undefined
        ? null
        : { limit: query.limit, by: query.order_by ?? 'co2_kg', memory: context.rankings }
    const ask = async (p: Period, chosen?: readonly string[]): Promise<UsageReport & Partial<LargestReport>> =>
      largest === null
        ? await reportUsage(scope, basis, { ...request, period: p })
        : await reportLargest(scope, basis, { ...request, period: p }, largest, chosen)
    const { items, totals, values, groupCount } = await ask(period)
    const compared = other === undefined ? undefined : await ask(other, values)
    return {
      items,
      totals,
      ...(groupCount === undefined ? {} : { group_count: groupCount }),
      ...(other === undefined || compared === undefined
        ? {}
        : { compare: { ...isoPeriod(other), items: compared.items, totals: compared.totals } }),
      ...isoPeriod(period),
      tz: zone,
      watermark: basis.watermarkMs === null ? null : new Date(basis.watermarkMs).toISOString(),
    }
  },
})
