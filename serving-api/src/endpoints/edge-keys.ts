/**
 * What edges ask and tell, with a token that they derive from the same secret keys. No part of the API that is promised
 * to clients: not in its document.
 */
import { isEdgeAuthorization, type KeyRing } from '@ecomind/schemas/keys'
import type { Request } from 'express'
import { z } from 'zod'
import type { ApiContext, KeyControl } from '../context.ts'
import { answering } from '../database/answering.ts'
import { ApiError } from '../http/api-error.ts'
import { askerRoute, type Route } from '../http/route.ts'
import { sendText } from '../http/send-json.ts'
import { makeSnapshot, snapshotTag } from '../keys/edge-snapshot.ts'
import { noteKeyUses } from '../keys/key-store.ts'

const TAG = 'Edges'
/** A second at most, as an edge that can't wait asks once a second. */
const WAIT = 'wait=1'
const WAIT_MS = 1000
/** Made up by each edge at its start. */
const EDGE_ID = 'ecomind-edge-id'
const EDGE_ID_MAX = 64
const ERRORS = ['unauthorized', 'database_unavailable'] as const

const edgeKeysRoute = askerRoute({
  permission: 'public',
  method: 'get',
  path: '/v1/edge/keys',
  tag: TAG,
  summary: 'Signed snapshot of the keys, for edges',
  description:
    'Its ETag changes with every key; `If-None-Match` is answered with 304. With `Prefer: wait=1` (RFC 7240) that answer waits for a change, a second at most.',
  answer: z.object({ format: z.number(), key_id: z.string(), signature: z.string(), snapshot: z.string() }),
  errors: [...ERRORS],
  handle: async (context, _asker, { req, res }) => {
    const { database, ring, edges } = edgeControl(context, req)
    const asked = req.headers['if-none-match']
    const listening = edges.listen(req.get(EDGE_ID)?.slice(0, EDGE_ID_MAX) ?? req.ip ?? '')
    if (res.closed) listening.end()
    res.once('close', listening.end)
    if (asked !== undefined && asked === (await answering(() => snapshotTag(database, ring)))) {
      listening.isCurrent()
      // A change at another process is found when the edge asks next, which is at once.
      if (req.get('prefer') !== WAIT || !(await listening.heard(WAIT_MS))) {
        res.status(304).end()
        return undefined
      }
    }
    const { signed, tag } = await answering(() => makeSnapshot(database, ring, context.nowMs()))
    res.setHeader('ETag', tag)
    await sendText(req, res, 200, 'application/json', signed)
    return undefined
  },
})

const edgeKeyUsesRoute = askerRoute({
  permission: 'public',
  method: 'post',
  path: '/v1/edge/key-uses',
  tag: TAG,
  summary: 'When keys were used last at an edge',
  description: 'Times never go back.',
  body: z.strictObject({
    uses: z
      .array(
        z.strictObject({
          org_id: z.string().max(64),
          key_id: z.string().max(64),
          used_at_ms: z.number().int().min(0).max(8.64e15),
        }),
      )
      .max(1000),
  }),
  status: 200,
  answer: z.object({ noted: z.number().int() }),
  errors: [...ERRORS],
  handle: async (context, _asker, { req, body }) => {
    const { database } = edgeControl(context, req)
    await answering(() => noteKeyUses(database, body.uses))
    return { noted: body.uses.length }
  },
})

export const EDGE_ONLY_ROUTES: readonly Route[] = [edgeKeysRoute, edgeKeyUsesRoute]

/** @throws ApiError unauthorized for everyone but edges of this installation */
function edgeControl({ control: { keys } }: ApiContext, req: Request): KeyControl & { readonly ring: KeyRing } {
  if (keys === null || !isEdgeAuthorization(keys.ring, req.headers.authorization ?? ''))
    throw new ApiError('unauthorized', 'This address is for the edges of this installation')
  return keys
}
