/** `/v1/auth/domains`: e-mail domains that an organisation shows to be its own by a DNS record. */
import { z } from 'zod'
import type { Queries } from '../../database/database.ts'
import { ApiError, invalidParameter } from '../../http/api-error.ts'
import { orgRoute, type Route } from '../../http/route.ts'
import { orgId } from '../../parameters/shapes.ts'
import { auditChange } from '../audit-change.ts'
import { BODY_ERRORS, READ_ERRORS, SIGN_IN_TAG, signInOf } from '../auth-route.ts'
import { listProviders } from '../providers/provider-store.ts'
import { newToken } from '../secret-tokens.ts'
import type { SignIn } from '../sign-in.ts'
import { challengeHost, holdsChallenge, isPublicMail, normalDomain } from './domain-rules.ts'
import { type DomainRow, findDomain, freeDomain, listDomains } from './domain-store.ts'

const DOMAINS_MAX = 100
const query = z.strictObject({ org_id: orgId.optional() })
const domainName = z
  .string()
  .max(253)
  .transform((text, ctx) => {
    const name = normalDomain(text)
    if (name !== null) return name
    ctx.addIssue('a domain such as example.com is wanted')
    return z.NEVER
  })
const pathParameters = z.object({ name: domainName.describe('a domain') })
const shown = z.object({
  name: z.string(),
  dns_host: z.string().describe('where the TXT record belongs'),
  dns_value: z.string().describe('what it must hold'),
  verified_at: z.string().nullable(),
  sso_required: z.boolean(),
  created_at: z.string(),
})
const ERRORS = ['unauthorized', 'forbidden', 'conflict', ...BODY_ERRORS] as const

const show = (d: DomainRow): z.output<typeof shown> => ({
  name: d.name,
  dns_host: challengeHost(d.name),
  dns_value: d.challenge,
  verified_at: d.verified_at?.toISOString() ?? null,
  sso_required: d.sso_required,
  created_at: d.created_at.toISOString(),
})

const listRoute = orgRoute({
  permission: 'sign-in:read',
  method: 'get',
  path: '/v1/auth/domains',
  tag: SIGN_IN_TAG,
  summary: 'E-mail domains of the organisation',
  description: 'Verified or not.',
  query,
  answer: z.object({ items: z.array(shown) }),
  errors: ['unauthorized', 'forbidden', ...READ_ERRORS],
  handle: async (_context, scope) => ({ items: (await scope.keep(listDomains)).map(show) }),
})

const createRoute = orgRoute({
  permission: 'sign-in:write',
  method: 'post',
  path: '/v1/auth/domains',
  tag: SIGN_IN_TAG,
  summary: 'State an e-mail domain',
  description: 'The answer names the TXT record that shows that the domain is yours; verify it afterwards.',
  query,
  body: z.strictObject({ name: domainName }),
  status: 201,
  answer: shown,
  errors: [...ERRORS],
  handle: async (context, scope, { body, req, res }) => {
    if (isPublicMail(body.name)) throw invalidParameter('name', 'a domain at which anyone can get an address')
    return await scope.keep(async (queries, org) => {
      const present = await listDomains(queries, org)
      if (present.some((d) => d.name === body.name)) throw new ApiError('conflict', 'The domain is stated already')
      if (present.length >= DOMAINS_MAX) throw new ApiError('conflict', `At most ${DOMAINS_MAX} domains are possible`)
      await queries.query('INSERT INTO ecomind.domains (org_id, name, challenge, created_at) VALUES ($1, $2, $3, $4)', [
        org,
        body.name,
        `ecomind-verification=${newToken()}`,
        new Date(context.nowMs()),
      ])
      const made = show(await presentDomain(queries, org, body.name))
      const resource = { type: 'domain', id: body.name }
      await auditChange(queries, scope, { req, res }, context.nowMs(), resource, null, made)
      return made
    })
  },
})

