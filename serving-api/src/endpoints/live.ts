/** `GET /v1/live`: server-sent events. */
import { liveMessage } from '@ecomind/schemas'
import { z } from 'zod'
import { readQueryString } from '../http/query-string.ts'
import { orgOf, type Route } from '../http/route.ts'
import { readParameters } from '../parameters/read-parameters.ts'
import { filterList, orgId, tz } from '../parameters/shapes.ts'

const query = z.strictObject({ org_id: orgId, filter: filterList, tz })

export const liveRoute: Route = {
  method: 'get',
  path: '/v1/live',
  tag: 'Usage',
  summary: 'New values as they come',
  description: [
    'Server-sent events named `usage`; the data of each is a LiveMessage. The first holds the last 60 one-minute windows, later ones only those that changed. A comment line comes every 15 s.',
    '`last_5m` and `last_60m` are the present minute and the 4 or 59 before it. Late events of older windows change `today` only.',
    'A reconnecting client gets the whole view again, whatever its Last-Event-ID. A client that reads too slowly is disconnected.',
  ].join('\n\n'),
  query,
  pathParameters: z.object({}),
  body: null,
  answer: { mediaType: 'text/event-stream', shape: liveMessage },
  permission: 'usage:read',
  errors: ['invalid_parameter', 'not_found', 'overloaded', 'shutting_down'],
  serve: async (context, asker, req, res) => {
    const values = readQueryString(req.url)
    const scope = await asker.scopeFor(orgOf(values, undefined, asker), 'usage:read')
    const asked = readParameters(query, values)
    const view = { tz: asked.tz ?? scope.tz, filters: asked.filter ?? [] }
    context.live.admit(scope, view)
    res.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    })
    if (req.method === 'HEAD') {
      res.end()
      return
    }
    const leave = context.live.join(scope, view, res)
    res.on('close', leave)
    res.on('error', leave)
  },
}
