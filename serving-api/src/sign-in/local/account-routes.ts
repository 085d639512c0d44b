/** Local sign-in, and what people change of it themselves. */
import { z } from 'zod'
import { ApiError, invalidParameter } from '../../http/api-error.ts'
import type { Route } from '../../http/route.ts'
import { recordSignIn } from '../audit-sign-in.ts'
import { authRoute, BODY_ERRORS } from '../auth-route.ts'
import { rotateSession } from '../sessions/session-of-request.ts'
import { signOutElsewhere } from '../sessions/session-store.ts'
import { codeField, emailField, orgIdField, passwordField } from '../shapes.ts'
import { setPasswordHash } from './accounts.ts'
import { logIn } from './log-in.ts'
import { guarded, requireFreshPerson } from './prove-again.ts'
import { beginTotp, confirmTotp, makeRecoveryCodes, removeTotp, useRecoveryCode, useTotpCode } from './second-factor.ts'
import { newPasswordHash } from './set-password.ts'

export const signedIn = z.object({
  org_id: z.string(),
  user_id: z.string(),
  csrf_token: z.string().describe('to be sent as X-CSRF-Token with every change'),
})
const rotated = z.object({ csrf_token: z.string() })
const CHANGE_ERRORS = [
  ...BODY_ERRORS,
  'unauthorized',
  'reauthentication_required',
  'invalid_credentials',
  'rate_limited',
  'overloaded',
] as const

const loginRoute = authRoute({
  permission: 'public',
  method: 'post',
  path: '/v1/auth/login',
  summary: 'Sign in with e-mail and password',
  description:
    'Sets the session cookie. `org_id` is needed only where several organisations know the e-mail; `code` (of the authenticator app, or a recovery code) where the account has a second factor. Tries are counted by account and by address, and each further one waits longer.',
  body: z.strictObject({
    email: emailField,
    password: passwordField,
    org_id: orgIdField.optional(),
    code: codeField.optional(),
  }),
  answer: signedIn,
  errors: [
    ...BODY_ERRORS,
    'invalid_credentials',
    'second_factor_required',
    'sso_required',
    'org_required',
    'rate_limited',
    'overloaded',
  ],
  handle: async (signIn, { body, req, res }) => {
    const { account, csrfToken } = await logIn(signIn, req, res, body)
    return { org_id: account.orgId, user_id: account.userId, csrf_token: csrfToken }
  },
})

const passwordRoute = authRoute({
  permission: 'signed-in',
  method: 'post',
  path: '/v1/auth/password',
  summary: 'Change the own password',
  description: 'Other devices are signed out, and this session goes on under a new token.',
  body: z.strictObject({ org_id: orgIdField, current_password: passwordField, new_password: passwordField }),
  answer: rotated,
  errors: [...CHANGE_ERRORS],
  handle: async (signIn, { body, req, res }) => {
    const { account, sessionId } = await requireFreshPerson(signIn, req, body.org_id)
    await guarded(signIn, account, () => signIn.hasher.verify(account.passwordHash, body.current_password))
    const hash = await newPasswordHash(signIn, 'new_password', body.new_password, account)
    const { orgId, userId } = account
    const { csrfToken } = await rotateSession(signIn, req, res, async (queries) => {
      await setPasswordHash(queries, account, hash, signIn.nowMs())
      await signOutElsewhere(queries, orgId, userId, sessionId)
      await recordSignIn(signIn, queries, req, res, { orgId, userId, action: 'change_password', details: {} })
    })
    return { csrf_token: csrfToken }
  },
})

const totpBeginRoute = authRoute({
  permission: 'signed-in',
  method: 'post',
  path: '/v1/auth/totp',
  summary: 'Begin to use an authenticator app',
  description: 'The secret counts when a code of it was confirmed.',
  body: z.strictObject({ org_id: orgIdField }),
  answer: z.object({ secret: z.string(), uri: z.string().describe('for a QR code') }),
  errors: [...CHANGE_ERRORS, 'conflict'],
  handle: async (signIn, { body, req }) => {
    const { account } = await requireFreshPerson(signIn, req, body.org_id)
    if (account.passwordHash === null)
      throw new ApiError('conflict', 'A second factor goes with a password, and this account has none')
    if (account.totpConfirmed) throw new ApiError('conflict', 'There is an authenticator app already; disable it first')
    return await signIn.keep((queries) => beginTotp(signIn, queries, account))
  },
})

const totpConfirmRoute = authRoute({
  permission: 'signed-in',
  method: 'post',
  path: '/v1/auth/totp/confirm',
  summary: 'Confirm the authenticator app',
  description: 'Answers recovery codes, this once only; each of them works once in place of a code of the app.',
  body: z.strictObject({ org_id: orgIdField, code: codeField }),
  answer: rotated.extend({ recovery_codes: z.array(z.string()) }),
  errors: [...CHANGE_ERRORS, 'conflict'],
  handle: async (signIn, { body, req, res }) => {
    const { account } = await requireFreshPerson(signIn, req, body.org_id)
    if (account.totpConfirmed || account.totpSecretSealed === null)
      throw new ApiError('conflict', 'There is no authenticator app to confirm')
    await guarded(signIn, account, () => signIn.keep((queries) => useTotpCode(signIn, queries, account, body.code)))
    let codes: readonly string[] = []
    const { csrfToken } = await rotateSession(signIn, req, res, async (queries) => {
      await confirmTotp(queries, account, signIn.nowMs())
      codes = await makeRecoveryCodes(queries, account)
      const { orgId, userId } = account
      await recordSignIn(signIn, queries, req, res, { orgId, userId, action: 'enable_second_factor', details: {} })
    })
    return { csrf_token: csrfToken, recovery_codes: codes }
  },
})

const totpDisableRoute = authRoute({
  permission: 'signed-in',
  method: 'post',
  path: '/v1/auth/totp/disable',
  summary: 'Stop using the authenticator app',
  description: 'With a code of it, or a recovery code.',
  body: z.strictObject({ org_id: orgIdField, code: codeField }),
  answer: rotated,
  errors: [...CHANGE_ERRORS],
  handle: async (signIn, { body, req, res }) => {
    const { account } = await requireFreshPerson(signIn, req, body.org_id)
    if (!account.totpConfirmed) throw invalidParameter('org_id', 'this account has no authenticator app')
    await guarded(signIn, account, () =>
      signIn.keep(
        async (queries) =>
          (await useTotpCode(signIn, queries, account, body.code)) ||
          (await useRecoveryCode(queries, account, body.code, signIn.nowMs())),
      ),
    )
    const { orgId, userId } = account
    const { csrfToken } = await rotateSession(signIn, req, res, async (queries) => {
      await removeTotp(queries, account, signIn.nowMs())
      await recordSignIn(signIn, queries, req, res, { orgId, userId, action: 'disable_second_factor', details: {} })
    })
    return { csrf_token: csrfToken }
  },
})

export const accountRoutes: readonly Route[] = [
  loginRoute,
  passwordRoute,
  totpBeginRoute,
  totpConfirmRoute,
  totpDisableRoute,
]
