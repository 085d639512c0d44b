/**
 * Passkeys (WebAuthn) in place of a password. The authenticator checks the person (PIN, finger), so one is two factors.
 * Challenges are random, tied to the browser and taken once.
 */
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { Request, Response } from 'express'
import { z } from 'zod'
import type { Queries } from '../../database/database.ts'
import { ApiError } from '../../http/api-error.ts'
import type { Route } from '../../http/route.ts'
import { addressSubject, forgiveAttempts, takeAttempts, tooManyAttempts } from '../attempts/attempt-store.ts'
import { recordSignIn } from '../audit-sign-in.ts'
import { authRoute, BODY_ERRORS, READ_ERRORS } from '../auth-route.ts'
import { clientOf } from '../client.ts'
import { markBrowser, requireSameBrowser, saveFlow, takeFlow } from '../flows.ts'
import { signedIn } from '../local/account-routes.ts'
import { accountOf } from '../local/accounts.ts'
import { passDomainRule } from '../local/log-in.ts'
import { requireFreshPerson } from '../local/prove-again.ts'
import { newToken } from '../secret-tokens.ts'
import { requirePerson, startSession } from '../sessions/session-of-request.ts'
import { done, nameField, orgIdField } from '../shapes.ts'
import { originOf, type SignIn } from '../sign-in.ts'
import { credentialOf, deletePasskey, findPasskey, insertPasskey, notePasskeyUse, passkeysOf } from './passkey-store.ts'

/** Read with the first passkey: it takes a third of the time that all packages take together at the start. */
const library = () => import('@simplewebauthn/server')

const registration = z.object({ orgId: z.string(), userId: z.string() })
const nothing = z.object({})
/** Its content is checked by the library. */
const browserAnswer = z.looseObject({
  id: z.string().max(2048),
  rawId: z.string().max(2048),
  type: z.literal('public-key'),
  response: z.looseObject({ clientDataJSON: z.string().max(4096) }),
})
const options = z.looseObject({ challenge: z.string() }).describe('for navigator.credentials, as JSON')
const ERRORS = ['unauthorized', 'reauthentication_required', ...BODY_ERRORS] as const

/** The host name stands for all ports and is what passkeys are tied to. */
const relyingPartyId = ({ config }: SignIn): string => new URL(config.publicUrl).hostname

const refused = (): ApiError => new ApiError('invalid_credentials', 'The passkey was not accepted')

