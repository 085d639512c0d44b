/**
 * Sign-in by SAML 2.0. The response is posted by a page of the provider, without our cookies (SameSite=Lax), so it is
 * verified at /acs and taken up one redirect later, where the browser shows that it began the sign-in.
 */
import { randomBytes } from 'node:crypto'
import type { Request, Response } from 'express'
import { z } from 'zod'
import type { Queries } from '../../database/database.ts'
import { ApiError } from '../../http/api-error.ts'
import { readFormBody } from '../../http/read-form-body.ts'
import type { Route } from '../../http/route.ts'
import { sendText } from '../../http/send-json.ts'
import { check } from '../../parameters/read-parameters.ts'
import { authRoute, orBackToPage, READ_ERRORS, redirect, SIGN_IN_TAG, signInOf } from '../auth-route.ts'
import { markBrowser, requireSameBrowser, saveFlow, takeFlow } from '../flows.ts'
import { countStart, forgiveStarts, providerOf, providerPath, REDIRECT, startQuery } from '../oidc/oidc-routes.ts'
import type { Provider } from '../providers/provider-store.ts'
import { refuse, signInByProvider } from '../providers/sign-in-by-provider.ts'
import { safeReturnTo } from '../return-to.ts'
import { newToken } from '../secret-tokens.ts'
import type { SignIn } from '../sign-in.ts'
import { metadataOf, requestIdIn, type SamlParty, signInAddress, verifyResponse } from './saml-party.ts'
import { SamlRefusal } from './strict-response.ts'

const begun = z.object({ returnTo: z.string() })
const arrived = begun.extend({
  claimed: z.object({
    subject: z.string(),
    email: z.string().nullable(),
    emailVerified: z.boolean().nullable(),
    name: z.string().nullable(),
    groups: z.array(z.string()),
  }),
})
/** Ids are kept so much longer than the assertion lives, for clocks that differ. */
const REPLAY_MARGIN_MS = 3_600_000

function partyOf(signIn: SignIn, { id, settings }: Provider): SamlParty {
  if (settings.kind !== 'saml') throw new ApiError('not_found', 'There is no such identity provider')
  return { providerId: id, settings, publicUrl: signIn.config.publicUrl }
}

const startRoute = authRoute({
  permission: 'public',
  method: 'get',
  path: '/v1/auth/saml/:provider/start',
  summary: 'Go to the SAML identity provider',
  description: 'For the address bar of a browser: answers with a redirect.',
  pathParameters: providerPath,
  query: startQuery,
  status: 303,
  answer: REDIRECT,
  errors: [...READ_ERRORS, 'rate_limited'],
  handle: (signIn, { path, query, req, res }) =>
    orBackToPage(req, res, async () => {
      await countStart(signIn, req)
      const provider = await providerOf(signIn, path.provider, 'saml')
      // An XML id begins with no digit.
      const requestId = `_${randomBytes(20).toString('hex')}`
      const browserHash = markBrowser(signIn, req, res)
      const data = { returnTo: safeReturnTo(query.return_to) }
      await signIn.keep((queries) =>
        saveFlow(signIn, queries, browserHash, { kind: 'saml', key: requestId, providerId: provider.id, data }),
      )
      redirect(res, await signInAddress(partyOf(signIn, provider), requestId, signIn.nowMs()))
    }),
})

const formField = z.object({
  SAMLResponse: z.string({ message: 'a SAML response is wanted' }).min(1).max(400_000),
  // Never used: where the browser goes is kept on our side.
  RelayState: z.string().max(2000).optional(),
})

const acsRoute: Route = {
  permission: 'public',
  method: 'post',
  path: '/v1/auth/saml/:provider/acs',
  tag: SIGN_IN_TAG,
  summary: 'Take the response of the SAML identity provider',
  description:
    'The assertion must be signed (SHA-256 or better), answer a request of ours and be seen for the first time. Leads on to /finish.',
  query: z.object({}),
  pathParameters: providerPath,
  body: { 'application/x-www-form-urlencoded': { schema: formField } },
  status: 303,
  answer: { mediaType: 'text/plain', shape: REDIRECT },
  errors: [...READ_ERRORS, 'sign_in_refused', 'unsupported_media_type', 'body_too_large', 'rate_limited'],
  serve: async (context, _asker, req, res) => {
    const signIn = signInOf(context)
    const { provider } = check(providerPath, req.params)
    const { SAMLResponse } = check(formField, await readFormBody(req))
    await orBackToPage(req, res, () => takeResponse(signIn, req, res, provider, SAMLResponse))
  },
}

