/** A route as data: what it is asked, what it answers, and the code that does it. The OpenAPI document is made from these. */
import type { ErrorCode } from '@ecomind/schemas'
import type { Request, Response } from 'express'
import { z } from 'zod'
import { type Asker, onlyOrgOf } from '../access/asker.ts'
import type { Permission } from '../access/roles.ts'
import type { ApiContext } from '../context.ts'
import { check, readParameters } from '../parameters/read-parameters.ts'
import { orgId } from '../parameters/shapes.ts'
import type { OrgScope } from '../scope.ts'
import { type ApiError, invalidParameter } from './api-error.ts'
import { type Afterwards, answerOnce, type Idempotent } from './idempotency.ts'
import { type QueryValues, readQueryString } from './query-string.ts'
import { sendJson } from './send-json.ts'

export interface RouteDocs {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** Express form: `/v1/events/:id/explain`. */
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly description: string
  readonly query: z.ZodObject
  readonly pathParameters: z.ZodObject
  /** Media types of the body and their shapes; null without one. */
  readonly body: Readonly<Record<string, { readonly schema: z.ZodType }>> | null
  /** Default 256 KiB. */
  readonly bodyBytesMax?: number
  readonly answer: {
    readonly mediaType: string
    readonly shape: z.ZodType
    /** In which else it may come, as bytes. */
    readonly otherMediaTypes?: readonly string[]
  }
  readonly errors: readonly ErrorCode[]
  /** Body of status 400 where it is more than an error. */
  readonly badRequest?: z.ZodType
  /** Of the good answer; default 200. */
  readonly status?: number
  /** Of a POST route: it takes an `Idempotency-Key`. */
  readonly idempotent?: Idempotent
  /** Where refusals do not have our shape. */
  readonly errorForm?: ErrorForm
}

/** Another shape of refusals, as a protocol of others wants it. */
export interface ErrorForm {
  readonly mediaType: string
  readonly shape: z.ZodType
  readonly bodyOf: (error: ApiError, requestId: string) => unknown
}

export interface Route extends RouteDocs {
  /**
   * Who may come here. `public`: everyone, signed in or not. `signed-in`: whoever has shown a key or a session; the route
   * itself speaks of nothing but them.
   */
  readonly permission: Permission | 'public' | 'signed-in'
  /** Reads the request, does the work and sends the answer. @throws ApiError, or a fault of ours */
  readonly serve: (context: ApiContext, asker: Asker, req: Request, res: Response) => Promise<void>
}

/** A request that passed its checks. */
export interface Asked<Query, Path, Body> {
  readonly query: Query
  readonly path: Path
  readonly body: Body
  readonly req: Request
  readonly res: Response
  /** What happens once the work is durable: at once, or behind the transaction that an `Idempotency-Key` opened. */
  readonly afterwards: Afterwards
}

interface OrgRouteSpec<Q extends z.ZodObject, P extends z.ZodObject, B extends z.ZodType>
  extends Omit<RouteDocs, 'pathParameters' | 'body' | 'query' | 'answer'> {
  readonly permission: Permission
  readonly query: Q
  readonly pathParameters?: P
  readonly body?: B
  /** The body may name the organisation, as `org_id`, instead of the query. */
  readonly orgInBody?: boolean
  /** The organisation is the thing itself, `id` in the path. */
  readonly orgInPath?: boolean
  readonly answer: z.ZodType
  readonly handle: (
    context: ApiContext,
    scope: OrgScope,
    asked: Asked<z.output<Q>, z.output<P>, z.output<B>>,
  ) => Promise<unknown>
}

const none = z.object({})
const atOnce: Afterwards = async (effect) => await effect()

export const onceAsked = (context: ApiContext, req: Request, res: Response) => ({
  req,
  res,
  nowMs: context.nowMs(),
  seal: context.control.answerSeal,
})

