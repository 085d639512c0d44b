/** Adds an organisation to a tenant world: data first, then everything that its own people and keys make by routes. */
import { applyOverrides, type FactorOverride } from '@ecomind/footprint'
import { later } from '../recomputation-world.ts'
import { makeSamlIdentityProvider } from '../saml-identity-provider.ts'
import { ask, type Signs } from './ask.ts'
import { accountIdOf, domainOf, emailOf, erasureIdOf, groupIdOf, passkeyIdOf, seedControl } from './seed-control.ts'
import { eventIdOf, modelOf, NOW_MS, projectOf, quarantineIdOf, seedUsage, teamsOf, usersOf } from './seed-usage.ts'
import { signsOf } from './signs.ts'
import type { Tenant, Things } from './tenant.ts'
import { ring, type TenantWorld } from './tenant-world.ts'

const LISTS = [
  '/v1/events',
  '/v1/quarantine',
  '/v1/factors',
  '/v1/keys',
  '/v1/audits',
  '/v1/audits/heads',
  '/v1/privacy/erasures',
  '/v1/users',
  '/v1/teams',
  '/v1/projects',
  '/v1/groups',
]

type Send = (
  method: string,
  path: string,
  body?: unknown,
  status?: number,
  headers?: Readonly<Record<string, string>>,
) => Promise<Record<string, unknown>>

export async function addTenant(world: TenantWorld, n: number): Promise<Tenant> {
  const hex = Math.floor(world.random() * 0xffff_ffff)
    .toString(16)
    .padStart(8, '0')
  const mark = `zq${String.fromCharCode(97 + n)}${hex}`
  const orgId = `org-${mark}`
  const firstIndex = (n + 1) * 1_000_000
  const calls = 60 + Math.floor(world.random() * 60)
  const usage = { orgId, mark, firstIndex, calls }
  await seedUsage(world.clickhouse, world.random, usage, n === 0)
  const keys = await seedControl(world.database, ring, { orgId, mark, at: new Date(NOW_MS) })
  const send = sender(world, { authorization: `Bearer ${keys.admin}` })
  const made = await makeByRoutes(world, send, orgId, mark)
  const { sessionId } = await signsOf(world, { orgId, userId: accountIdOf(mark, 'owner') })
  const fixed = {
    mark,
    orgId,
    name: `name-${mark}`,
    userId: usersOf(mark)[0] ?? '',
    teamId: teamsOf(mark)[0] ?? '',
    projectId: projectOf(mark),
    model: modelOf(mark),
    eventId: eventIdOf(mark, 7),
    accountId: accountIdOf(mark, 'viewer'),
    email: emailOf(mark, 'viewer'),
    erasureId: erasureIdOf(mark, 0),
    domain: domainOf(mark),
    passkeyId: passkeyIdOf(mark),
    quarantineId: quarantineIdOf(firstIndex),
    groupId: groupIdOf(mark),
    sessionId,
  }
  return { calls, keys, things: { ...fixed, ...made, cursors: await cursorsOf(send) } }
}

async function makeByRoutes(
  world: TenantWorld,
  send: Send,
  orgId: string,
  mark: string,
): Promise<
  Pick<Things, 'idempotencyKey' | 'keyId' | 'overrideId' | 'factorSetId' | 'runId' | 'oidcId' | 'samlId' | 'issuerId'>