const verifyRoute = orgRoute({
  permission: 'sign-in:write',
  method: 'post',
  path: '/v1/auth/domains/:name/verify',
  tag: SIGN_IN_TAG,
  summary: 'Look for the DNS record of a domain',
  description: 'A domain belongs to one organisation: conflict when another one has verified it.',
  query,
  pathParameters,
  answer: shown,
  errors: [...ERRORS, 'domain_not_verified'],
  handle: async (context, scope, { path, req, res }) => {
    const signIn = signInOf(context)
    const before = await scope.keep((queries, org) => presentDomain(queries, org, path.name))
    if (!holdsChallenge(await recordsOf(signIn, path.name), before.challenge))
      throw new ApiError('domain_not_verified', `No TXT record of ${challengeHost(path.name)} holds the value`)
    return await scope.keep(async (queries, org) => {
      await freeDomain(queries, path.name)
      const taken = await queries.query(
        'SELECT FROM ecomind.domains WHERE name = $1 AND org_id <> $2 AND verified_at IS NOT NULL',
        [path.name, org],
      )
      if (taken.length > 0) throw new ApiError('conflict', 'Another organisation has verified this domain')
      await queries.query(
        'UPDATE ecomind.domains SET verified_at = coalesce(verified_at, $3) WHERE org_id = $1 AND name = $2',
        [org, path.name, new Date(context.nowMs())],
      )
      const after = show(await presentDomain(queries, org, path.name))
      const resource = { type: 'domain', id: path.name }
      await auditChange(queries, scope, { req, res }, context.nowMs(), resource, show(before), after)
      return after
    })
  },
})

/** None where the name does not exist or DNS does not answer. */
async function recordsOf({ resolveTxt }: SignIn, name: string): Promise<readonly (readonly string[])[]> {
  try {
    return await resolveTxt(challengeHost(name))
  } catch {
    return []
  }
}

const patchRoute = orgRoute({
  permission: 'sign-in:write',
  method: 'patch',
  path: '/v1/auth/domains/:name',
  tag: SIGN_IN_TAG,
  summary: 'Require the identity provider for a domain',
  description:
    'From then on people with an e-mail of the domain sign in through an identity provider of the organisation only, but for break-glass accounts of owners.',
  query,
  pathParameters,
  body: z.strictObject({ sso_required: z.boolean({ message: 'true or false is wanted' }) }),
  answer: shown,
  errors: [...ERRORS],
  handle: async (context, scope, { path, body, req, res }) =>
    await scope.keep(async (queries, org) => {
      const before = await presentDomain(queries, org, path.name)
      if (body.sso_required) await requireWayIn(queries, org, before)
      await queries.query('UPDATE ecomind.domains SET sso_required = $3 WHERE org_id = $1 AND name = $2', [
        org,
        path.name,
        body.sso_required,
      ])
      const after = show(await presentDomain(queries, org, path.name))
      const resource = { type: 'domain', id: path.name }
      await auditChange(queries, scope, { req, res }, context.nowMs(), resource, show(before), after)
      return after
    }),
})

/** @throws ApiError conflict when nobody could get in any more */
async function requireWayIn(queries: Queries, org: string, { verified_at }: DomainRow): Promise<void> {
  if (verified_at === null) throw new ApiError('conflict', 'Verify the domain first')
  if (!(await listProviders(queries, org)).some((p) => p.enabled))
    throw new ApiError('conflict', 'Add an identity provider first: nobody could sign in')
}

const deleteRoute = orgRoute({
  permission: 'sign-in:write',
  method: 'delete',
  path: '/v1/auth/domains/:name',
  tag: SIGN_IN_TAG,
  summary: 'Give a domain up',
  description: 'Its people may sign in locally again.',
  query,
  pathParameters,
  answer: z.object({ name: z.string() }),
  errors: [...ERRORS],
  handle: async (context, scope, { path, req, res }) =>
    await scope.keep(async (queries, org) => {
      const before = await presentDomain(queries, org, path.name)
      await queries.query('DELETE FROM ecomind.domains WHERE org_id = $1 AND name = $2', [org, path.name])
      const resource = { type: 'domain', id: path.name }
      await auditChange(queries, scope, { req, res }, context.nowMs(), resource, show(before), null)
      return { name: path.name }
    }),
})

async function presentDomain(queries: Queries, org: string, name: string): Promise<DomainRow> {
  const found = await findDomain(queries, org, name)
  if (found === undefined) throw new ApiError('not_found', 'There is no such domain')
  return found
}

export const domainRoutes: readonly Route[] = [listRoute, createRoute, verifyRoute, patchRoute, deleteRoute]