async function takeResponse(
  signIn: SignIn,
  req: Request,
  res: Response,
  providerId: string,
  encoded: string,
): Promise<void> {
  await countStart(signIn, req)
  const provider = await providerOf(signIn, providerId, 'saml')
  try {
    const token = await verifyAndKeep(signIn, provider, encoded)
    redirect(res, `/v1/auth/saml/${provider.id}/finish?flow=${token}`)
  } catch (error) {
    if (!(error instanceof SamlRefusal)) throw error
    await refuse(signIn, req, res, provider, error.message)
    throw new ApiError('sign_in_refused', "The identity provider's answer was not accepted", { cause: error })
  }
}

/** The request counts as answered from here on, whatever the answer is worth. @throws SamlRefusal */
async function verifyAndKeep(signIn: SignIn, provider: Provider, encoded: string): Promise<string> {
  const key = requestIdIn(encoded)
  const flow = await signIn.keep((queries) =>
    takeFlow(signIn, queries, { kind: 'saml', key, providerId: provider.id }, begun),
  )
  if (flow === undefined) throw new SamlRefusal('an answer to a request that is not known, was answered or is too old')
  const { claimed, assertion } = await verifyResponse(partyOf(signIn, provider), encoded, key, signIn.nowMs())
  const token = newToken()
  await signIn.keep(async (queries) => {
    await useAssertion(queries, provider.id, assertion.id, assertion.expiresAtMs + REPLAY_MARGIN_MS)
    await saveFlow(signIn, queries, flow.browserHash, {
      kind: 'saml_finish',
      key: token,
      providerId: provider.id,
      data: { returnTo: flow.data.returnTo, claimed },
    })
  })
  return token
}

/** @throws SamlRefusal when it was seen before */
async function useAssertion(queries: Queries, providerId: string, id: string, untilMs: number): Promise<void> {
  const added = await queries.query(
    `INSERT INTO ecomind.used_assertions (provider_id, assertion_id, expires_at) VALUES ($1, $2, $3)
     ON CONFLICT DO NOTHING RETURNING assertion_id`,
    [providerId, id, new Date(untilMs)],
  )
  if (added.length === 0) throw new SamlRefusal('an assertion that was used before')
}

const finishRoute = authRoute({
  permission: 'public',
  method: 'get',
  path: '/v1/auth/saml/:provider/finish',
  summary: 'Finish a sign-in by SAML',
  description:
    'Where /acs leads the browser that began. Sets the session cookie and leads on to the page that was wanted.',
  pathParameters: providerPath,
  query: z.strictObject({ flow: z.string().max(64).describe('of the address that /acs leads to') }),
  status: 303,
  answer: REDIRECT,
  errors: [...READ_ERRORS, 'sign_in_refused', 'rate_limited'],
  handle: (signIn, { path, query, req, res }) =>
    orBackToPage(req, res, async () => {
      await countStart(signIn, req)
      const provider = await providerOf(signIn, path.provider, 'saml')
      const flow = await signIn.keep((queries) =>
        takeFlow(signIn, queries, { kind: 'saml_finish', key: query.flow, providerId: provider.id }, arrived),
      )
      if (flow === undefined)
        throw new ApiError('sign_in_refused', 'This sign-in is not known, was used or took longer than ten minutes')
      try {
        requireSameBrowser(signIn, req, flow)
      } catch (error) {
        await refuse(signIn, req, res, provider, 'another_browser', flow.data.claimed.subject)
        throw error
      }
      await signInByProvider(signIn, req, res, provider, flow.data.claimed)
      await forgiveStarts(signIn, req, 3)
      redirect(res, flow.data.returnTo)
    }),
})

const metadataRoute: Route = {
  permission: 'public',
  method: 'get',
  path: '/v1/auth/saml/:provider/metadata',
  tag: SIGN_IN_TAG,
  summary: 'Our SAML metadata',
  description: 'To be given to the identity provider. Its address is our entity id.',
  query: z.object({}),
  pathParameters: providerPath,
  body: null,
  answer: { mediaType: 'application/samlmetadata+xml', shape: z.string() },
  errors: [...READ_ERRORS],
  serve: async (context, _asker, req, res) => {
    const signIn = signInOf(context)
    const { provider } = check(providerPath, req.params)
    const party = partyOf(signIn, await providerOf(signIn, provider, 'saml'))
    await sendText(req, res, 200, 'application/samlmetadata+xml', metadataOf(party))
  },
}

export const samlRoutes: readonly Route[] = [startRoute, acsRoute, finishRoute, metadataRoute]
