/** `/v1/auth/token-issuers`: whose signed tokens services of the organisation may use as bearer tokens. */
import { z } from 'zod'
import { ApiError, invalidParameter } from '../../http/api-error.ts'
import { orgRoute, type Route } from '../../http/route.ts'
import { checkIfMatch, sendVersion } from '../../http/versions.ts'
import { orgId } from '../../parameters/shapes.ts'
import type { OrgScope } from '../../scope.ts'
import { auditChange } from '../audit-change.ts'
import { BODY_ERRORS, READ_ERRORS, SIGN_IN_TAG, signInOf } from '../auth-route.ts'
import { newId } from '../secret-tokens.ts'
import type { SignIn } from '../sign-in.ts'
import {
  defaultAudience,
  givesOwners,
  isAudienceOf,
  type TokenIssuerSettings,
  tokenIssuerSettings,
} from './token-issuer.ts'
import {
  insertTokenIssuer,
  listTokenIssuers,
  lockTokenIssuer,
  markTokenIssuerDeleted,
  type TokenIssuer,
  updateTokenIssuer,
} from './token-issuer-store.ts'

const ISSUERS_MAX = 50
const query = z.strictObject({ org_id: orgId.optional() })
const pathParameters = z.object({ id: z.string().max(64).describe('id of a token issuer') })
const address = z
  .string()
  .max(2000)
  .refine((text) => URL.canParse(text), { message: 'an address is wanted' })
const shown = z.object({
  id: z.string(),
  issuer: z.string(),
  audience: z.string().describe('`aud` that its tokens must have'),
  jwks_uri: z.string(),
  settings: tokenIssuerSettings,
  version: z.number().int(),
  created_at: z.string(),
  updated_at: z.string(),
})
const ERRORS = ['unauthorized', 'forbidden', 'conflict', 'precondition_failed', ...BODY_ERRORS] as const

const show = (t: TokenIssuer): z.output<typeof shown> => ({
  id: t.id,
  issuer: t.issuer,
  audience: t.audience,
  jwks_uri: t.jwksUri,
  settings: t.settings,
  version: t.version,
  created_at: t.createdAt.toISOString(),
  updated_at: t.updatedAt.toISOString(),
})

/** @throws ApiError forbidden, invalid_parameter */
function checkRights(signIn: SignIn, scope: OrgScope, list: readonly TokenIssuerSettings[], jwksUri: string): void {
  if (list.some(givesOwners) && !scope.access.may('owners:write'))
    throw new ApiError('forbidden', 'The right owners:write is needed to make owners of tokens')
  if (!jwksUri.startsWith('https:') && !signIn.config.outbound.allowLoopback)
    throw invalidParameter('jwks_uri', 'an address that begins with https:// is wanted')
}

const listRoute = orgRoute({
  permission: 'sign-in:read',
  method: 'get',
  path: '/v1/auth/token-issuers',
  tag: SIGN_IN_TAG,
  summary: 'Token issuers that the organisation trusts',
  description: 'Services show a token (JWT) of theirs as `Authorization: Bearer`.',
  query,
  answer: z.object({ items: z.array(shown) }),
  errors: ['unauthorized', 'forbidden', ...READ_ERRORS],
  handle: async (_context, scope) => ({ items: (await scope.keep(listTokenIssuers)).map(show) }),
})

