/** `GET /v1/intensity`: g CO2e per 1,000 tokens, per call and per user. */
import { type IntensityAnswer, intensityAnswer } from '@ecomind/schemas'
import { z } from 'zod'
import { orgRoute } from '../http/route.ts'
import { intensityOf, type WorkUnits } from '../intensity/intensity-of.ts'
import { filterList, from, groups, orgId, to, tz } from '../parameters/shapes.ts'
import { periodOf } from '../parameters/times.ts'
import { type ActiveUsers, activeUsersQuestion } from '../questions/active-users.ts'
import { coarsestGrainMs, coverPeriod } from '../time/grain-cover.ts'
import { isoPeriod } from '../time/windows.ts'
import { reportBasis } from '../usage/report-basis.ts'
import { reportUsage, USAGE_ITEMS_MAX } from '../usage/usage-report.ts'

const NO_UNITS: WorkUnits = { users: 0, tokensReasoningSeparate: 0 }

export const intensityRoute = orgRoute({
  permission: 'usage:read',
  method: 'get',
  path: '/v1/intensity',
  tag: 'Usage',
  summary: 'Impact per unit of work',
  description: [
    'The SCI score of ISO/IEC 21031, (E x I + M) per R, with its parts: E energy at the meter of the data centre, I location-based intensity of that energy, M the share of making the hardware, R one call, 1,000 tokens or one active user of the period.',
    'Boundary: inference as the consumer of an API sees it; training, network and devices are not in it. Low and high are those of the totals, combined over factors as in /v1/usage, divided by the counted units.',
    'Users of different groups may be the same people: `users` of items do not add up to that of `totals`.',
  ].join('\n\n'),
  query: z.strictObject({ org_id: orgId, from, to, group_by: groups, filter: filterList, tz }),
  answer: intensityAnswer,
  errors: ['invalid_parameter', 'not_found', 'result_too_large', 'overloaded', 'database_unavailable', 'query_timeout'],
  handle: async (context, scope, { query }): Promise<IntensityAnswer> => {
    const zone = query.tz ?? scope.tz
    const period = periodOf(query.from, query.to, zone)
    const groupBy = query.group_by ?? []
    const filters = query.filter ?? []
    const segments = coverPeriod(period, coarsestGrainMs(undefined, zone, period))
    const basis = await reportBasis(context)
    const askUsers = (by: typeof groupBy) =>
      scope.ask(activeUsersQuestion({ segments, groupBy: by, filters, rowsMax: USAGE_ITEMS_MAX }))
    const report = await reportUsage(scope, basis, { period, tz: zone, window: undefined, groupBy, filters })
    const units = new Map((await askUsers(groupBy)).map((u) => [keyOf(u.groups), u]))
    const [all] = groupBy.length === 0 ? [...units.values()] : await askUsers([])
    return {
      ...isoPeriod(period),
      tz: zone,
      items: report.items.map((item) => {
        const group = Object.fromEntries(groupBy.map((field) => [field, item[field] ?? '']))
        return { ...group, ...intensityOf(item, units.get(keyOf(group)) ?? NO_UNITS) }
      }),
      totals: intensityOf(report.totals, all ?? NO_UNITS),
    }
  },
})

const keyOf = (groups: ActiveUsers['groups']): string => JSON.stringify(Object.entries(groups).sort())
