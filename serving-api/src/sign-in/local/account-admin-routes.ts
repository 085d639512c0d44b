/** What administrators do to the sign-in of others: out of all sessions, without a lost second factor, break-glass. */
import { z } from 'zod'
import { doerOf } from '../../audit/doer.ts'
import { type AuditedAction, recordAudit } from '../../audit/record-audit.ts'
import type { Queries } from '../../database/database.ts'
import { ApiError } from '../../http/api-error.ts'
import { orgRoute, type Route } from '../../http/route.ts'
import { orgId } from '../../parameters/shapes.ts'
import type { OrgScope } from '../../scope.ts'
import { BODY_ERRORS, READ_ERRORS, SIGN_IN_TAG } from '../auth-route.ts'
import { signOutElsewhere } from '../sessions/session-store.ts'
import { done } from '../shapes.ts'
import { accountOf, isOwner, type LocalAccount } from './accounts.ts'
import { removeTotp } from './second-factor.ts'

const query = z.strictObject({ org_id: orgId.optional() })
const pathParameters = z.object({ user_id: z.string().min(1).max(128).describe('id of a person') })
const ERRORS = ['unauthorized', 'forbidden', ...READ_ERRORS, 'csrf_rejected'] as const

/** @throws ApiError not_found, forbidden */
async function accountToChange(queries: Queries, scope: OrgScope, userId: string): Promise<LocalAccount> {
  const account = await accountOf(queries, scope.orgId, userId)
  if (account === undefined) throw new ApiError('not_found', 'There is no such person')
  if (!scope.access.may('owners:write') && (await isOwner(queries, scope.orgId, userId)))
    throw new ApiError('forbidden', 'The right owners:write is needed for the sign-in of an owner')
  return account
}

const audited = (
  scope: OrgScope,
  { userId }: LocalAccount,
  action: string,
  after: Readonly<Record<string, unknown>>,
): AuditedAction => ({
  orgId: scope.orgId,
  action,
  resourceType: 'user',
  resourceId: userId,
  before: null,
  after,
})

const endSessionsRoute = orgRoute({
  permission: 'users:write',
  method: 'delete',
  path: '/v1/auth/accounts/:user_id/sessions',
  tag: SIGN_IN_TAG,
  summary: 'Sign a person out everywhere',
  description: 'Of this organisation.',
  query,
  pathParameters,
  answer: z.object({ ended: z.number().int() }),
  errors: [...ERRORS],
  handle: async (context, scope, { path, req, res }) => ({
    ended: await scope.keep(async (queries) => {
      const account = await accountToChange(queries, scope, path.user_id)
      const ended = await signOutElsewhere(queries, scope.orgId, account.userId, '')
      const doer = doerOf(scope.access, { req, res }, context.nowMs())
      await recordAudit(queries, doer, audited(scope, account, 'end_sessions', { ended }))
      return ended
    }),
  }),
})

const removeFactorRoute = orgRoute({
  permission: 'users:write',
  method: 'delete',
  path: '/v1/auth/accounts/:user_id/totp',
  tag: SIGN_IN_TAG,
  summary: 'Take away the authenticator app of a person who lost it',
  description: 'The person is signed out everywhere.',
  query,
  pathParameters,
  answer: done,
  errors: [...ERRORS],
  handle: async (context, scope, { path, req, res }) => {
    await scope.keep(async (queries) => {
      const account = await accountToChange(queries, scope, path.user_id)
      await removeTotp(queries, account, context.nowMs())
      await signOutElsewhere(queries, scope.orgId, account.userId, '')
      const doer = doerOf(scope.access, { req, res }, context.nowMs())
      await recordAudit(queries, doer, audited(scope, account, 'disable_second_factor', {}))
    })
    return { done: true }
  },
})

const breakGlassRoute = orgRoute({
  permission: 'owners:write',
  method: 'put',
  path: '/v1/auth/accounts/:user_id/break-glass',
  tag: SIGN_IN_TAG,
  summary: 'Let an owner in although the domain requires the identity provider',
  description: 'For the day on which the identity provider is away. Each use is audited and logged as a warning.',
  query,
  pathParameters,
  body: z.strictObject({ break_glass: z.boolean({ message: 'true or false is wanted' }) }),
  answer: z.object({ user_id: z.string(), break_glass: z.boolean() }),
  errors: ['unauthorized', 'forbidden', 'conflict', ...BODY_ERRORS],
  handle: async (context, scope, { path, body, req, res }) => {
    const { break_glass } = body
    await scope.keep(async (queries) => {
      const account = await accountToChange(queries, scope, path.user_id)
      if (break_glass && !(await isOwner(queries, scope.orgId, account.userId)))
        throw new ApiError('conflict', 'Only the account of an owner can be a break-glass account')
      await queries.query(
        `INSERT INTO ecomind.local_accounts (org_id, user_id, break_glass, updated_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (org_id, user_id) DO UPDATE SET break_glass = $3, updated_at = $4`,
        [scope.orgId, account.userId, break_glass, new Date(context.nowMs())],
      )
      const doer = doerOf(scope.access, { req, res }, context.nowMs())
      await recordAudit(queries, doer, audited(scope, account, 'set_break_glass', { break_glass }))
    })
    return { user_id: path.user_id, break_glass }
  },
})

export const accountAdminRoutes: readonly Route[] = [endSessionsRoute, removeFactorRoute, breakGlassRoute]
