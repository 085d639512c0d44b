/** `/v1/keys`: the API keys of an organisation. A secret is shown once, when its key is made. */
import { z } from 'zod'
import { KEY_SCOPES } from '../access/roles.ts'
import { doerOf } from '../audit/doer.ts'
import type { ApiContext, KeyControl } from '../context.ts'
import { ApiError } from '../http/api-error.ts'
import { orgRoute } from '../http/route.ts'
import { checkIfMatch, sendVersion } from '../http/versions.ts'
import {
  changeKey,
  createKey,
  requireFuture,
  requireRightsOf,
  revokeKey,
  rotateKey,
  shownKey,
} from '../keys/change-keys.ts'
import { findKey, listKeys } from '../keys/key-store.ts'
import { readCursor, writeCursor } from '../parameters/cursor.ts'
import { cursor, limit, orgId, text } from '../parameters/shapes.ts'

const TAG = 'Keys'
const LIMIT_MAX = 1000
const LIMIT_DEFAULT = 100
const OVERLAP_SECONDS_MAX = 90 * 86_400
const READ_ERRORS = ['invalid_parameter', 'unauthorized', 'forbidden', 'not_found', 'database_unavailable'] as const
const BODY_ERRORS = ['malformed_json', 'unsupported_media_type', 'body_too_large'] as const
const WRITE_ERRORS = [...READ_ERRORS, ...BODY_ERRORS, 'conflict', 'precondition_failed'] as const

const query = z.strictObject({ org_id: orgId.optional().describe('default: the organisation of the key or session') })
const pathParameters = z.object({ id: text(64, '1 to 64 characters are wanted').describe('id of a key') })

const whole = (most: number) =>
  z
    .number({ message: `a whole number from 1 to ${most} is wanted` })
    .int({ message: `a whole number from 1 to ${most} is wanted` })
    .min(1, { message: `a whole number from 1 to ${most} is wanted` })
    .max(most, { message: `a whole number from 1 to ${most} is wanted` })
const time = z.iso
  .datetime({ offset: true, message: 'a time as in RFC 3339 is wanted' })
  .transform((at) => new Date(at))
  .nullable()
const fields = {
  name: z
    .string({ message: '1 to 200 characters are wanted' })
    .trim()
    .min(1, { message: '1 to 200 characters are wanted' })
    .max(200, { message: '1 to 200 characters are wanted' }),
  expires_at: time.describe('from then on it is refused; null: never'),
  rate_per_second: whole(10_000_000).nullable().describe('events a second that edges take; null: no bound'),
  events_per_day_max: whole(1_000_000_000_000).nullable().describe('events of a UTC day; null: no bound'),
}
const scopes = z
  .array(z.enum(KEY_SCOPES, { message: 'ingest, read or admin is wanted' }), { message: 'a list of scopes is wanted' })
  .min(1, { message: 'at least one scope is wanted' })
  .max(KEY_SCOPES.length, { message: 'each scope once is wanted' })
  .refine((list) => new Set(list).size === list.length, { message: 'each scope once is wanted' })
  .describe('`ingest` sends events, `read` reads numbers and asks SQL, `admin` does what an admin does')

const key = z
  .object({
    id: z.string(),
    name: z.string(),
    hint: z.string().describe('start and last four characters'),
    scopes: z.array(z.enum(KEY_SCOPES)),
    rate_per_second: z.number().int().nullable(),
    events_per_day_max: z.number().int().nullable(),
    replaces: z.string().nullable().describe('the key that it took over from'),
    expires_at: z.string().nullable(),
    last_used_at: z.string().nullable().describe('to the minute'),
    version: z.number().int(),
    created_by: z.string(),
    created_at: z.string(),
    revoked_at: z.string().nullable(),
  })
  .meta({ id: 'Key' })
const madeKey = key.extend({ secret: z.string().describe('shown this once') }).meta({ id: 'MadeKey' })

