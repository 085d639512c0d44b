/**
 * Sign-in with e-mail and password. Whoever fails learns nothing: an account that is not there, one without a password, a
 * wrong password and a wrong code get the same answer after the same work.
 */
import type { Request, Response } from 'express'
import type { Queries } from '../../database/database.ts'
import { ApiError } from '../../http/api-error.ts'
import {
  accountSubject,
  addressSubject,
  clearAttempts,
  forgiveAttempts,
  takeAttempts,
  tooManyAttempts,
} from '../attempts/attempt-store.ts'
import { recordSignIn } from '../audit-sign-in.ts'
import { clientOf } from '../client.ts'
import { isSsoRequired } from '../domains/domain-store.ts'
import { hashToken } from '../secret-tokens.ts'
import { startSession } from '../sessions/session-of-request.ts'
import type { SignIn } from '../sign-in.ts'
import { accountsWithPassword, type LocalAccount, setPasswordHash } from './accounts.ts'
import { useRecoveryCode, useTotpCode } from './second-factor.ts'

export interface LoginBody {
  readonly email: string
  readonly password: string
  readonly org_id?: string | undefined
  readonly code?: string | undefined
}

/** Without an organisation so many accounts are tried, whether they are there or not. */
const TRIED_WITHOUT_ORG = 2

const wrongCredentials = (): ApiError =>
  new ApiError(
    'invalid_credentials',
    'E-mail, password or code is wrong; with accounts in several organisations, name one',
  )

/** @throws ApiError rate_limited, invalid_credentials, second_factor_required, sso_required, org_required, overloaded */
export async function logIn(
  signIn: SignIn,
  req: Request,
  res: Response,
  body: LoginBody,
): Promise<{ readonly csrfToken: string; readonly account: LocalAccount }> {
  const subjects = [addressSubject(clientOf(req).ip), accountSubject(body.email)]
  const locked = await signIn.keep((queries) => takeAttempts(queries, subjects, signIn.nowMs()))
  if (locked !== null) {
    signIn.logger.warn({ ip: clientOf(req).ip, account: hashToken(body.email) }, 'sign-in refused: too many tries')
    throw tooManyAttempts(locked.retryAfterMs)
  }
  const account = await findByPassword(signIn, body)
  if (account === null) {
    await recordRefusal(signIn, req, res, body, null, 'invalid_credentials')
    throw wrongCredentials()
  }
  try {
    const { csrfToken } = await startSession(signIn, req, res, async (queries) => {
      await passSecondFactor(signIn, queries, account, body.code)
      await passDomainRule(signIn, queries, req, res, account)
      await rehash(signIn, queries, account, body.password)
      await forgiveAttempts(queries, subjects, signIn.nowMs())
      if (await hasEmailAlone(queries, body.email)) await clearAttempts(queries, accountSubject(body.email))
      return { orgId: account.orgId, userId: account.userId, method: 'password' }
    })
    return { csrfToken, account }
  } catch (error) {
    if (error instanceof ApiError) {
      if (error.code === 'second_factor_required')
        await signIn.keep((queries) => forgiveAttempts(queries, subjects, signIn.nowMs()))
      await recordRefusal(signIn, req, res, body, account, error.code)
    }
    throw error
  }
}

/** Null: none, or none with this password. @throws ApiError org_required when it is right for several */
async function findByPassword(signIn: SignIn, { email, password, org_id }: LoginBody): Promise<LocalAccount | null> {
  const most = org_id === undefined ? TRIED_WITHOUT_ORG : 1
  const accounts = await signIn.keep((queries) => accountsWithPassword(queries, email, org_id, most))
  const right: LocalAccount[] = []
  for (let i = 0; i < most; i++) {
    const account = accounts[i]
    const isRight = await signIn.hasher.verify(account?.passwordHash ?? null, password)
    if (isRight && account !== undefined) right.push(account)
  }
  const [found, another] = right
  if (another === undefined) return found ?? null
  const orgs = right.map((a) => a.orgId).join(', ')
  throw new ApiError('org_required', `org_id: this account is there in several organisations: ${orgs}`, {
    field: 'org_id',
  })
}

/** Where another organisation has an account of the same e-mail, its password must not wipe out guesses at this one. */
async function hasEmailAlone(queries: Queries, email: string): Promise<boolean> {
  return (await accountsWithPassword(queries, email, undefined, TRIED_WITHOUT_ORG)).length === 1
}

async function passSecondFactor(
  signIn: SignIn,
  queries: Queries,
  account: LocalAccount,
  code: string | undefined,
): Promise<void> {
  if (!account.totpConfirmed) return
  if (code === undefined) throw new ApiError('second_factor_required', 'code: of the authenticator app is wanted')
  const isRight =
    (await useTotpCode(signIn, queries, account, code)) ||
    (await useRecoveryCode(queries, account, code, signIn.nowMs()))
  if (!isRight) throw wrongCredentials()
}

/** @throws ApiError sso_required */
export async function passDomainRule(
  signIn: SignIn,
  queries: Queries,
  req: Request,
  res: Response,
  { orgId, userId, email, breakGlass }: Pick<LocalAccount, 'orgId' | 'userId' | 'email' | 'breakGlass'>,
): Promise<void> {
  if (!(await isSsoRequired(queries, orgId, email))) return
  if (!breakGlass) throw new ApiError('sso_required', 'People of this domain sign in through their identity provider')
  signIn.logger.warn({ orgId, userId, ip: clientOf(req).ip }, 'a break-glass account was used')
  await recordSignIn(signIn, queries, req, res, { orgId, userId, action: 'break_glass_used', details: {} })
}

async function rehash(signIn: SignIn, queries: Queries, account: LocalAccount, password: string): Promise<void> {
  if (account.passwordHash === null || !signIn.hasher.isOutdated(account.passwordHash)) return
  await setPasswordHash(queries, account, await signIn.hasher.hash(password), signIn.nowMs())
}

/** Unknown accounts are written down as well, under the installation: the answer takes as long. */
async function recordRefusal(
  signIn: SignIn,
  req: Request,
  res: Response,
  { email, org_id }: LoginBody,
  account: LocalAccount | null,
  code: string,
): Promise<void> {
  await signIn.keep(async (queries) => {
    const [known] = account === null ? await accountsWithPassword(queries, email, org_id, 1) : [account]
    await recordSignIn(signIn, queries, req, res, {
      orgId: known?.orgId ?? '',
      userId: null,
      action: 'sign_in_refused',
      target: { type: 'user', id: known?.userId ?? '' },
      outcome: 'refused',
      details: { method: 'password', code, ...(known === undefined ? { account: hashToken(email) } : {}) },
    })
  })
}
