/**
 * POST requests that may be sent twice. With an `Idempotency-Key` the same request is answered the same again for a day:
 * the answer is stored in the transaction of the work itself, so that both are there after a crash or neither. A refusal
 * is not stored, because nothing was done. Keys belong to one actor in one organisation.
 */
import { createHash } from 'node:crypto'
import type { Request, Response } from 'express'
import { z } from 'zod'
import type { Queries } from '../database/database.ts'
import type { OrgScope } from '../scope.ts'
import { ApiError, invalidParameter } from './api-error.ts'

const KEPT_MS = 86_400_000
const KEY = /^[\x21-\x7e]{1,128}$/
/** Of other requests, whenever an answer is stored. */
const SWEPT_MAX = 100

/**
 * `in one transaction`: all that the route does goes through `scope.keep`, or is told to `afterwards`. `repeatable`: the
 * work may be done twice without harm, and only its answer is kept.
 */
export type Idempotent = 'in one transaction' | 'repeatable'

/** Answers may hold a secret that is shown once. */
export interface AnswerSeal {
  seal(plain: string): string
  /** @throws when it can't be opened any more */
  open(sealed: string): string
}

export interface OnceAsked {
  readonly req: Request
  readonly res: Response
  readonly nowMs: number
  readonly seal: AnswerSeal
}

export type Afterwards = (effect: () => void | Promise<void>) => Promise<void>
type Work = (scope: OrgScope, afterwards: Afterwards) => Promise<unknown>

export const idempotencyHeader = z
  .string()
  .regex(KEY)
  .optional()
  .describe(
    '1 to 128 printable ASCII characters: the same request with the same key is done once and answered alike for a day',
  )

/**
 * The answer of `work`, or that of the same request before.
 * @throws ApiError invalid_parameter, idempotency_key_reused, request_in_progress, and what `work` throws
 */
export async function answerOnce(scope: OrgScope, asked: OnceAsked, how: Idempotent, work: Work): Promise<unknown> {
  const given = asked.req.headers['idempotency-key']
  if (given === undefined) return await work(scope, async (effect) => await effect())
  if (typeof given !== 'string' || !KEY.test(given))
    throw invalidParameter('Idempotency-Key', '1 to 128 printable ASCII characters are wanted')
  const request: KeyedRequest = { orgId: scope.orgId, actor: scope.access.actor, key: given, hash: hashOf(asked.req) }
  return how === 'repeatable'
    ? await answerRepeatable(scope, asked, request, work)
    : await answerInTransaction(scope, asked, request, work)
}

interface KeyedRequest {
  readonly orgId: string
  readonly actor: string
  readonly key: string
  /** Of method, address and body. */
  readonly hash: string
}

async function answerInTransaction(scope: OrgScope, asked: OnceAsked, request: KeyedRequest, work: Work) {
  const effects: (() => void | Promise<void>)[] = []
  const answer = await scope.keep(async (queries) => {
    await takeKey(queries, request)
    const earlier = await findAnswer(queries, asked, request)
    if (earlier !== null) return earlier.answer
    const made = await work(scope.within(queries), async (effect) => {
      effects.push(effect)
    })
    await storeAnswer(queries, asked, request, made)
    return made
  })
  for (const effect of effects) await effect()
  return answer
}

async function answerRepeatable(scope: OrgScope, asked: OnceAsked, request: KeyedRequest, work: Work) {
  const earlier = await scope.keep((queries) => findAnswer(queries, asked, request))
  if (earlier !== null) return earlier.answer
  const made = await work(scope, async (effect) => await effect())
  return await scope.keep(async (queries) => {
    const meanwhile = await findAnswer(queries, asked, request)
    if (meanwhile !== null) return meanwhile.answer
    await storeAnswer(queries, asked, request, made)
    return made
  })
}

/** Nobody waits for another's work with a connection in hand. @throws ApiError request_in_progress */
async function takeKey(queries: Queries, { orgId, actor, key }: KeyedRequest): Promise<void> {
  const [row] = await queries.query<{ taken: boolean }>(
    "SELECT pg_try_advisory_xact_lock(hashtextextended('ecomind/idempotency/' || $1, 0)) AS taken",
    [JSON.stringify([orgId, actor, key])],
  )
  if (row?.taken !== true)
    throw new ApiError('request_in_progress', 'A request with this Idempotency-Key is under way', {
      field: 'Idempotency-Key',
      retryAfterSeconds: 1,
    })
}

const stored = z.object({ answer: z.unknown(), etag: z.string().optional() })

interface Row {
  readonly request_hash: string
  readonly answer: string
}

/** Null: there is none, or it is too old. @throws ApiError idempotency_key_reused, conflict */
async function findAnswer(
  queries: Queries,
  { res, seal, nowMs }: OnceAsked,
  { orgId, actor, key, hash }: KeyedRequest,
): Promise<{ readonly answer: unknown } | null> {
  const [row] = await queries.query<Row>(
    `SELECT request_hash, answer FROM ecomind.idempotency_keys
     WHERE org_id = $1 AND actor = $2 AND key = $3 AND created_at > $4`,
    [orgId, actor, key, new Date(nowMs - KEPT_MS)],
  )
  if (row === undefined) return null
  const field = 'Idempotency-Key'
  if (row.request_hash !== hash)
    throw new ApiError('idempotency_key_reused', 'Another request had this Idempotency-Key', { field })
  const { answer, etag } = stored.parse(JSON.parse(openAnswer(seal, row.answer)))
  if (etag !== undefined) res.setHeader('ETag', etag)
  res.setHeader('Idempotency-Replayed', 'true')
  return { answer }
}

function openAnswer(seal: AnswerSeal, sealed: string): string {
  try {
    return seal.open(sealed)
  } catch (cause) {
    const message =
      "This was done already, and its answer can't be opened any more: its secret key has left the key ring"
    throw new ApiError('conflict', message, { field: 'Idempotency-Key', cause })
  }
}

async function storeAnswer(
  queries: Queries,
  { req, res, seal, nowMs }: OnceAsked,
  { orgId, actor, key, hash }: KeyedRequest,
  answer: unknown,
): Promise<void> {
  const etag = res.getHeader('ETag')
  const text = JSON.stringify({ answer, ...(typeof etag === 'string' ? { etag } : {}) })
  await sweep(queries, new Date(nowMs - KEPT_MS))
  await queries.query(
    `INSERT INTO ecomind.idempotency_keys (org_id, actor, key, route, request_hash, answer, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (org_id, actor, key) DO UPDATE SET route = $4, request_hash = $5, answer = $6, created_at = $7`,
    [orgId, actor, key, `${req.method} ${req.path}`, hash, seal.seal(text), new Date(nowMs)],
  )
}

/** Rows that another transaction holds are left to it. */
async function sweep(queries: Queries, before: Date): Promise<void> {
  await queries.query(
    `DELETE FROM ecomind.idempotency_keys WHERE (org_id, actor, key) IN (
       SELECT org_id, actor, key FROM ecomind.idempotency_keys WHERE created_at <= $1
       LIMIT ${SWEPT_MAX} FOR UPDATE SKIP LOCKED)`,
    [before],
  )
}

function hashOf(req: Request): string {
  const text = JSON.stringify([req.method, req.originalUrl, sorted(req.body)])
  return createHash('sha256').update(text).digest('hex')
}

/** The order of a JSON object's keys means nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return { list: value.map(sorted) }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return { entries: entries.map(([key, inner]) => [key, sorted(inner)]) }
}
