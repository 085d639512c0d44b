/** Requests that change something come from our own pages, or from no browser at all (CSRF). */
import type { Request } from 'express'
import { ApiError } from '../../http/api-error.ts'
import type { SignIn } from '../sign-in.ts'

/** `own`: a browser says that our page sent it. `silent`: no browser, or a very old one. */
export function originOfRequest(signIn: Pick<SignIn, 'config'>, req: Request): 'own' | 'foreign' | 'silent' {
  const origin = req.get('origin')
  if (origin !== undefined) return ownOrigins(signIn).includes(origin) ? 'own' : 'foreign'
  const site = req.get('sec-fetch-site')
  if (site === undefined) return 'silent'
  return site === 'same-origin' ? 'own' : 'foreign'
}

/** This machine has several names, and people take the one they are shown: each is the same server. */
function ownOrigins(signIn: Pick<SignIn, 'config'>): readonly string[] {
  const url = new URL(signIn.config.publicUrl)
  if (!LOOPBACK_NAMES.includes(url.hostname)) return [url.origin]
  return LOOPBACK_NAMES.map((name) => `${url.protocol}//${name}${url.port === '' ? '' : `:${url.port}`}`)
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']

/** @throws ApiError csrf_rejected */
export function requireOwnOrigin(signIn: Pick<SignIn, 'config'>, req: Request): void {
  if (originOfRequest(signIn, req) === 'foreign')
    throw new ApiError('csrf_rejected', 'The request comes from a page of another origin')
}
