/**
 * The two cookies: the session, and the one that ties a sign-in under way to the browser that began it. Over TLS they have
 * the prefix `__Host-`, so that no other host of the domain can set them.
 */
import type { Request, Response } from 'express'
import { isToken } from './secret-tokens.ts'
import { isSecure, type SignIn } from './sign-in.ts'

export type CookieName = 'ecomind' | 'ecomind-flow'

const nameOf = (signIn: Pick<SignIn, 'config'>, name: CookieName): string =>
  isSecure(signIn) ? `__Host-${name}` : name

/** Null where there is none, or none that we could have made. */
export function readCookie(signIn: Pick<SignIn, 'config'>, req: Request, name: CookieName): string | null {
  const wanted = `${nameOf(signIn, name)}=`
  const found = (req.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(wanted))
    .map((pair) => pair.slice(wanted.length))
  const [value] = found
  return found.length === 1 && value !== undefined && isToken(value) ? value : null
}

export function setCookie(
  signIn: Pick<SignIn, 'config'>,
  res: Response,
  name: CookieName,
  value: string,
  maxAgeMs: number,
): void {
  const secure = isSecure(signIn) ? '; Secure' : ''
  const maxAgeSeconds = Math.floor(maxAgeMs / 1000)
  res.append(
    'Set-Cookie',
    `${nameOf(signIn, name)}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAgeSeconds}${secure}`,
  )
}

export const clearCookie = (signIn: Pick<SignIn, 'config'>, res: Response, name: CookieName): void =>
  setCookie(signIn, res, name, '', 0)