const registerOptionsRoute = authRoute({
  permission: 'signed-in',
  method: 'post',
  path: '/v1/auth/passkeys/options',
  summary: 'Begin to register a passkey',
  description: 'Options for navigator.credentials.create(); good for ten minutes in this browser.',
  body: z.strictObject({ org_id: orgIdField }),
  answer: options,
  errors: [...ERRORS],
  handle: async (signIn, { body, req, res }) => {
    const { account } = await requireFreshPerson(signIn, req, body.org_id)
    const { orgId, userId } = account
    const present = await passkeysOf(signIn.database, orgId, userId)
    const challenge = newToken()
    const { generateRegistrationOptions } = await library()
    const made = await generateRegistrationOptions({
      rpName: 'Ecomind',
      rpID: relyingPartyId(signIn),
      userName: account.email,
      userDisplayName: account.name,
      userID: new Uint8Array(Buffer.from(`${orgId}\n${userId}`).subarray(0, 64)),
      challenge: new Uint8Array(Buffer.from(challenge, 'base64url')),
      attestationType: 'none',
      excludeCredentials: present.map((p) => ({ id: p.credential_id })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    })
    const browserHash = markBrowser(signIn, req, res)
    await signIn.keep((queries) =>
      saveFlow(signIn, queries, browserHash, {
        kind: 'passkey_registration',
        key: made.challenge,
        providerId: null,
        data: { orgId, userId },
      }),
    )
    return made
  },
})

const registerRoute = authRoute({
  permission: 'signed-in',
  method: 'post',
  path: '/v1/auth/passkeys',
  summary: 'Register a passkey',
  description: 'With the answer of navigator.credentials.create().',
  body: z.strictObject({ org_id: orgIdField, name: nameField, response: browserAnswer }),
  status: 201,
  answer: z.object({ id: z.string(), name: z.string() }),
  errors: [...ERRORS, 'invalid_credentials', 'sign_in_refused', 'conflict'],
  handle: async (signIn, { body, req, res }) => {
    const { account } = await requireFreshPerson(signIn, req, body.org_id)
    const challenge = challengeOf(body.response)
    const flow = await signIn.keep((queries) =>
      takeFlow(signIn, queries, { kind: 'passkey_registration', key: challenge, providerId: null }, registration),
    )
    if (flow === undefined || flow.data.orgId !== account.orgId || flow.data.userId !== account.userId) throw refused()
    requireSameBrowser(signIn, req, flow)
    const { verifyRegistrationResponse } = await library()
    const verified = await verifyRegistrationResponse({
      response: body.response as unknown as RegistrationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: originOf(signIn),
      expectedRPID: relyingPartyId(signIn),
      requireUserVerification: true,
    }).catch(() => null)
    if (verified === null || !verified.verified) throw refused()
    const { credential } = verified.registrationInfo
    await signIn.keep(async (queries) => {
      if (!(await insertPasskey(queries, account, body.name, credential, signIn.nowMs())))
        throw new ApiError('conflict', 'This passkey is registered already')
      const { orgId, userId } = account
      const target = { type: 'passkey', id: credential.id }
      const details = { name: body.name }
      await recordSignIn(signIn, queries, req, res, { orgId, userId, action: 'create', target, details })
    })
    return { id: credential.id, name: body.name }
  },
})

const listRoute = authRoute({
  permission: 'signed-in',
  method: 'get',
  path: '/v1/auth/passkeys',
  summary: "The asker's own passkeys",
  description: 'Of one organisation.',
  query: z.strictObject({ org_id: orgIdField }),
  answer: z.object({
    items: z.array(
      z.object({ id: z.string(), name: z.string(), created_at: z.string(), last_used_at: z.string().nullable() }),
    ),
  }),
  errors: ['unauthorized', ...READ_ERRORS],
  handle: async (signIn, { query, req }) => {
    const { person } = await requirePerson(signIn, req, query.org_id)
    const rows = await passkeysOf(signIn.database, person.orgId, person.userId)
    const items = rows.map((p) => ({
      id: p.credential_id,
      name: p.name,
      created_at: p.created_at.toISOString(),
      last_used_at: p.last_used_at?.toISOString() ?? null,
    }))
    return { items }
  },
})

const removeRoute = authRoute({
  permission: 'signed-in',
  method: 'delete',
  path: '/v1/auth/passkeys/:id',
  summary: 'Remove a passkey',
  description: "One of the asker's own.",
  query: z.strictObject({ org_id: orgIdField }),
  pathParameters: z.object({ id: z.string().max(2048).describe('id of a passkey') }),
  answer: done,
  errors: [...ERRORS],
  handle: async (signIn, { query, path, req, res }) => {
    const { account } = await requireFreshPerson(signIn, req, query.org_id)
    await signIn.keep(async (queries) => {
      if (!(await deletePasskey(queries, account, path.id))) throw new ApiError('not_found', 'There is no such passkey')
      const { orgId, userId } = account
      const target = { type: 'passkey', id: path.id }
      await recordSignIn(signIn, queries, req, res, { orgId, userId, action: 'delete', target, details: {} })
    })
    return { done: true }
  },
})

const signInOptionsRoute = authRoute({
  permission: 'public',
  method: 'post',
  path: '/v1/auth/passkeys/sign-in/options',
  summary: 'Begin to sign in with a passkey',
  description: 'Options for navigator.credentials.get(); they name no passkey, so they are the same for everyone.',
  answer: options,
  errors: ['csrf_rejected', 'rate_limited', ...READ_ERRORS],
  handle: async (signIn, { req, res }) => {
    const { generateAuthenticationOptions } = await library()
    const made = await generateAuthenticationOptions({
      rpID: relyingPartyId(signIn),
      challenge: new Uint8Array(Buffer.from(newToken(), 'base64url')),
      userVerification: 'required',
    })
    const browserHash = markBrowser(signIn, req, res)
    const subjects = [addressSubject(clientOf(req).ip)]
    const locked = await signIn.keep(async (queries) => {
      const refusal = await takeAttempts(queries, subjects, signIn.nowMs())
      if (refusal !== null) return refusal
      const flow = { kind: 'passkey_sign_in', key: made.challenge, providerId: null, data: {} } as const
      await saveFlow(signIn, queries, browserHash, flow)
      return null
    })
    if (locked !== null) throw tooManyAttempts(locked.retryAfterMs)
    return made
  },
})

const signInRoute = authRoute({
  permission: 'public',
  method: 'post',
  path: '/v1/auth/passkeys/sign-in',
  summary: 'Sign in with a passkey',
  description: 'With the answer of navigator.credentials.get().',
  body: z.strictObject({ response: browserAnswer }),
  answer: signedIn,
  errors: [...BODY_ERRORS, 'invalid_credentials', 'sign_in_refused', 'sso_required'],
  handle: async (signIn, { body, req, res }) => {
    try {
      return await signInWith(signIn, req, res, body.response)
    } catch (error) {
      if (error instanceof ApiError) await recordRefusal(signIn, req, res, body.response.id, error.code)
      throw error
    }
  },
})

async function signInWith(signIn: SignIn, req: Request, res: Response, response: z.output<typeof browserAnswer>) {
  const challenge = challengeOf(response)
  const flow = await signIn.keep((queries) =>
    takeFlow(signIn, queries, { kind: 'passkey_sign_in', key: challenge, providerId: null }, nothing),
  )
  if (flow === undefined) throw refused()
  requireSameBrowser(signIn, req, flow)
  let person = { orgId: '', userId: '' }
  const { csrfToken } = await startSession(signIn, req, res, async (queries) => {
    person = await personOfPasskey(signIn, queries, req, res, response, challenge)
    await forgiveAttempts(queries, [addressSubject(clientOf(req).ip)], signIn.nowMs())
    return { ...person, method: 'passkey' }
  })
  return { org_id: person.orgId, user_id: person.userId, csrf_token: csrfToken }
}

/** Of the passkey's organisation, where the passkey is known, else of the installation. */
async function recordRefusal(
  signIn: SignIn,
  req: Request,
  res: Response,
  credentialId: string,
  code: string,
): Promise<void> {
  await signIn.keep(async (queries) => {
    const passkey = await findPasskey(queries, credentialId)
    await recordSignIn(signIn, queries, req, res, {
      orgId: passkey?.org_id ?? '',
      userId: null,
      action: 'sign_in_refused',
      target: { type: 'user', id: passkey?.user_id ?? '' },
      outcome: 'refused',
      details: { method: 'passkey', code },
    })
  })
}

/** @throws ApiError invalid_credentials, sso_required */
async function personOfPasskey(
  signIn: SignIn,
  queries: Queries,
  req: Request,
  res: Response,
  response: z.output<typeof browserAnswer>,
  challenge: string,
): Promise<{ readonly orgId: string; readonly userId: string }> {
  const passkey = await findPasskey(queries, response.id)
  const account = passkey === undefined ? undefined : await accountOf(queries, passkey.org_id, passkey.user_id)
  if (passkey === undefined || account === undefined) throw refused()
  const { verifyAuthenticationResponse } = await library()
  const verified = await verifyAuthenticationResponse({
    response: response as unknown as AuthenticationResponseJSON,
    expectedChallenge: challenge,
    expectedOrigin: originOf(signIn),
    expectedRPID: relyingPartyId(signIn),
    credential: credentialOf(passkey),
    requireUserVerification: true,
  }).catch(() => null)
  if (verified === null || !verified.verified) throw refused()
  await notePasskeyUse(queries, passkey.credential_id, verified.authenticationInfo.newCounter, signIn.nowMs())
  await passDomainRule(signIn, queries, req, res, account)
  return { orgId: account.orgId, userId: account.userId }
}

/** What the browser says it answered; that it is ours and unused is looked up, that it was signed is verified. */
function challengeOf({ response }: z.output<typeof browserAnswer>): string {
  try {
    const data: unknown = JSON.parse(Buffer.from(response.clientDataJSON, 'base64url').toString('utf8'))
    if (typeof data === 'object' && data !== null && 'challenge' in data && typeof data.challenge === 'string')
      return data.challenge
  } catch {
    // Not JSON: refused like any other answer that is none.
  }
  throw refused()
}

export const passkeyRoutes: readonly Route[] = [
  registerOptionsRoute,
  registerRoute,
  listRoute,
  removeRoute,
  signInOptionsRoute,
  signInRoute,
]
