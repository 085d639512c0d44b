/**
 * Whoever changes how a person signs in has shown just now that they are that person: a stolen cookie alone is not
 * enough to stay.
 */
import type { Request } from 'express'
import { ApiError } from '../../http/api-error.ts'
import { clearAttempts, personSubject, takeAttempts, tooManyAttempts } from '../attempts/attempt-store.ts'
import type { SignedIn } from '../sessions/people-of-session.ts'
import { requirePerson } from '../sessions/session-of-request.ts'
import type { SignIn } from '../sign-in.ts'
import { accountOf, type LocalAccount } from './accounts.ts'

const FRESH_MS = 900_000

/** @throws ApiError reauthentication_required when the sign-in is older than 15 minutes; unauthorized, not_found */
export async function requireFreshPerson(
  signIn: SignIn,
  req: Request,
  orgId: string,
): Promise<{ readonly sessionId: string; readonly person: SignedIn; readonly account: LocalAccount }> {
  const { session, person } = await requirePerson(signIn, req, orgId)
  if (signIn.nowMs() - person.signedInAt.getTime() > FRESH_MS)
    throw new ApiError('reauthentication_required', 'Sign in again: this needs a sign-in of the last 15 minutes')
  const account = await accountOf(signIn.database, orgId, person.userId)
  if (account === undefined) throw new ApiError('unauthorized', 'Nobody is signed in')
  return { sessionId: session.id, person, account }
}

/** Guesses from inside a session are counted like those from outside. @throws ApiError rate_limited, invalid_credentials */
export async function guarded(
  signIn: SignIn,
  { orgId, userId }: Pick<LocalAccount, 'orgId' | 'userId'>,
  isRight: () => Promise<boolean>,
): Promise<void> {
  const subject = personSubject(orgId, userId)
  const locked = await signIn.keep((queries) => takeAttempts(queries, [subject], signIn.nowMs()))
  if (locked !== null) throw tooManyAttempts(locked.retryAfterMs)
  if (!(await isRight())) throw new ApiError('invalid_credentials', 'The password or code is wrong')
  await signIn.keep((queries) => clearAttempts(queries, subject))
}
