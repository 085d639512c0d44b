/**
 * From the signs of a request to a principal. Each kind of sign has its reader: a bearer is a key or a token, a cookie a
 * session. A sign that is shown and not known is refused; it never counts as none.
 */
import type { Request } from 'express'
import { ApiError } from '../http/api-error.ts'
import type { Principal } from './principal.ts'

/** @throws ApiError unauthorized, where someone has to be known and nobody is; forbidden, database_unavailable */
export type Authenticate = (req: Request, isPublic: boolean) => Promise<Principal>

export interface SignReaders {
  /** A key or token, as it stood behind `Bearer`. Null: not known, expired or revoked. */
  readonly bearer: (secret: string, req: Request) => Promise<Principal | null>
  /** The cookie's session. Null: there is none, or it is over. @throws ApiError forbidden where the page did not send it */
  readonly session: (req: Request, isPublic: boolean) => Promise<Principal | null>
}

const ANONYMOUS: Principal = { kind: 'anonymous' }
const LOCAL: Principal = { kind: 'local' }
const BEARER = /^Bearer +([^\s]{1,8192}) *$/i

/** Local mode: everyone on this machine is the owner of the demo organisation; no sign is looked at. */
export const authenticateLocally: Authenticate = async () => LOCAL

export function authenticateBySigns(readers: SignReaders): Authenticate {
  return async (req, isPublic) => {
    const principal = await read(readers, req, isPublic)
    if (principal !== null) return principal
    if (isPublic) return ANONYMOUS
    throw new ApiError('unauthorized', 'A key (Authorization: Bearer ...) or a session is needed')
  }
}

/** On a public route a sign that is over is as good as none. */
async function read(readers: SignReaders, req: Request, isPublic: boolean): Promise<Principal | null> {
  const { authorization } = req.headers
  if (authorization === undefined) return await readers.session(req, isPublic)
  const secret = BEARER.exec(authorization)?.[1]
  const principal = secret === undefined ? null : await readers.bearer(secret, req)
  if (principal !== null || isPublic) return principal
  throw new ApiError('unauthorized', 'The key is not known, has expired or was revoked')
}