export const keysRoute = orgRoute({
  permission: 'keys:read',
  method: 'get',
  path: '/v1/keys',
  tag: TAG,
  summary: 'Keys of the organisation',
  description: 'In ascending order of id. Revoked ones are left out unless they are asked for.',
  query: query.extend({
    revoked: z
      .enum(['true', 'false'], { message: 'true or false is wanted' })
      .optional()
      .describe('true: revoked ones, too'),
    limit: limit(LIMIT_MAX, LIMIT_DEFAULT),
    cursor,
  }),
  answer: z.object({ items: z.array(key), next_cursor: z.string().optional() }),
  errors: [...READ_ERRORS],
  handle: async (_context, scope, { query: asked }) => {
    const after = asked.cursor === undefined ? '' : readCursor('keys', scope.orgId, z.string(), asked.cursor)
    const { limit: most = LIMIT_DEFAULT } = asked
    const wanted = { after, limit: most + 1, withRevoked: asked.revoked === 'true' }
    const found = await scope.keep((queries, id) => listKeys(queries, id, wanted))
    const items = found.slice(0, most)
    const last = items.at(-1)
    const more = found.length > items.length && last !== undefined
    return { items: items.map(shownKey), ...(more ? { next_cursor: writeCursor('keys', scope.orgId, last.id) } : {}) }
  },
})

export const keyRoute = orgRoute({
  permission: 'keys:read',
  method: 'get',
  path: '/v1/keys/:id',
  tag: TAG,
  summary: 'One key',
  description: 'Without its secret, which nobody has. Its version is the ETag of the answer.',
  query,
  pathParameters,
  answer: key,
  errors: [...READ_ERRORS],
  handle: async (_context, scope, { path, res }) => {
    const found = await scope.keep((queries, id) => findKey(queries, id, path.id))
    if (found === null) throw new ApiError('not_found', 'There is no such key')
    sendVersion(res, found.version)
    return shownKey(found)
  },
})

export const keyCreateRoute = orgRoute({
  permission: 'keys:write',
  idempotent: 'in one transaction',
  method: 'post',
  path: '/v1/keys',
  tag: TAG,
  summary: 'Make a key',
  description:
    '`secret` of the answer is shown this once only. A key may never more than who makes it. The answer waits, three seconds at most, until the edges that follow this process have it; others have it within two seconds.',
  query,
  body: z.strictObject({
    name: fields.name,
    scopes,
    expires_at: fields.expires_at.optional(),
    rate_per_second: fields.rate_per_second.optional(),
    events_per_day_max: fields.events_per_day_max.optional(),
  }),
  status: 201,
  answer: madeKey,
  errors: [...WRITE_ERRORS],
  handle: async (context, scope, { body, req, res, afterwards }) => {
    const { ring } = keysOf(context)
    const doer = doerOf(scope.access, { req, res }, context.nowMs())
    requireRightsOf(body.scopes, scope.access)
    requireFuture('expires_at', body.expires_at, doer.at)
    const made = await scope.keep((queries, id) =>
      createKey(queries, ring, doer, id, {
        name: body.name,
        scopes: body.scopes,
        expiresAt: body.expires_at ?? null,
        ratePerSecond: body.rate_per_second ?? null,
        eventsPerDayMax: body.events_per_day_max ?? null,
      }),
    )
    await afterwards(() => keysChanged(context))
    sendVersion(res, made.key.version)
    return { ...shownKey(made.key), secret: made.secret }
  },
})

