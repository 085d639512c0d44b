/** The session of a request, and whether the request may use it. */
import type { Request, Response } from 'express'
import type { Principal } from '../../access/principal.ts'
import { answering } from '../../database/answering.ts'
import type { Queries } from '../../database/database.ts'
import { ApiError } from '../../http/api-error.ts'
import { recordSignIn } from '../audit-sign-in.ts'
import { clientOf } from '../client.ts'
import { readCookie, setCookie } from '../cookies.ts'
import { derivedToken, isSameText } from '../secret-tokens.ts'
import type { SignIn } from '../sign-in.ts'
import { originOfRequest } from './own-origin.ts'
import { peopleOfSession, type SignedIn } from './people-of-session.ts'
import {
  addSignIn,
  findSession,
  limitsOf,
  type NewSignIn,
  noteSeen,
  openSession,
  type StoredSession,
} from './session-store.ts'

export interface Session {
  readonly id: string
  readonly people: readonly SignedIn[]
  /** Sent back by our pages in the header `X-CSRF-Token`; only who could read an answer of ours knows it. */
  readonly csrfToken: string
}

export const CSRF_HEADER = 'x-csrf-token'
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

export const csrfTokenOf = (sessionToken: string): string => derivedToken(sessionToken, 'csrf')

/** Read once for each request. */
const known = new WeakMap<Request, Promise<Session | null>>()

/** Null without a living session. @throws ApiError csrf_rejected for a change that doesn't come from our own pages */
export async function sessionOf(signIn: SignIn, req: Request): Promise<Session | null> {
  const before = known.get(req)
  if (before !== undefined) return await before
  const session = readSession(signIn, req)
  known.set(req, session)
  return await session
}

async function readSession(signIn: SignIn, req: Request): Promise<Session | null> {
  const token = readCookie(signIn, req, 'ecomind')
  if (token === null) return null
  const limits = limitsOf(signIn)
  const found = await findSession(signIn.database, token, limits)
  if (found === undefined) return null
  const csrfToken = csrfTokenOf(token)
  if (!SAFE_METHODS.has(req.method)) requireProof(signIn, req, csrfToken)
  const people = await peopleOfSession(signIn.database, found.id, limits)
  if (people.length === 0) return null
  await noteSeen(signIn.database, found, clientOf(req), signIn.nowMs())
  return { id: found.id, people, csrfToken }
}

function requireProof(signIn: SignIn, req: Request, csrfToken: string): void {
  if (originOfRequest(signIn, req) !== 'own')
    throw new ApiError('csrf_rejected', 'A session may change something from our own pages only: Origin is not ours')
  if (!isSameText(req.get(CSRF_HEADER) ?? '', csrfToken))
    throw new ApiError('csrf_rejected', 'X-CSRF-Token: the csrf_token of GET /v1/auth/me is wanted')
}

/**
 * Who asks, where a browser session says so; null without one. On a public route nobody acts as that person, so that a
 * change there needs no proof.
 * @throws ApiError csrf_rejected, database_unavailable
 */
export async function principalOfSession(signIn: SignIn, req: Request, isPublic: boolean): Promise<Principal | null> {
  if (isPublic && !SAFE_METHODS.has(req.method)) return null
  const session = await answering(() => sessionOf(signIn, req))
  return session === null ? null : { kind: 'session', sessionId: session.id, people: session.people }
}

/** @throws ApiError unauthorized, csrf_rejected */
export async function requireSession(signIn: SignIn, req: Request): Promise<Session> {
  const session = await sessionOf(signIn, req)
  if (session === null) throw new ApiError('unauthorized', 'Nobody is signed in')
  return session
}

/** @throws ApiError not_found for an organisation that nobody is signed in to here, unauthorized, csrf_rejected */
export async function requirePerson(
  signIn: SignIn,
  req: Request,
  orgId: string,
): Promise<{ readonly session: Session; readonly person: SignedIn }> {
  const session = await requireSession(signIn, req)
  const person = session.people.find((p) => p.orgId === orgId)
  if (person === undefined) throw new ApiError('not_found', 'There is no such organisation', { field: 'org_id' })
  return { session, person }
}

/**
 * Signs the person in that `decide` finds, in the session at hand or a new one, always under a new token. All of it is
 * one transaction; the cookie is set when that is through.
 */
export async function startSession(
  signIn: SignIn,
  req: Request,
  res: Response,
  decide: (queries: Queries) => Promise<NewSignIn>,
): Promise<{ readonly csrfToken: string }> {
  const now = signIn.nowMs()
  const token = await signIn.keep(async (queries) => {
    const person = await decide(queries)
    const present = await presentSession(signIn, queries, req)
    const opened = await openSession(queries, present, clientOf(req), now)
    await addSignIn(queries, opened.id, person, now)
    const details = { method: person.method }
    await recordSignIn(signIn, queries, req, res, { ...person, action: 'sign_in', details })
    return opened.token
  })
  return giveCookie(signIn, res, token)
}

/** `change` of what a person signs in with; whoever may have copied the old cookie is out. */
export async function rotateSession(
  signIn: SignIn,
  req: Request,
  res: Response,
  change: (queries: Queries) => Promise<void>,
): Promise<{ readonly csrfToken: string }> {
  const token = await signIn.keep(async (queries) => {
    await change(queries)
    const present = await presentSession(signIn, queries, req)
    if (present === undefined) throw new ApiError('unauthorized', 'Nobody is signed in')
    return (await openSession(queries, present, clientOf(req), signIn.nowMs())).token
  })
  return giveCookie(signIn, res, token)
}

async function presentSession(signIn: SignIn, queries: Queries, req: Request): Promise<StoredSession | undefined> {
  const token = readCookie(signIn, req, 'ecomind')
  return token === null ? undefined : await findSession(queries, token, limitsOf(signIn))
}

function giveCookie(signIn: SignIn, res: Response, token: string): { readonly csrfToken: string } {
  setCookie(signIn, res, 'ecomind', token, signIn.config.sessionAbsoluteMs)
  return { csrfToken: csrfTokenOf(token) }
}
