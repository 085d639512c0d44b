/** `/v1/auth/providers`: the identity providers of an organisation. Client secrets go in and never come out. */
import { seal } from '@ecomind/schemas/keys'
import { z } from 'zod'
import { ApiError, invalidParameter } from '../../http/api-error.ts'
import { orgRoute, type Route } from '../../http/route.ts'
import { checkIfMatch, sendVersion } from '../../http/versions.ts'
import { orgId } from '../../parameters/shapes.ts'
import type { OrgScope } from '../../scope.ts'
import { auditChange } from '../audit-change.ts'
import { BODY_ERRORS, READ_ERRORS, SIGN_IN_TAG, signInOf } from '../auth-route.ts'
import { acsOf, entityIdOf } from '../saml/saml-party.ts'
import { newId } from '../secret-tokens.ts'
import { signOutOfProvider } from '../sessions/session-store.ts'
import type { SignIn } from '../sign-in.ts'
import { CLIENT_SECRET } from './client-secret.ts'
import { letsOwnersIn, type ProviderSettings, providerName, providerSettings } from './provider-settings.ts'
import {
  insertProvider,
  listProviders,
  lockProvider,
  markProviderDeleted,
  type Provider,
  updateProvider,
} from './provider-store.ts'

const PROVIDERS_MAX = 50
const query = z.strictObject({ org_id: orgId.optional() })
const pathParameters = z.object({ id: z.string().max(64).describe('id of an identity provider') })
const secret = z.string().min(1).max(2000)
const shown = z.object({
  id: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  settings: providerSettings,
  has_client_secret: z.boolean(),
  start_url: z.string().describe('where a sign-in begins'),
  callback_url: z.string().describe('redirect URI (OIDC) or assertion consumer service (SAML), for the provider'),
  entity_id: z.string().nullable().describe('ours, for a SAML provider'),
  version: z.number().int(),
  created_at: z.string(),
  updated_at: z.string(),
})
const ERRORS = ['unauthorized', 'forbidden', ...BODY_ERRORS, 'conflict', 'precondition_failed'] as const

function show({ config }: SignIn, p: Provider): z.output<typeof shown> {
  const { kind } = p.settings
  const address = (path: string) => new URL(`/v1/auth/${kind}/${p.id}/${path}`, config.publicUrl).href
  return {
    id: p.id,
    name: p.name,
    enabled: p.enabled,
    settings: p.settings,
    has_client_secret: p.clientSecretSealed !== null,
    start_url: address('start'),
    callback_url: p.settings.kind === 'oidc' ? address('callback') : acsOf(partyOf(config.publicUrl, p, p.settings)),
    entity_id: p.settings.kind === 'saml' ? entityIdOf(partyOf(config.publicUrl, p, p.settings)) : null,
    version: p.version,
    created_at: p.createdAt.toISOString(),
    updated_at: p.updatedAt.toISOString(),
  }
}

const partyOf = (publicUrl: string, { id }: Provider, settings: ProviderSettings & { kind: 'saml' }) => ({
  providerId: id,
  publicUrl,
  settings,
})

/** Who is no owner may not open a way to become one. @throws ApiError forbidden, invalid_parameter */
function checkSettings(signIn: SignIn, scope: OrgScope, ...list: readonly ProviderSettings[]): void {
  if (list.some(letsOwnersIn) && !scope.access.may('owners:write'))
    throw new ApiError('forbidden', 'The right owners:write is needed for a provider that lets owners in')
  for (const settings of list) {
    const [field, url] =
      settings.kind === 'oidc' ? ['settings.issuer', settings.issuer] : ['settings.sso_url', settings.sso_url]
    if (!url.startsWith('https:') && !signIn.config.outbound.allowLoopback)
      throw invalidParameter(field, 'an address that begins with https:// is wanted')
  }
}

const listRoute = orgRoute({
  permission: 'sign-in:read',
  method: 'get',
  path: '/v1/auth/providers',
  tag: SIGN_IN_TAG,
  summary: 'Identity providers of the organisation',
  description: 'OpenID Connect and SAML 2.0.',
  query,
  answer: z.object({ items: z.array(shown) }),
  errors: ['unauthorized', 'forbidden', ...READ_ERRORS],
  handle: async (context, scope) => {
    const providers = await scope.keep(listProviders)
    return { items: providers.map((p) => show(signInOf(context), p)) }
  },
})