export const keyPatchRoute = orgRoute({
  permission: 'keys:write',
  method: 'patch',
  path: '/v1/keys/:id',
  tag: TAG,
  summary: 'Change a key',
  description: 'What is left out stays; null takes a limit or the end away. Scopes stay: make another key.',
  query,
  pathParameters,
  body: z.strictObject(fields).partial(),
  answer: key,
  errors: [...WRITE_ERRORS],
  handle: async (context, scope, { path, body, req, res }) => {
    const doer = doerOf(scope.access, { req, res }, context.nowMs())
    requireFuture('expires_at', body.expires_at, doer.at)
    const { name, expires_at: expiresAt, rate_per_second: ratePerSecond, events_per_day_max: eventsPerDayMax } = body
    const change = {
      ...(name === undefined ? {} : { name }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
      ...(eventsPerDayMax === undefined ? {} : { eventsPerDayMax }),
    }
    const changed = await scope.keep((queries, id) =>
      changeKey(queries, doer, id, path.id, change, (present) => {
        requireRightsOf(present.scopes, scope.access)
        checkIfMatch(req, present.version)
      }),
    )
    await keysChanged(context)
    sendVersion(res, changed.version)
    return shownKey(changed)
  },
})

export const keyDeleteRoute = orgRoute({
  permission: 'keys:write',
  method: 'delete',
  path: '/v1/keys/:id',
  tag: TAG,
  summary: 'Revoke a key',
  description:
    'It is refused by the API at once, and by edges: the answer waits, three seconds at most, until those that follow this process have it; others have it within two seconds.',
  query,
  pathParameters,
  answer: key,
  errors: [...WRITE_ERRORS],
  handle: async (context, scope, { path, req, res }) => {
    const doer = doerOf(scope.access, { req, res }, context.nowMs())
    const revoked = await scope.keep((queries, id) =>
      revokeKey(queries, doer, id, path.id, (present) => checkIfMatch(req, present.version)),
    )
    await keysChanged(context)
    return shownKey(revoked)
  },
})

export const keyRotateRoute = orgRoute({
  permission: 'keys:write',
  idempotent: 'in one transaction',
  method: 'post',
  path: '/v1/keys/:id/rotate',
  tag: TAG,
  summary: 'Replace a key by a new one',
  description:
    'The new key has the same name, scopes and limits; its `secret` is shown this once only. The old one goes on for the overlap, in which clients can change over.',
  query,
  pathParameters,
  body: z.strictObject({
    overlap_seconds: z
      .number({ message: `a whole number from 0 to ${OVERLAP_SECONDS_MAX} is wanted` })
      .int({ message: `a whole number from 0 to ${OVERLAP_SECONDS_MAX} is wanted` })
      .min(0, { message: `a whole number from 0 to ${OVERLAP_SECONDS_MAX} is wanted` })
      .max(OVERLAP_SECONDS_MAX, { message: `a whole number from 0 to ${OVERLAP_SECONDS_MAX} is wanted` })
      .describe('how long the old key goes on'),
    expires_at: time.optional().describe('of the new key; absent: it lives as long as the old one was meant to'),
  }),
  status: 201,
  answer: madeKey,
  errors: [...WRITE_ERRORS],
  handle: async (context, scope, { path, body, req, res, afterwards }) => {
    const { ring } = keysOf(context)
    const doer = doerOf(scope.access, { req, res }, context.nowMs())
    requireFuture('expires_at', body.expires_at, doer.at)
    const wanted = { overlapSeconds: body.overlap_seconds, expiresAt: body.expires_at }
    const made = await scope.keep((queries, id) =>
      rotateKey(queries, ring, doer, id, path.id, wanted, (present) => {
        requireRightsOf(present.scopes, scope.access)
        checkIfMatch(req, present.version)
      }),
    )
    await afterwards(() => keysChanged(context))
    sendVersion(res, made.key.version)
    return { ...shownKey(made.key), secret: made.secret }
  },
})

/** Behind the commit. */
async function keysChanged({ control: { keys } }: ApiContext): Promise<void> {
  keys?.known.forget()
  await keys?.edges.tell()
}

/** @throws ApiError database_unavailable in a process without secret keys */
function keysOf({ control: { keys } }: ApiContext): KeyControl {
  if (keys === null)
    throw new ApiError('database_unavailable', 'This process has no ECOMIND_SECRET_KEYS to make keys with')
  return keys
}
