/** Sign-in by an OpenID provider: authorisation code with PKCE, state and nonce. */
import { open } from '@ecomind/schemas/keys'
import type { Request, Response } from 'express'
import * as oidc from 'openid-client'
import { z } from 'zod'
import { ApiError } from '../../http/api-error.ts'
import { readQueryString } from '../../http/query-string.ts'
import type { Route } from '../../http/route.ts'
import { check } from '../../parameters/read-parameters.ts'
import { addressSubject, forgiveAttempts, takeAttempts, tooManyAttempts } from '../attempts/attempt-store.ts'
import { authRoute, orBackToPage, READ_ERRORS, redirect, SIGN_IN_TAG, signInOf } from '../auth-route.ts'
import { clientOf } from '../client.ts'
import { markBrowser, requireSameBrowser, saveFlow, takeFlow } from '../flows.ts'
import { CLIENT_SECRET } from '../providers/client-secret.ts'
import { findEnabledProvider, type Provider } from '../providers/provider-store.ts'
import { refuse, signInByProvider } from '../providers/sign-in-by-provider.ts'
import { safeReturnTo } from '../return-to.ts'
import { newToken } from '../secret-tokens.ts'
import type { SignIn } from '../sign-in.ts'
import { claimedBy } from './oidc-claims.ts'
import type { OidcParty } from './oidc-clients.ts'

const flowData = z.object({ verifier: z.string(), nonce: z.string(), returnTo: z.string() })
export const providerPath = z.object({ provider: z.string().max(64).describe('id of an identity provider') })
export const startQuery = z.strictObject({
  return_to: z.string().max(2000).optional().describe('path of our own where the browser goes afterwards'),
})
export const REDIRECT = z.string().describe('empty: status 303 leads on')

/** @throws ApiError not_found */
export async function providerOf(signIn: SignIn, id: string, kind: 'oidc' | 'saml'): Promise<Provider> {
  const provider = await signIn.keep((queries) => findEnabledProvider(queries, id, kind))
  if (provider === undefined) throw new ApiError('not_found', 'There is no such identity provider')
  return provider
}

/** Whoever begins flows without end is slowed down. @throws ApiError rate_limited */
export async function countStart(signIn: SignIn, req: Request): Promise<void> {
  const subjects = [addressSubject(clientOf(req).ip)]
  const locked = await signIn.keep((queries) => takeAttempts(queries, subjects, signIn.nowMs()))
  if (locked !== null) throw tooManyAttempts(locked.retryAfterMs)
}

/** So many requests of a sign-in that came to a good end. */
export async function forgiveStarts(signIn: SignIn, req: Request, count: number): Promise<void> {
  const subjects = Array.from({ length: count }, () => addressSubject(clientOf(req).ip))
  await signIn.keep((queries) => forgiveAttempts(queries, subjects, signIn.nowMs()))
}

function partyOf(signIn: SignIn, provider: Provider): OidcParty {
  const { id, version, settings, clientSecretSealed } = provider
  if (settings.kind !== 'oidc') throw new ApiError('not_found', 'There is no such identity provider')
  const clientSecret = clientSecretSealed === null ? null : open(signIn.keyRing, CLIENT_SECRET, clientSecretSealed)
  return { id, version, settings, clientSecret }
}

const startRoute = authRoute({
  permission: 'public',
  method: 'get',
  path: '/v1/auth/oidc/:provider/start',
  summary: 'Go to the identity provider',
  description: 'For the address bar of a browser: answers with a redirect.',
  pathParameters: providerPath,
  query: startQuery,
  status: 303,
  answer: REDIRECT,
  errors: [...READ_ERRORS, 'rate_limited', 'provider_unavailable'],
  handle: (signIn, { path, query, req, res }) =>
    orBackToPage(req, res, async () => {
      await countStart(signIn, req)
      const party = partyOf(signIn, await providerOf(signIn, path.provider, 'oidc'))
      const client = await signIn.oidcClients.clientOf(party)
      const [state, nonce, verifier] = [newToken(), newToken(), oidc.randomPKCECodeVerifier()]
      const browserHash = markBrowser(signIn, req, res)
      const data = { verifier, nonce, returnTo: safeReturnTo(query.return_to) }
      await signIn.keep((queries) =>
        saveFlow(signIn, queries, browserHash, { kind: 'oidc', key: state, providerId: party.id, data }),
      )
      const address = oidc.buildAuthorizationUrl(client, {
        redirect_uri: signIn.oidcClients.redirectUri(party.id),
        scope: party.settings.scopes.join(' '),
        response_type: 'code',
        state,
        nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      })
      redirect(res, address.href)
    }),
})

