/** The first owner of a new installation: made by a link that the start prints, or by settings. */
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Doer } from '../audit/doer.ts'
import type { Queries } from '../database/database.ts'
import { ApiError } from '../http/api-error.ts'
import type { Route } from '../http/route.ts'
import { createOrganisation } from '../organisations/change-organisations.ts'
import {
  organisationId,
  organisationName,
  organisationZone,
  RETENTION_DAYS_MAX,
} from '../organisations/organisation.ts'
import { findFirstOrganisation } from '../organisations/organisation-store.ts'
import { addressSubject, takeAttempts, tooManyAttempts } from './attempts/attempt-store.ts'
import { authRoute, BODY_ERRORS } from './auth-route.ts'
import { clientOf } from './client.ts'
import { signedIn } from './local/account-routes.ts'
import { setPasswordHash } from './local/accounts.ts'
import { makeLink, takeLink } from './local/links.ts'
import { newPasswordHash } from './local/set-password.ts'
import { startSession } from './sessions/session-of-request.ts'
import { emailField, nameField, passwordField, tokenField } from './shapes.ts'
import type { SignIn } from './sign-in.ts'

/** A link for the log of a start that finds no organisation; earlier ones stop working. Null: there is one already. */
export async function createOwnerLink(
  signIn: SignIn,
): Promise<{ readonly url: string; readonly expiresAt: Date } | null> {
  return await signIn.keep(async (queries) => {
    if ((await findFirstOrganisation(queries)) !== null) return null
    return await makeLink(signIn, queries, { kind: 'first_owner', person: null, createdBy: 'operator' })
  })
}

export interface NewOwner {
  readonly orgId: string
  readonly email: string
  readonly name: string
  /** Of `hasher.hash`. */
  readonly passwordHash: string
}

/** An owner who can always sign in locally, with the identity provider away too. Returns their user id. */
export async function createOwner(
  queries: Queries,
  { orgId, email, name, passwordHash }: NewOwner,
  at: Date,
): Promise<string> {
  const userId = randomUUID()
  await queries.query(
    `INSERT INTO ecomind.users (org_id, id, email, name, source, created_at, updated_at)
     VALUES ($1, $2, $3, $4, 'init', $5, $5)`,
    [orgId, userId, email, name, at],
  )
  await queries.query(
    `INSERT INTO ecomind.memberships (org_id, user_id, role, scope_kind, source, created_at)
     VALUES ($1, $2, 'owner', 'organisation', 'init', $3)`,
    [orgId, userId, at],
  )
  await setPasswordHash(queries, { orgId, userId }, passwordHash, at.getTime())
  await queries.query('UPDATE ecomind.local_accounts SET break_glass = true WHERE org_id = $1 AND user_id = $2', [
    orgId,
    userId,
  ])
  return userId
}

const firstOwnerRoute = authRoute({
  permission: 'public',
  method: 'post',
  path: '/v1/auth/first-owner',
  summary: 'Make the first organisation and its owner',
  description: 'With the token of the link that the first start in production prints. The owner is signed in.',
  body: z.strictObject({
    token: tokenField,
    org_id: organisationId,
    org_name: organisationName,
    timezone: organisationZone.optional().describe('IANA name; default UTC'),
    name: nameField,
    email: emailField,
    password: passwordField,
  }),
  status: 201,
  answer: signedIn,
  errors: [...BODY_ERRORS, 'link_invalid', 'conflict', 'rate_limited', 'overloaded'],
  handle: async (signIn, { body, req, res }) => {
    const { ip } = clientOf(req)
    const locked = await signIn.keep((queries) => takeAttempts(queries, [addressSubject(ip)], signIn.nowMs()))
    if (locked !== null) throw tooManyAttempts(locked.retryAfterMs)
    const passwordHash = await newPasswordHash(signIn, 'password', body.password, body)
    const at = new Date(signIn.nowMs())
    const doer: Doer = { actor: 'operator', role: 'operator', from: ip, requestId: String(res.locals['requestId']), at }
    let userId = ''
    const { csrfToken } = await startSession(signIn, req, res, async (queries) => {
      await takeLink(queries, body.token, ['first_owner'], signIn.nowMs())
      if ((await findFirstOrganisation(queries)) !== null)
        throw new ApiError('conflict', 'There is a first organisation already')
      await createOrganisation(queries, doer, {
        id: body.org_id,
        name: body.org_name,
        timezone: body.timezone ?? 'UTC',
        retentionDays: RETENTION_DAYS_MAX,
        isFirst: true,
      })
      userId = await createOwner(queries, { ...body, orgId: body.org_id, passwordHash }, at)
      return { orgId: body.org_id, userId, method: 'password' }
    })
    return { org_id: body.org_id, user_id: userId, csrf_token: csrfToken }
  },
})

export const firstOwnerRoutes: readonly Route[] = [firstOwnerRoute]
