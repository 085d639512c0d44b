/** Rows of browser sessions. A session lives while it is used; each sign-in in it ends after its own time. */
import type { Queries } from '../../database/database.ts'
import type { Client } from '../client.ts'
import { hashToken, newId, newToken } from '../secret-tokens.ts'
import type { SignIn } from '../sign-in.ts'

export interface StoredSession {
  readonly id: string
  readonly lastSeenAt: Date
}

/** `last_seen_at` is written no oftener than this. */
const SEEN_EVERY_MS = 60_000

export interface SessionLimits {
  /** A session that was last seen before is over. */
  readonly seenAfter: Date
  /** A sign-in of before is over. */
  readonly signedInAfter: Date
}

export function limitsOf({ config, nowMs }: Pick<SignIn, 'config' | 'nowMs'>): SessionLimits {
  const now = nowMs()
  return { seenAfter: new Date(now - config.sessionIdleMs), signedInAfter: new Date(now - config.sessionAbsoluteMs) }
}

export async function findSession(
  queries: Queries,
  token: string,
  limits: SessionLimits,
): Promise<StoredSession | undefined> {
  const [row] = await queries.query<{ id: string; last_seen_at: Date }>(
    'SELECT id, last_seen_at FROM ecomind.sessions WHERE token_hash = $1 AND last_seen_at > $2',
    [hashToken(token), limits.seenAfter],
  )
  return row === undefined ? undefined : { id: row.id, lastSeenAt: row.last_seen_at }
}

export async function noteSeen(
  queries: Queries,
  { id, lastSeenAt }: StoredSession,
  { ip, userAgent }: Client,
  nowMs: number,
): Promise<void> {
  if (nowMs - lastSeenAt.getTime() < SEEN_EVERY_MS) return
  await queries.query('UPDATE ecomind.sessions SET last_seen_at = $2, ip = $3, user_agent = $4 WHERE id = $1', [
    id,
    new Date(nowMs),
    ip,
    userAgent,
  ])
}

/** A new session, or the one at hand under a new token; the old token is worth nothing from then on. */
export async function openSession(
  queries: Queries,
  present: StoredSession | undefined,
  { ip, userAgent }: Client,
  nowMs: number,
): Promise<{ readonly id: string; readonly token: string }> {
  const token = newToken()
  const id = present?.id ?? newId('ses')
  await queries.query(
    `INSERT INTO ecomind.sessions (id, token_hash, user_agent, ip, created_at, last_seen_at) VALUES ($1, $2, $3, $4, $5, $5)
     ON CONFLICT (id) DO UPDATE SET token_hash = $2, user_agent = $3, ip = $4, last_seen_at = $5`,
    [id, hashToken(token), userAgent, ip, new Date(nowMs)],
  )
  return { id, token }
}

export interface NewSignIn {
  readonly orgId: string
  readonly userId: string
  /** password, passkey, or the identity provider's id. */
  readonly method: string
}

/** In place of whoever was signed in to that organisation in this browser. */
export async function addSignIn(queries: Queries, sessionId: string, person: NewSignIn, nowMs: number): Promise<void> {
  await queries.query(
    `INSERT INTO ecomind.session_sign_ins (session_id, org_id, user_id, method, at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (session_id, org_id) DO UPDATE SET user_id = $3, method = $4, at = $5`,
    [sessionId, person.orgId, person.userId, person.method, new Date(nowMs)],
  )
}

export async function deleteSession(queries: Queries, sessionId: string): Promise<void> {
  await queries.query('DELETE FROM ecomind.sessions WHERE id = $1', [sessionId])
}

/** Signs a person out of the sessions that `where` names, and ends those in which nobody is left. Returns how many. */
async function endSignIns(queries: Queries, where: string, values: readonly string[]): Promise<number> {
  const gone = await queries.query(`DELETE FROM ecomind.session_sign_ins WHERE ${where} RETURNING session_id`, values)
  await queries.query(
    `DELETE FROM ecomind.sessions s
     WHERE NOT EXISTS (SELECT FROM ecomind.session_sign_ins i WHERE i.session_id = s.id)`,
  )
  return gone.length
}

export const signOut = (queries: Queries, sessionId: string, orgId: string, userId: string): Promise<number> =>
  endSignIns(queries, 'session_id = $1 AND org_id = $2 AND user_id = $3', [sessionId, orgId, userId])

/** Everywhere but in `keepSessionId`; empty: everywhere. */
export const signOutElsewhere = (
  queries: Queries,
  orgId: string,
  userId: string,
  keepSessionId: string,
): Promise<number> =>
  endSignIns(queries, 'org_id = $1 AND user_id = $2 AND session_id <> $3', [orgId, userId, keepSessionId])

/** Everyone who came by this identity provider. */
export const signOutOfProvider = (queries: Queries, orgId: string, providerId: string): Promise<number> =>
  endSignIns(queries, 'org_id = $1 AND method = $2', [orgId, providerId])

export interface Device {
  readonly id: string
  readonly user_agent: string
  readonly ip: string
  readonly created_at: Date
  readonly last_seen_at: Date
  readonly signed_in_at: Date
  readonly method: string
}

export async function devicesOf(
  queries: Queries,
  orgId: string,
  userId: string,
  limits: SessionLimits,
): Promise<readonly Device[]> {
  return await queries.query<Device>(
    `SELECT s.id, s.user_agent, s.ip, s.created_at, s.last_seen_at, i.at AS signed_in_at, i.method
     FROM ecomind.session_sign_ins i JOIN ecomind.sessions s ON s.id = i.session_id
     WHERE i.org_id = $1 AND i.user_id = $2 AND s.last_seen_at > $3 AND i.at > $4 ORDER BY s.last_seen_at DESC, s.id`,
    [orgId, userId, limits.seenAfter, limits.signedInAfter],
  )
}