/** The organisation that a request names in the query, in the body, or in both alike; else the asker's only one. */
export function orgOf(values: QueryValues, body: unknown, asker: Asker): string {
  const { org_id: inQuery } = readParameters(named, only(values, 'org_id'))
  const inBody = typeof body === 'object' && body !== null && 'org_id' in body ? body.org_id : undefined
  if (inQuery !== undefined && inBody !== undefined && inQuery !== inBody)
    throw invalidParameter('org_id', 'the query and the body name different organisations')
  const asked = inQuery ?? check(named, { org_id: inBody }).org_id ?? onlyOrgOf(asker.principal)
  if (asked === undefined) throw invalidParameter('org_id', 'is required')
  return asked
}

const named = z.object({ org_id: orgId })
const only = (values: QueryValues, name: string): QueryValues => new Map([...values].filter(([n]) => n === name))

const inPath = z.object({ id: z.string() })
const inBody = ({ orgInBody }: { orgInBody?: boolean }, req: Request): unknown =>
  orgInBody === true ? req.body : undefined

/** A route about one organisation; its query has `org_id`, which becomes the scope and is the only way to one. */
export function orgRoute<Q extends z.ZodObject, P extends z.ZodObject = typeof none, B extends z.ZodType = z.ZodType>(
  spec: OrgRouteSpec<Q, P, B>,
): Route {
  const pathParameters = spec.pathParameters ?? none
  return {
    ...spec,
    pathParameters,
    body: spec.body === undefined ? null : { 'application/json': { schema: spec.body } },
    answer: { mediaType: 'application/json', shape: spec.answer },
    serve: async (context, asker, req, res) => {
      const values = readQueryString(req.url)
      // Whoever lacks the right learns no more than that, whatever else is wrong.
      const asked = spec.orgInPath === true ? check(inPath, req.params).id : orgOf(values, inBody(spec, req), asker)
      const scope = await asker.scopeFor(asked, spec.permission)
      const query = readParameters(spec.query, values)
      const path = check(pathParameters, req.params) as z.output<P>
      const body = (spec.body === undefined ? undefined : check(spec.body, req.body)) as z.output<B>
      const work = (inner: OrgScope, afterwards: Afterwards) =>
        spec.handle(context, inner, { query, path, body, req, res, afterwards })
      const answer =
        spec.idempotent === undefined
          ? await work(scope, atOnce)
          : await answerOnce(scope, onceAsked(context, req, res), spec.idempotent, work)
      await sendJson(req, res, spec.status ?? 200, answer)
    },
  }
}

interface AskerRouteSpec<Q extends z.ZodObject, P extends z.ZodObject, B extends z.ZodType>
  extends Omit<RouteDocs, 'pathParameters' | 'body' | 'query' | 'answer'> {
  readonly permission: 'public' | 'signed-in'
  readonly query?: Q
  readonly pathParameters?: P
  readonly body?: B
  readonly answer: z.ZodType
  /** Undefined: the answer was sent. */
  readonly handle: (
    context: ApiContext,
    asker: Asker,
    asked: Asked<z.output<Q>, z.output<P>, z.output<B>>,
  ) => Promise<unknown>
}

/** A route about no organisation, or about those of the asker, or where the asker becomes known. */
export function askerRoute<
  Q extends z.ZodObject = typeof none,
  P extends z.ZodObject = typeof none,
  B extends z.ZodType = z.ZodType,
>(spec: AskerRouteSpec<Q, P, B>): Route {
  const query = spec.query ?? none
  const pathParameters = spec.pathParameters ?? none
  return {
    ...spec,
    query,
    pathParameters,
    body: spec.body === undefined ? null : { 'application/json': { schema: spec.body } },
    answer: { mediaType: 'application/json', shape: spec.answer },
    serve: async (context, asker, req, res) => {
      const asked = {
        query: readParameters(query, readQueryString(req.url)) as z.output<Q>,
        path: check(pathParameters, req.params) as z.output<P>,
        body: (spec.body === undefined ? undefined : check(spec.body, req.body)) as z.output<B>,
        req,
        res,
        afterwards: atOnce,
      }
      const answer = await spec.handle(context, asker, asked)
      if (answer !== undefined) await sendJson(req, res, spec.status ?? 200, answer)
    },
  }
}
