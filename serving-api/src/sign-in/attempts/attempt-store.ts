/** Counts of tries, kept in the control store: they outlive a restart and hold for all processes together. */
import type { Queries } from '../../database/database.ts'
import { ApiError } from '../../http/api-error.ts'
import { networkOf } from '../client.ts'
import { hashToken } from '../secret-tokens.ts'
import {
  ACCOUNT_POLICY,
  ADDRESS_POLICY,
  type AttemptPolicy,
  type AttemptState,
  forgiveAttempt,
  NO_ATTEMPTS,
  takeAttempt,
} from './attempt-rules.ts'

export interface Subject {
  readonly policy: AttemptPolicy
  /** Unknown accounts are counted too, so no e-mail is written down here. */
  readonly hash: string
}

export const addressSubject = (ip: string): Subject => ({
  policy: ADDRESS_POLICY,
  hash: hashToken(`address/${networkOf(ip)}`),
})
export const accountSubject = (email: string): Subject => ({
  policy: ACCOUNT_POLICY,
  hash: hashToken(`account/${email}`),
})
/** Whoever has a session of a person and guesses at their password or code. */
export const personSubject = (orgId: string, userId: string): Subject => ({
  policy: ACCOUNT_POLICY,
  hash: hashToken(`person/${orgId}/${userId}`),
})

/** One try of each subject; addresses come first, so that two requests never wait for each other. Null: go on. */
export async function takeAttempts(
  queries: Queries,
  subjects: readonly Subject[],
  nowMs: number,
): Promise<{ readonly retryAfterMs: number } | null> {
  for (const { hash, policy } of subjects) {
    const decision = takeAttempt(await readState(queries, hash), nowMs, policy)
    if (decision.kind === 'refused') return { retryAfterMs: decision.retryAfterMs }
    await writeState(queries, hash, decision.next)
  }
  return null
}

export async function forgiveAttempts(queries: Queries, subjects: readonly Subject[], nowMs: number): Promise<void> {
  for (const { hash, policy } of subjects)
    await writeState(queries, hash, forgiveAttempt(await readState(queries, hash), nowMs, policy))
}

export async function clearAttempts(queries: Queries, { hash }: Subject): Promise<void> {
  await queries.query('DELETE FROM ecomind.sign_in_attempts WHERE subject_hash = $1', [hash])
}

export function tooManyAttempts(retryAfterMs: number): ApiError {
  const retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1000))
  return new ApiError('rate_limited', 'Too many tries; wait before the next one', { retryAfterSeconds })
}

async function readState(queries: Queries, hash: string): Promise<AttemptState> {
  await queries.query(
    `INSERT INTO ecomind.sign_in_attempts (subject_hash, failures, counted_at, locked_until)
     VALUES ($1, 0, to_timestamp(0), to_timestamp(0)) ON CONFLICT DO NOTHING`,
    [hash],
  )
  const [row] = await queries.query<{ failures: number; counted_at: Date; locked_until: Date }>(
    'SELECT failures, counted_at, locked_until FROM ecomind.sign_in_attempts WHERE subject_hash = $1 FOR UPDATE',
    [hash],
  )
  if (row === undefined) return NO_ATTEMPTS
  return {
    failures: row.failures,
    countedAtMs: row.counted_at.getTime(),
    lockedUntilMs: row.locked_until.getTime(),
  }
}

async function writeState(queries: Queries, hash: string, state: AttemptState): Promise<void> {
  await queries.query(
    'UPDATE ecomind.sign_in_attempts SET failures = $2, counted_at = $3, locked_until = $4 WHERE subject_hash = $1',
    [hash, state.failures, new Date(state.countedAtMs), new Date(state.lockedUntilMs)],
  )
}
