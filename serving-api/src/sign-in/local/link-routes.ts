/** Invitations and password resets: an administrator makes the link, its receiver sets a password with it. */
import { z } from 'zod'
import { doerOf } from '../../audit/doer.ts'
import { recordAudit } from '../../audit/record-audit.ts'
import { ApiError } from '../../http/api-error.ts'
import { orgRoute, type Route } from '../../http/route.ts'
import { orgId } from '../../parameters/shapes.ts'
import { addressSubject, takeAttempts, tooManyAttempts } from '../attempts/attempt-store.ts'
import { recordSignIn } from '../audit-sign-in.ts'
import { authRoute, BODY_ERRORS, SIGN_IN_TAG, signInOf } from '../auth-route.ts'
import { clientOf } from '../client.ts'
import { signOutElsewhere } from '../sessions/session-store.ts'
import { passwordField, tokenField } from '../shapes.ts'
import { accountOf, isOwner, setPasswordHash } from './accounts.ts'
import { makeLink, takeLink } from './links.ts'
import { newPasswordHash } from './set-password.ts'

const linkCreateRoute = orgRoute({
  permission: 'users:write',
  method: 'post',
  path: '/v1/auth/links',
  tag: SIGN_IN_TAG,
  summary: 'Make a link with which a person sets a password',
  description:
    'Works once; an invitation for three days, a reset for an hour. It is shown this once only, and who has it can sign in as that person: for an owner it takes another owner.',
  query: z.strictObject({ org_id: orgId.optional() }),
  body: z.strictObject({ user_id: z.string().min(1).max(128), kind: z.enum(['invitation', 'reset']) }),
  status: 201,
  answer: z.object({ url: z.string(), expires_at: z.string() }),
  errors: ['unauthorized', 'forbidden', ...BODY_ERRORS],
  handle: async (context, scope, { body, req, res }) => {
    const signIn = signInOf(context)
    const doer = doerOf(scope.access, { req, res }, context.nowMs())
    const link = await scope.keep(async (queries) => {
      const account = await accountOf(queries, scope.orgId, body.user_id)
      if (account === undefined) throw new ApiError('not_found', 'There is no such person')
      if (!scope.access.may('owners:write') && (await isOwner(queries, scope.orgId, account.userId)))
        throw new ApiError('forbidden', 'The right owners:write is needed to let an owner in')
      const person = { orgId: scope.orgId, userId: account.userId }
      await recordAudit(queries, doer, {
        orgId: scope.orgId,
        action: 'create',
        resourceType: 'sign_in_link',
        resourceId: account.userId,
        before: null,
        after: { kind: body.kind },
      })
      return await makeLink(signIn, queries, { kind: body.kind, person, createdBy: scope.access.actor })
    })
    return { url: link.url, expires_at: link.expiresAt.toISOString() }
  },
})

const redeemRoute = authRoute({
  permission: 'public',
  method: 'post',
  path: '/v1/auth/links/redeem',
  summary: 'Set a password with a link',
  description: 'All devices of the person are signed out; sign in with the new password afterwards.',
  body: z.strictObject({ token: tokenField, password: passwordField }),
  answer: z.object({ org_id: z.string(), email: z.string() }),
  errors: [...BODY_ERRORS, 'link_invalid', 'rate_limited', 'overloaded'],
  handle: async (signIn, { body, req, res }) => {
    const address = addressSubject(clientOf(req).ip)
    const locked = await signIn.keep((queries) => takeAttempts(queries, [address], signIn.nowMs()))
    if (locked !== null) throw tooManyAttempts(locked.retryAfterMs)
    return await signIn.keep(async (queries) => {
      const {
        org_id: org,
        user_id: userId,
        kind,
      } = await takeLink(queries, body.token, ['invitation', 'reset'], signIn.nowMs())
      const account = org === null || userId === null ? undefined : await accountOf(queries, org, userId)
      if (account === undefined) throw new ApiError('link_invalid', 'The link was used, has expired or is not known')
      const hash = await newPasswordHash(signIn, 'password', body.password, account)
      await setPasswordHash(queries, account, hash, signIn.nowMs())
      await signOutElsewhere(queries, account.orgId, account.userId, '')
      await recordSignIn(signIn, queries, req, res, {
        orgId: account.orgId,
        userId: account.userId,
        action: 'set_password',
        details: { link: kind },
      })
      return { org_id: account.orgId, email: account.email }
    })
  },
})

export const linkRoutes: readonly Route[] = [linkCreateRoute, redeemRoute]