const createRoute = orgRoute({
  permission: 'sign-in:write',
  method: 'post',
  path: '/v1/auth/providers',
  tag: SIGN_IN_TAG,
  summary: 'Add an identity provider',
  description: 'Its addresses for the provider are in the answer. It can be made before the provider knows us.',
  query,
  body: z.strictObject({
    name: providerName,
    settings: providerSettings,
    client_secret: secret.optional().describe('of OpenID Connect; write-only'),
    enabled: z.boolean().default(true),
  }),
  status: 201,
  answer: shown,
  errors: [...ERRORS],
  handle: async (context, scope, { body, req, res }) => {
    const signIn = signInOf(context)
    checkSettings(signIn, scope, body.settings)
    const made = await scope.keep(async (queries, org) => {
      if ((await listProviders(queries, org)).length >= PROVIDERS_MAX)
        throw new ApiError('conflict', `An organisation has at most ${PROVIDERS_MAX} identity providers`)
      const provider = await insertProvider(queries, {
        id: newId('idp'),
        orgId: org,
        name: body.name,
        settings: body.settings,
        clientSecretSealed:
          body.client_secret === undefined ? null : seal(signIn.keyRing, CLIENT_SECRET, body.client_secret),
        enabled: body.enabled,
        createdAt: new Date(context.nowMs()),
      })
      const resource = { type: 'identity_provider', id: provider.id }
      await auditChange(queries, scope, { req, res }, context.nowMs(), resource, null, show(signIn, provider))
      return provider
    })
    sendVersion(res, made.version)
    return show(signIn, made)
  },
})

const patchRoute = orgRoute({
  permission: 'sign-in:write',
  method: 'patch',
  path: '/v1/auth/providers/:id',
  tag: SIGN_IN_TAG,
  summary: 'Change an identity provider',
  description:
    'What is left out stays; settings are replaced as a whole. Who came by a provider that is disabled, or that now answers to another issuer, is signed out. Another issuer or client needs its client secret anew.',
  query,
  pathParameters,
  body: z.strictObject({
    name: providerName.optional(),
    settings: providerSettings.optional(),
    client_secret: secret.nullable().optional().describe('write-only; null takes it away'),
    enabled: z.boolean().optional(),
  }),
  answer: shown,
  errors: [...ERRORS],
  handle: async (context, scope, { path, body, req, res }) => {
    const signIn = signInOf(context)
    const at = new Date(context.nowMs())
    const changed = await scope.keep(async (queries, org) => {
      const before = await lockedProvider(queries, org, path.id)
      checkIfMatch(req, before.version)
      const settings = body.settings ?? before.settings
      checkSettings(signIn, scope, before.settings, settings)
      if (settings.kind !== before.settings.kind)
        throw new ApiError('conflict', 'A provider stays what it is; make another one', { field: 'settings.kind' })
      const isAnotherIssuer = issuerOf(settings) !== issuerOf(before.settings)
      if (isAnotherIssuer) {
        // Subjects of another issuer are other people.
        await queries.query('DELETE FROM ecomind.user_identities WHERE provider_id = $1', [before.id])
      }
      const wanted: Provider = {
        ...before,
        name: body.name ?? before.name,
        settings,
        enabled: body.enabled ?? before.enabled,
        // A secret is never shown to another issuer than that it was given for.
        clientSecretSealed: changedSecret(
          signIn,
          before,
          isAnotherIssuer ? (body.client_secret ?? null) : body.client_secret,
        ),
      }
      const after = await updateProvider(queries, wanted, at)
      if (!after.enabled || isAnotherIssuer) await signOutOfProvider(queries, org, before.id)
      const resource = { type: 'identity_provider', id: before.id }
      const asked = { req, res }
      await auditChange(queries, scope, asked, context.nowMs(), resource, show(signIn, before), show(signIn, after))
      return after
    })
    sendVersion(res, changed.version)
    return show(signIn, changed)
  },
})

const deleteRoute = orgRoute({
  permission: 'sign-in:write',
  method: 'delete',
  path: '/v1/auth/providers/:id',
  tag: SIGN_IN_TAG,
  summary: 'Remove an identity provider',
  description: 'Who came by it is signed out, and loses the roles of its groups.',
  query,
  pathParameters,
  answer: z.object({ id: z.string(), deleted_at: z.string() }),
  errors: [...ERRORS],
  handle: async (context, scope, { path, req, res }) => {
    const signIn = signInOf(context)
    const at = new Date(context.nowMs())
    await scope.keep(async (queries, org) => {
      const before = await lockedProvider(queries, org, path.id)
      checkIfMatch(req, before.version)
      checkSettings(signIn, scope, before.settings)
      await markProviderDeleted(queries, before.id, at)
      await signOutOfProvider(queries, org, before.id)
      await queries.query('DELETE FROM ecomind.memberships WHERE org_id = $1 AND source = $2', [org, before.id])
      const resource = { type: 'identity_provider', id: before.id }
      await auditChange(queries, scope, { req, res }, context.nowMs(), resource, show(signIn, before), null)
    })
    return { id: path.id, deleted_at: at.toISOString() }
  },
})

async function lockedProvider(queries: Parameters<typeof lockProvider>[0], org: string, id: string): Promise<Provider> {
  const found = await lockProvider(queries, org, id)
  if (found === undefined) throw new ApiError('not_found', 'There is no such identity provider')
  return found
}

const issuerOf = (settings: ProviderSettings): string =>
  settings.kind === 'oidc' ? `${settings.issuer}\n${settings.client_id}` : settings.entity_id

function changedSecret(signIn: SignIn, before: Provider, wanted: string | null | undefined): string | null {
  if (wanted === undefined) return before.clientSecretSealed
  return wanted === null ? null : seal(signIn.keyRing, CLIENT_SECRET, wanted)
}

export const providerRoutes: readonly Route[] = [listRoute, createRoute, patchRoute, deleteRoute]
