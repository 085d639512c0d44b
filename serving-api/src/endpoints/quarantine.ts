/** `/v1/quarantine`: what was set aside and why; list, inspect, replay. */
import {
  formatPosition,
  parsePosition,
  QUARANTINE_REASONS,
  type QuarantineItem,
  quarantineAnswer,
  quarantineItem,
  replayAnswer,
  replayRequest,
} from '@ecomind/schemas'
import { FOLDER_SCHEMAS } from '@ecomind/schemas/avro'
import { z } from 'zod'
import type { ApiContext } from '../context.ts'
import { ApiError, invalidParameter } from '../http/api-error.ts'
import { orgRoute } from '../http/route.ts'
import { readCursor, writeCursor } from '../parameters/cursor.ts'
import { cursor, from, limit, orgId, to, tz } from '../parameters/shapes.ts'
import { periodOf, resolvePoint } from '../parameters/times.ts'
import { decodeRaw, schemaIdsOf } from '../quarantine/decode-raw.ts'
import { replayQuarantined } from '../quarantine/replay.ts'
import {
  type QuarantinePlace,
  type QuarantineRecord,
  quarantineByPosition,
  quarantineQuestion,
} from '../questions/quarantine.ts'

const LIMIT_MAX = 1000
const LIMIT_DEFAULT = 100
const REASONS = Object.keys(QUARANTINE_REASONS) as [string, ...string[]]
const ERRORS = ['invalid_parameter', 'not_found', 'overloaded', 'database_unavailable', 'query_timeout'] as const
const place = z.strictObject({ at: z.number().int().min(0).max(4_102_444_800_000), id: z.string() })

export const quarantineListRoute = orgRoute({
  permission: 'quarantine:read',
  method: 'get',
  path: '/v1/quarantine',
  tag: 'Operation',
  summary: 'What was set aside, newest first',
  description:
    'Events and log records that the loader did not store, each with its reason. A log record that could not be decoded names no organisation; in local mode it is shown with an empty `org_id`.',
  query: z.strictObject({
    org_id: orgId,
    reason: z
      .enum(REASONS, { message: `one of ${REASONS.join(', ')} is wanted` })
      .optional()
      .describe('only rows set aside for this reason'),
    state: z
      .enum(['open', 'replayed'], { message: 'open or replayed is wanted' })
      .optional()
      .describe('only open or only replayed rows'),
    from: from.optional(),
    to: to.optional(),
    tz,
    limit: limit(LIMIT_MAX, LIMIT_DEFAULT),
    cursor,
  }),
  answer: quarantineAnswer,
  errors: [...ERRORS],
  handle: async (context, scope, { query }) => {
    const zone = query.tz ?? scope.tz
    if (query.from !== undefined && query.to !== undefined) periodOf(query.from, query.to, zone)
    const most = query.limit ?? LIMIT_DEFAULT
    const records = await scope.ask(
      quarantineQuestion({
        reason: query.reason,
        state: query.state,
        fromMs: query.from === undefined ? undefined : resolvePoint(query.from, zone),
        toMs: query.to === undefined ? undefined : resolvePoint(query.to, zone),
        after: query.cursor === undefined ? undefined : placeOf(scope.orgId, query.cursor),
        limit: most + 1,
      }),
    )
    const page = records.slice(0, most)
    const last = page.at(-1)
    const more = records.length > most && last !== undefined
    return {
      items: page.map((record) => toItem(record, context)),
      ...(more ? { next_cursor: writeCursor('quarantine', scope.orgId, cursorPlace(last)) } : {}),
    }
  },
})

export const quarantineItemRoute = orgRoute({
  permission: 'quarantine:read',
  method: 'get',
  path: '/v1/quarantine/:id',
  tag: 'Operation',
  summary: 'One row of the quarantine',
  description: 'The `id` is a position in the log with slashes; percent-encode them (`1%2F0%2F42%2F7`).',
  query: z.strictObject({ org_id: orgId }),
  pathParameters: z.object({ id: z.string().describe('id of a quarantine item, percent-encoded') }),
  answer: quarantineItem,
  errors: [...ERRORS],
  handle: async (context, scope, { path }) => {
    const position = parsePosition(path.id)
    const records = position === null ? [] : await scope.ask(quarantineByPosition([position]))
    const [record] = records
    if (record === undefined) throw new ApiError('not_found', 'There is no such row in quarantine')
    return toItem(record, context)
  },
})

export const quarantineReplayRoute = orgRoute({
  permission: 'quarantine:replay',
  idempotent: 'repeatable',
  method: 'post',
  path: '/v1/quarantine/replay',
  tag: 'Operation',
  summary: 'Replay quarantined events',
  description:
    'Puts events back into the log; the loader judges them anew. `dry_run` is true unless it is set to false. Repeating a replay changes nothing: an event counts once.',
  query: z.strictObject({ org_id: orgId }),
  body: replayRequest,
  answer: replayAnswer,
  errors: [...ERRORS, 'unsupported_media_type', 'body_too_large', 'malformed_json', 'log_full', 'log_unavailable'],
  handle: async (context, scope, { body }) => {
    const { replayLog: log, nowMs, replayTurn, schemas } = context
    if (log === null) throw new ApiError('log_unavailable', 'This process has no log to replay into')
    return await replayTurn(() => replayQuarantined(scope, { log, nowMs, schemas }, body))
  },
})

function toItem(record: QuarantineRecord, { schemas }: Pick<ApiContext, 'schemas'>): QuarantineItem {
  const events = decodeRaw(record, schemas?.known(schemaIdsOf([record])) ?? FOLDER_SCHEMAS)
  const only = events?.length === 1 ? events[0] : undefined
  return {
    id: formatPosition(record.position),
    org_id: record.orgId,
    event_id: record.eventId,
    reason: record.reason,
    detail: record.detail,
    arrived_at: record.arrivedAtMs === null ? null : new Date(record.arrivedAtMs).toISOString(),
    state: record.replayed ? 'replayed' : 'open',
    event: only === undefined ? null : { ...only, ts: new Date(only.ts).toISOString() },
  }
}

function cursorPlace(record: QuarantineRecord): z.output<typeof place> {
  return { at: record.arrivedAtMs ?? 0, id: formatPosition(record.position) }
}

function placeOf(org: string, text: string): QuarantinePlace {
  const { at, id } = readCursor('quarantine', org, place, text)
  const position = parsePosition(id)
  if (position === null)
    throw invalidParameter('cursor', 'a cursor as an earlier answer of this list gave it is wanted')
  return { arrivedMs: at, position }
}