> {
  const idempotencyKey = `again-${mark}`
  const wanted = { name: `victim-${mark}`, scopes: ['read'] }
  const key = await send('POST', '/v1/keys', wanted, 201, { 'idempotency-key': idempotencyKey })
  await send('POST', '/v1/audits/heads', undefined, 200)
  const overrides = []
  for (const n of [0, 1]) overrides.push(await send('POST', '/v1/factors', overrideOf(mark, n), 201))
  const oidc = await send('POST', '/v1/auth/providers', oidcOf(mark), 201)
  const saml = await send('POST', '/v1/auth/providers', await samlOf(mark), 201)
  await send('POST', '/v1/auth/domains', { name: domainOf(mark) }, 201)
  await world.database.query('UPDATE ecomind.domains SET verified_at = $2 WHERE org_id = $1', [orgId, new Date(NOW_MS)])
  const issuer = await send('POST', '/v1/auth/token-issuers', issuerOf(orgId, mark), 201)
  await send('POST', '/v1/auth/links', { user_id: accountIdOf(mark, 'viewer'), kind: 'reset' }, 201)
  await send('POST', '/v1/sql', { query: `SELECT count() AS n, '${mark}' AS mark FROM usage_events` }, 200)
  await send('POST', '/v1/privacy/exports', { user_id: usersOf(mark)[0] }, 200)
  const period = { from: '2026-09-29', to: '2026-10-02', mode: 'run' }
  const { run } = await send('POST', '/v1/recomputations', period, 200)
  await world.runs.idle()
  await send('POST', '/v1/audits/heads', undefined, 200)
  const set = applyOverrides(later, orgId, 1, [foreignOverride(mark)])
  world.ownSets.set(set.id, set)
  return {
    idempotencyKey,
    keyId: String(key['id']),
    overrideId: String(overrides[0]?.['id']),
    factorSetId: set.id,
    runId: String((run as { id: string }).id),
    oidcId: String(oidc['id']),
    samlId: String(saml['id']),
    issuerId: String(issuer['id']),
  }
}

const energy = (central: number) => ({
  form: 'call' as const,
  boundary: 'it' as const,
  kwh_per_call: { low: central / 2, central, high: central * 2 },
})

const overrideOf = (mark: string, n: number) => ({
  provider: 'openai',
  model: `override-${mark}-${n}`,
  energy: energy(0.002),
  evidence: { text: `evidence-${mark}` },
})

const foreignOverride = (mark: string): FactorOverride => ({
  id: `ov_${mark}`,
  version: 1,
  provider: 'openai',
  model: '*gpt*',
  energy: energy(0.5),
  valid_from_ms: 0,
  valid_to_ms: null,
  tier: 'E',
  evidence: { text: `evidence-${mark}`, year: 2026 },
})

/** On this machine, where nobody answers: nothing is looked up. */
const oidcOf = (mark: string) => ({
  name: `told-${mark}`,
  settings: { kind: 'oidc', issuer: `http://127.0.0.1:1/told-${mark}`, client_id: `client-${mark}` },
  client_secret: `secret-${mark}`,
})

async function samlOf(mark: string) {
  const { certificate } = await makeSamlIdentityProvider()
  return {
    name: `told-${mark}`,
    settings: {
      kind: 'saml',
      entity_id: `https://idp.example/entity-${mark}`,
      sso_url: `https://idp.example/told-${mark}`,
      certificates: [certificate],
    },
  }
}

const issuerOf = (orgId: string, mark: string) => ({
  issuer: `https://issuer.example/${mark}`,
  audience: `https://api.example/${orgId}`,
  jwks_uri: `https://issuer.example/${mark}/jwks`,
  settings: {
    name: `issuer-${mark}`,
    algorithms: ['RS256'],
    rules: [{ subject: `subject-${mark}`, grants: [{ role: 'viewer' }] }],
  },
})

async function cursorsOf(send: Send): Promise<Record<string, string>> {
  const cursors = LISTS.map(async (path) => [path, String((await send('GET', `${path}?limit=1`))['next_cursor'])])
  return Object.fromEntries(await Promise.all(cursors))
}

function sender({ url }: TenantWorld, signs: Signs): Send {
  return async (method, target, body, status = 200, more = {}) => {
    const headers = { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...more }
    const text = body === undefined ? null : JSON.stringify(body)
    const answer = await ask(url, { method, target, headers, body: text }, signs)
    const said = answer.body.toString('utf8')
    if (answer.status !== status) throw new Error(`${method} ${target}: ${answer.status} ${said}`)
    const line = said.split('\n').find((l) => l.startsWith('{')) ?? '{}'
    return (answer.headers['content-type']?.includes('ndjson') ? JSON.parse(line) : JSON.parse(said)) as Record<
      string,
      unknown
    >
  }
}
