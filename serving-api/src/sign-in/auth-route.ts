/** Routes of sign-in: they are about a browser, a link or a flow, and find the organisation out by themselves. */
import type { ErrorCode } from '@ecomind/schemas'
import type { Request, Response } from 'express'
import { z } from 'zod'
import type { ApiContext } from '../context.ts'
import { ApiError } from '../http/api-error.ts'
import { readQueryString } from '../http/query-string.ts'
import type { Asked, Route, RouteDocs } from '../http/route.ts'
import { sendJson } from '../http/send-json.ts'
import { check, readParameters } from '../parameters/read-parameters.ts'
import { requireOwnOrigin } from './sessions/own-origin.ts'
import type { SignIn } from './sign-in.ts'

interface AuthRouteSpec<Q extends z.ZodObject, P extends z.ZodObject, B extends z.ZodType>
  extends Omit<RouteDocs, 'pathParameters' | 'body' | 'query' | 'answer' | 'tag'> {
  readonly query?: Q
  readonly pathParameters?: P
  readonly body?: B
  readonly answer: z.ZodType
  /** The answer; undefined: it was sent already, as a redirect is. */
  readonly handle: (signIn: SignIn, asked: Asked<z.output<Q>, z.output<P>, z.output<B>>) => Promise<unknown>
}

export const SIGN_IN_TAG = 'Sign-in'
const none = z.object({})
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD'])

export const BODY_ERRORS = [
  'invalid_parameter',
  'unsupported_media_type',
  'body_too_large',
  'malformed_json',
] as const satisfies readonly ErrorCode[]

export function authRoute<
  Q extends z.ZodObject = typeof none,
  P extends z.ZodObject = typeof none,
  B extends z.ZodType = z.ZodType,
>(spec: AuthRouteSpec<Q, P, B>): Route {
  const query = spec.query ?? none
  const pathParameters = spec.pathParameters ?? none
  return {
    ...spec,
    tag: SIGN_IN_TAG,
    query,
    pathParameters,
    body: spec.body === undefined ? null : { 'application/json': { schema: spec.body } },
    answer: { mediaType: 'application/json', shape: spec.answer },
    serve: async (context, _keeper, req, res) => {
      const signIn = signInOf(context)
      if (!SAFE_METHODS.has(req.method)) requireOwnOrigin(signIn, req)
      const asked = {
        query: readParameters(query, readQueryString(req.url)) as z.output<Q>,
        path: check(pathParameters, req.params) as z.output<P>,
        body: (spec.body === undefined ? undefined : check(spec.body, req.body)) as z.output<B>,
        req,
        res,
      }
      const answer = await spec.handle(signIn, asked)
      if (answer !== undefined) await sendJson(req, res, spec.status ?? 200, answer)
    },
  }
}

export function signInOf({ signIn }: Pick<ApiContext, 'signIn'>): SignIn {
  if (signIn === null) throw new ApiError('not_found', 'Nobody signs in here: local mode answers everyone on this machine')
  return signIn
}

export const requestIdOf = (res: Response): string => String(res.locals['requestId'])

export function redirect(res: Response, address: string): void {
  res.setHeader('Cache-Control', 'no-store')
  res.setHeader('Location', address)
  res.statusCode = 303
  res.end()
}

/**
 * A flow that ends in the browser's address bar: a person is led back to the sign-in page with the code, a program gets
 * the error itself.
 */
export async function orBackToPage(req: Request, res: Response, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof ApiError) || req.accepts(['json', 'html']) !== 'html') throw error
    redirect(res, `/sign-in?error=${error.code}&request_id=${requestIdOf(res)}`)
  }
}
