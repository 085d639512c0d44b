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
const ERRORS = ['unauthorized', 'database_unavailable'] as const

const edgeKeysRoute = askerRoute({
  permission: 'public',
  method: 'get',
  path: '/v1/edge/keys',
  tag: TAG,
  summary: 'Signed snapshot of the keys, for edges',
  description: 'Its ETag changes with every key; `If-None-Match` is answered with 304.',
  answer: z.object({ format: z.number(), key_id: z.string(), signature: z.string(), snapshot: z.string() }),
  errors: [...ERRORS],
  handle: async (context, _asker, { req, res }) => {
    const { database, ring } = edgeControl(context, req)
    const asked = req.headers['if-none-match']
    if (asked !== undefined && asked === (await answering(() => snapshotTag(database, ring)))) {
      res.status(304).end()
      return undefined
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
