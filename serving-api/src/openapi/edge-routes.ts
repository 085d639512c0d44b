/** The ingest edge in the same document: another process on another port, described from the same shapes. */
import { type ErrorCode, errorBody, ingestAnswer, usageEventInput } from '@ecomind/schemas'
import { z } from 'zod'
import type { RouteDocs } from '../http/route.ts'

export const EDGE_SERVER = { url: 'http://localhost:8080', description: 'ingest edge (EDGE_PORT, 8080)' }

const none = z.object({})
const usageEvent = usageEventInput.meta({ id: 'UsageEvent' })
const REFUSALS: readonly ErrorCode[] = [
  'all_rejected',
  'no_events',
  'malformed_json',
  'invalid_utf8',
  'malformed_encoding',
  'malformed_request',
  'content_not_allowed',
  'unknown_field',
  'field_type',
  'duplicate_key',
  'unauthorized',
  'forbidden',
  'not_found',
  'method_not_allowed',
  'request_timeout',
  'body_too_large',
  'too_many_events',
  'unsupported_media_type',
  'unsupported_encoding',
  'rate_limited',
  'internal',
  'keys_unavailable',
  'overloaded',
  'log_full',
  'log_unavailable',
  'shutting_down',
]

export const EDGE_ROUTES: readonly RouteDocs[] = [
  {
    method: 'post',
    path: '/v1/ingest',
    tag: 'Ingest edge',
    summary: 'Send events',
    description: [
      'One event, an array, `{"events": [...]}`, or one event a line as application/x-ndjson; `content-encoding: gzip` is understood. At most 1 MiB (as sent and inflated) and 1,000 events.',
      '202: every accepted event is durable. The body tells which events were refused and why. 400 with the same body and an `error`: none was accepted.',
      'In production mode an ingest key is needed (`Authorization: Bearer`); events are of its organisation and may leave `org_id` out. Over a rate or a daily quota the answer is 429 with `Retry-After` and `RateLimit-*`.',
      'Send the same `event_id` again after any doubt: it counts once, for at least 35 days.',
      '`GET /health` on the same port says how the edge and its log are, `GET /metrics` counts.',
    ].join('\n\n'),
    query: none,
    pathParameters: none,
    body: {
      'application/json': {
        schema: z.union([
          usageEvent,
          z.array(usageEvent).min(1).max(1000),
          z.object({ events: z.array(usageEvent).min(1).max(1000) }),
        ]),
      },
      'application/x-ndjson': { schema: z.string().describe('one event a line') },
    },
    status: 202,
    answer: { mediaType: 'application/json', shape: ingestAnswer },
    badRequest: ingestAnswer.extend(errorBody.shape).meta({ id: 'IngestRefusal' }),
    errors: REFUSALS,
  },
]
