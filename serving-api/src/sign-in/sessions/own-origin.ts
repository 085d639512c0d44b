/** Requests that change something come from our own pages, or from no browser at all (CSRF). */
import type { Request } from 'express'
import { ApiError } from '../../http/api-error.ts'
import { originOf, type SignIn } from '../sign-in.ts'

/** `own`: a browser says that our page sent it. `silent`: no browser, or a very old one. */
export function originOfRequest(signIn: Pick<SignIn, 'config'>, req: Request): 'own' | 'foreign' | 'silent' {
  const origin = req.get('origin')
  if (origin !== undefined) return origin === originOf(signIn) ? 'own' : 'foreign'
  const site = req.get('sec-fetch-site')
  if (site === undefined) return 'silent'
  return site === 'same-origin' ? 'own' : 'foreign'
}

/** @throws ApiError csrf_rejected */
export function requireOwnOrigin(signIn: Pick<SignIn, 'config'>, req: Request): void {
  if (originOfRequest(signIn, req) === 'foreign')
    throw new ApiError('csrf_rejected', 'The request comes from a page of another origin')
}