/** Providers add parameters of their own, so the query is not read strictly. */
const callbackRoute: Route = {
  permission: 'public',
  method: 'get',
  path: '/v1/auth/oidc/:provider/callback',
  tag: SIGN_IN_TAG,
  summary: 'Come back from the identity provider',
  description:
    'Where the provider sends the browser. Sets the session cookie and leads on to the page that was wanted.',
  query: z.object({
    state: z.string().optional().describe('of the start'),
    code: z.string().optional().describe('of the provider, good for one exchange'),
    error: z.string().optional().describe('of the provider, in place of a code'),
  }),
  pathParameters: providerPath,
  body: null,
  status: 303,
  answer: { mediaType: 'text/plain', shape: REDIRECT },
  errors: [...READ_ERRORS, 'sign_in_refused', 'provider_unavailable', 'rate_limited'],
  serve: async (context, _asker, req, res) => {
    const signIn = signInOf(context)
    const { provider } = check(providerPath, req.params)
    await orBackToPage(req, res, () => comeBack(signIn, req, res, provider))
  },
}

async function comeBack(signIn: SignIn, req: Request, res: Response, providerId: string): Promise<void> {
  await countStart(signIn, req)
  const states = readQueryString(req.url).get('state') ?? []
  const state = states.length === 1 ? (states[0] ?? '') : ''
  const provider = await providerOf(signIn, providerId, 'oidc')
  const flow = await signIn.keep((queries) =>
    takeFlow(signIn, queries, { kind: 'oidc', key: state, providerId: provider.id }, flowData),
  )
  if (flow === undefined) {
    await refuse(signIn, req, res, provider, 'unknown_state')
    throw new ApiError('sign_in_refused', 'This sign-in is not known, was used or took longer than ten minutes')
  }
  try {
    requireSameBrowser(signIn, req, flow)
  } catch (error) {
    await refuse(signIn, req, res, provider, 'another_browser')
    throw error
  }
  const claimed = await redeemCode(signIn, req, res, provider, state, flow.data)
  await signInByProvider(signIn, req, res, provider, claimed)
  await forgiveStarts(signIn, req, 2)
  redirect(res, flow.data.returnTo)
}

/** @throws ApiError sign_in_refused for whatever is wrong with the code, the token or its claims */
async function redeemCode(
  signIn: SignIn,
  req: Request,
  res: Response,
  provider: Provider,
  state: string,
  { verifier, nonce }: z.output<typeof flowData>,
) {
  const party = partyOf(signIn, provider)
  const client = await signIn.oidcClients.clientOf(party)
  const address = new URL(signIn.oidcClients.redirectUri(provider.id))
  const at = req.url.indexOf('?')
  address.search = at < 0 ? '' : req.url.slice(at)
  try {
    const tokens = await oidc.authorizationCodeGrant(client, address, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    })
    const claims = tokens.claims()
    if (claims === undefined) throw new Error('no ID token')
    const { groups_attribute: groupsAttribute } = party.settings
    const isWhole = 'email' in claims && groupsAttribute in claims
    // Claims of the ID token go before: they are signed.
    const more =
      isWhole || client.serverMetadata().userinfo_endpoint === undefined
        ? {}
        : await oidc.fetchUserInfo(client, tokens.access_token, claims.sub)
    const shown = 'email' in claims ? { ...more, email_verified: undefined } : more
    return claimedBy({ ...shown, ...claims }, groupsAttribute)
  } catch (cause) {
    await refuse(signIn, req, res, provider, reasonOf(cause))
    throw new ApiError('sign_in_refused', "The identity provider's answer was not accepted", { cause })
  }
}

/** For the log of the organisation: which rule was broken. Messages of the library hold no secrets. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown'
  const inner = cause.cause instanceof Error ? `: ${cause.cause.message}` : ''
  return `${cause.message}${inner}`.slice(0, 300)
}

export const oidcRoutes: readonly Route[] = [startRoute, callbackRoute]
