/** `GET /v1/live`: server-sent events. */
import { isDeepStrictEqual } from 'node:util'
import { liveMessage } from '@ecomind/schemas'
import { z } from 'zod'
import type { Asker } from '../access/asker.ts'
import { ApiError } from '../http/api-error.ts'
import { readQueryString } from '../http/query-string.ts'
import { orgOf, type Route } from '../http/route.ts'
import { readParameters } from '../parameters/read-parameters.ts'
import { filterList, orgId, tz } from '../parameters/shapes.ts'
import type { OrgScope } from '../scope.ts'

const query = z.strictObject({ org_id: orgId, filter: filterList, tz })

export const liveRoute: Route = {
  method: 'get',
  path: '/v1/live',
  tag: 'Usage',
  summary: 'New values as they come',
  description: [
    'Server-sent events named `usage`; the data of each is a LiveMessage. The first holds the last 60 one-minute windows, later ones only those that changed. A comment line comes every 15 s; with it the key or session is looked at again, and the connection ends when it is over or shows other rows.',
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
    const leave = context.live.join(scope, view, res, () => mayStay(asker, scope))
    res.on('close', leave)
    res.on('error', leave)
  },
}

const OVER: ReadonlySet<string> = new Set(['unauthorized', 'forbidden', 'not_found'])

/** False: nobody known asks any more, or they see other rows now. A store that does not answer ends nothing. */
async function mayStay(asker: Asker, before: OrgScope): Promise<boolean> {
  try {
    const now = await (await asker.again()).scopeFor(before.orgId, 'usage:read')
    return isDeepStrictEqual(now.view, before.view)
  } catch (error) {
    return !(error instanceof ApiError && OVER.has(error.code))
  }
}