const createRoute = orgRoute({
  permission: 'sign-in:write',
  method: 'post',
  path: '/v1/auth/token-issuers',
  tag: SIGN_IN_TAG,
  summary: 'Trust a token issuer',
  description:
    'Tokens live an hour at most, have sub, iat and exp, and are signed with one of the stated algorithms by a key of the JWKS. The audience ends in `/` and the id of the organisation.',
  query,
  body: z.strictObject({
    issuer: z.string().min(1).max(500),
    audience: z.string().min(1).max(500).optional().describe('default: the address of the organisation here'),
    jwks_uri: address,
    settings: tokenIssuerSettings,
  }),
  status: 201,
  answer: shown,
  errors: [...ERRORS],
  handle: async (context, scope, { body, req, res }) => {
    const signIn = signInOf(context)
    checkRights(signIn, scope, [body.settings], body.jwks_uri)
    const audience = body.audience ?? defaultAudience(signIn.config.publicUrl, scope.orgId)
    if (!isAudienceOf(audience, scope.orgId))
      throw invalidParameter('audience', `an audience that ends in /${scope.orgId} is wanted`)
    const at = new Date(context.nowMs())
    const made: TokenIssuer = {
      orgId: scope.orgId,
      id: newId('iss'),
      issuer: body.issuer,
      audience,
      jwksUri: body.jwks_uri,
      settings: body.settings,
      version: 1,
      createdAt: at,
      updatedAt: at,
    }
    await scope.keep(async (queries, org) => {
      if ((await listTokenIssuers(queries, org)).length >= ISSUERS_MAX)
        throw new ApiError('conflict', `At most ${ISSUERS_MAX} token issuers are possible`)
      if (!(await insertTokenIssuer(queries, made)))
        throw new ApiError('conflict', 'There is a token issuer with this issuer and audience already')
      const resource = { type: 'token_issuer', id: made.id }
      await auditChange(queries, scope, { req, res }, context.nowMs(), resource, null, show(made))
    })
    sendVersion(res, made.version)
    return show(made)
  },
})

const patchRoute = orgRoute({
  permission: 'sign-in:write',
  method: 'patch',
  path: '/v1/auth/token-issuers/:id',
  tag: SIGN_IN_TAG,
  summary: 'Change a token issuer',
  description: 'What is left out stays; settings are replaced as a whole. Issuer and audience stay.',
  query,
  pathParameters,
  body: z.strictObject({ jwks_uri: address.optional(), settings: tokenIssuerSettings.optional() }),
  answer: shown,
  errors: [...ERRORS],
  handle: async (context, scope, { path, body, req, res }) => {
    const signIn = signInOf(context)
    const changed = await scope.keep(async (queries, org) => {
      const before = await lockTokenIssuer(queries, org, path.id)
      if (before === undefined) throw new ApiError('not_found', 'There is no such token issuer')
      checkIfMatch(req, before.version)
      const { jwks_uri: jwksUri = before.jwksUri, settings = before.settings } = body
      checkRights(signIn, scope, [before.settings, settings], jwksUri)
      const after = await updateTokenIssuer(queries, { ...before, jwksUri, settings }, new Date(context.nowMs()))
      const resource = { type: 'token_issuer', id: before.id }
      await auditChange(queries, scope, { req, res }, context.nowMs(), resource, show(before), show(after))
      return after
    })
    sendVersion(res, changed.version)
    return show(changed)
  },
})

const deleteRoute = orgRoute({
  permission: 'sign-in:write',
  method: 'delete',
  path: '/v1/auth/token-issuers/:id',
  tag: SIGN_IN_TAG,
  summary: 'Trust a token issuer no more',
  description: 'Its tokens are refused at once.',
  query,
  pathParameters,
  answer: z.object({ id: z.string() }),
  errors: [...ERRORS],
  handle: async (context, scope, { path, req, res }) => {
    await scope.keep(async (queries, org) => {
      const before = await lockTokenIssuer(queries, org, path.id)
      if (before === undefined) throw new ApiError('not_found', 'There is no such token issuer')
      checkIfMatch(req, before.version)
      await markTokenIssuerDeleted(queries, org, path.id, new Date(context.nowMs()))
      const resource = { type: 'token_issuer', id: before.id }
      await auditChange(queries, scope, { req, res }, context.nowMs(), resource, show(before), null)
    })
    return { id: path.id }
  },
})

export const tokenIssuerRoutes: readonly Route[] = [listRoute, createRoute, patchRoute, deleteRoute]
