/** Routes of sign-in: they are about a browser, a link or a flow, and find the organisation out by themselves. */
import type { ErrorCode } from '@ecomind/schemas'
import type { Request, Response } from 'express'
import type { z } from 'zod'
import type { Asker } from '../access/asker.ts'
import type { ApiContext } from '../context.ts'
import { ApiError } from '../http/api-error.ts'
import { type Asked, askerRoute, type Route, type RouteDocs } from '../http/route.ts'
import { requireOwnOrigin } from './sessions/own-origin.ts'
import type { SignIn } from './sign-in.ts'

interface AuthRouteSpec<Q extends z.ZodObject, P extends z.ZodObject, B extends z.ZodType>
  extends Omit<RouteDocs, 'pathParameters' | 'body' | 'query' | 'answer' | 'tag'> {
  readonly permission: 'public' | 'signed-in'
  readonly query?: Q
  readonly pathParameters?: P
  readonly body?: B
  readonly answer: z.ZodType
  /** Undefined: the answer was sent already, as a redirect is. */
  readonly handle: (
    signIn: SignIn,
    asked: Asked<z.output<Q>, z.output<P>, z.output<B>>,
    asker: Asker,
  ) => Promise<unknown>
}

export const SIGN_IN_TAG = 'Sign-in'
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD'])

export const BODY_ERRORS = [
  'invalid_parameter',
  'unsupported_media_type',
  'body_too_large',
  'malformed_json',
  'csrf_rejected',
  'not_found',
  'database_unavailable',
] as const satisfies readonly ErrorCode[]
export const READ_ERRORS = ['invalid_parameter', 'not_found', 'database_unavailable'] as const

export function authRoute<
  Q extends z.ZodObject = z.ZodObject,
  P extends z.ZodObject = z.ZodObject,
  B extends z.ZodType = z.ZodType,
>(spec: AuthRouteSpec<Q, P, B>): Route {
  return askerRoute<Q, P, B>({
    ...spec,
    tag: SIGN_IN_TAG,
    handle: async (context, asker, asked) => {
      const signIn = signInOf(context)
      if (!SAFE_METHODS.has(asked.req.method)) requireOwnOrigin(signIn, asked.req)
      return await spec.handle(signIn, asked, asker)
    },
  })
}

/** @throws ApiError not_found in local mode */
export function signInOf({ control }: Pick<ApiContext, 'control'>): SignIn {
  if (control.signIn === null)
    throw new ApiError('not_found', 'Nobody signs in here: local mode answers everyone on this machine')
  return control.signIn
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
