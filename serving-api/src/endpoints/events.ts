/** `GET /v1/events`: the raw metadata, newest first, page by page. */
import { eventsAnswer } from '@ecomind/schemas'
import { z } from 'zod'
import { orgRoute } from '../http/route.ts'
import { readCursor, writeCursor } from '../parameters/cursor.ts'
import { ownerFilters } from '../parameters/owner-filters.ts'
import { cursor, filterList, from, limit, orgId, teamId, to, tz, userId } from '../parameters/shapes.ts'
import { periodOf, resolvePoint } from '../parameters/times.ts'
import { toEventItem } from '../questions/event-row.ts'
import { eventsQuestion } from '../questions/events.ts'

const LIMIT_MAX = 1000
const LIMIT_DEFAULT = 100
const place = z.strictObject({ ts: z.number().int().min(0).max(4_102_444_800_000), id: z.string().max(64) })

export const eventsRoute = orgRoute({
  permission: 'events:read',
  method: 'get',
  path: '/v1/events',
  tag: 'Events',
  summary: 'Raw events, newest first',
  description:
    'Ordered by `ts`, then `event_id`, both descending. A page goes on behind the last event of the one before, so events that arrive meanwhile shift nothing.',
  query: z.strictObject({
    org_id: orgId,
    from: from.optional(),
    to: to.optional(),
    user_id: userId,
    team_id: teamId,
    filter: filterList,
    tz,
    limit: limit(LIMIT_MAX, LIMIT_DEFAULT),
    cursor,
  }),
  answer: eventsAnswer,
  errors: ['invalid_parameter', 'not_found', 'overloaded', 'database_unavailable', 'query_timeout'],
  handle: async (_context, scope, { query }) => {
    const zone = query.tz ?? scope.tz
    if (query.from !== undefined && query.to !== undefined) periodOf(query.from, query.to, zone)
    const after = query.cursor === undefined ? undefined : readCursor('events', scope.orgId, place, query.cursor)
    const page = await scope.ask(
      eventsQuestion({
        fromMs: query.from === undefined ? undefined : resolvePoint(query.from, zone),
        toMs: query.to === undefined ? undefined : resolvePoint(query.to, zone),
        filters: ownerFilters(query),
        after: after === undefined ? undefined : { tsMs: after.ts, eventId: after.id },
        limit: query.limit ?? LIMIT_DEFAULT,
      }),
    )
    const { next } = page
    return {
      items: page.rows.map(toEventItem),
      ...(next === undefined
        ? {}
        : { next_cursor: writeCursor('events', scope.orgId, { ts: next.tsMs, id: next.eventId }) }),
    }
  },
})
