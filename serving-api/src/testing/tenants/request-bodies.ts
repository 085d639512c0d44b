/** A good body for every route that takes one, with the things of one organisation wherever a thing is named. */
import type { Route } from '../../http/route.ts'
import { FROM, keyOf, type RouteRequest, TO } from './route-request.ts'
import type { Things } from './tenant.ts'

type Body = RouteRequest['body']

const TOKEN = 'n'.repeat(43)
const PASSWORD = 'nobody has this password'
const override = {
  provider: 'openai',
  model: 'walked-model',
  energy: { form: 'call', boundary: 'it', kwh_per_call: { low: 0.001, central: 0.002, high: 0.004 } },
  evidence: { text: 'walked' },
}
const issuerSettings = {
  name: 'walked',
  algorithms: ['RS256'],
  rules: [{ subject: 'walked', grants: [{ role: 'viewer' }] }],
}
const passkeyAnswer = ({ passkeyId }: Things) => ({
  id: passkeyId,
  rawId: passkeyId,
  type: 'public-key',
  response: {
    clientDataJSON: Buffer.from(JSON.stringify({ type: 'webauthn.get', challenge: TOKEN })).toString('base64url'),
  },
})

const grantsOf = ({ teamId }: Things) => [{ role: 'viewer', scope: { kind: 'team', id: teamId } }]

const scimUser = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  userName: 'walked-by-scim@walked.example',
  active: true,
}
let groups = 0
/** Each with another name: no two groups of an organisation have the same. */
const scimGroup = ({ accountId }: Things) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
  displayName: `walked ${++groups}`,
  members: [{ value: accountId }],
})
const scimPatch = (path: string, value: unknown) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [{ op: 'replace', path, value }],
})

/** Texts that are stored where they are sent are the same for everyone: whoever wrote them may read them. */
const BODIES: Readonly<Record<string, (t: Things) => Body>> = {
  'POST /v1/whatif': (t) => ({
    org_id: t.orgId,
    from: FROM,
    to: TO,
    tz: 'UTC',
    filter: [`user_id:${t.userId}`, `-model:${t.model}`],
    change: { model: 'gpt-4o-mini' },
  }),
  'POST /v1/recomputations': (t) => ({
    org_id: t.orgId,
    from: FROM,
    to: '2026-10-02',
    factor_set: t.factorSetId,
    mode: 'preview',
  }),
  'POST /v1/recomputations/:id/retire-earlier': () => ({}),
  'POST /v1/factors': () => override,
  'PUT /v1/factors/:id': () => override,
  'PATCH /v1/factors/:id': () => ({ evidence: { text: 'walked again' } }),
  'POST /v1/quarantine/replay': (t) => ({ ids: [t.quarantineId], dry_run: false, assign_new_ids: true }),
  'POST /v1/orgs': (t) => ({ id: t.orgId, name: 'walked', timezone: 'UTC', retention_days: 30 }),
  'PATCH /v1/orgs/:id': () => ({ name: 'walked', timezone: 'UTC', retention_days: 400, settings: { people_min: 1 } }),
  'POST /v1/sql': (t) => ({
    org_id: t.orgId,
    query: `SELECT count() AS n, groupUniqArray(org_id) AS o, groupUniqArray(user_id) AS u FROM usage_events WHERE org_id = '${t.orgId}' OR user_id = {user:String}`,
    params: { user: t.userId },
    format: 'JSON',
  }),
  'POST /v1/keys': () => ({
    name: 'walked',
    scopes: ['read'],
    expires_at: null,
    rate_per_second: 1,
    events_per_day_max: 1,
  }),
  'PATCH /v1/keys/:id': () => ({ name: 'walked', expires_at: null, rate_per_second: 1, events_per_day_max: 1 }),
  'POST /v1/keys/:id/rotate': () => ({ overlap_seconds: 60, expires_at: '2027-01-01T00:00:00Z' }),
  'POST /v1/auth/login': (t) => ({ email: t.email, password: PASSWORD, org_id: t.orgId, code: '123456' }),
  'POST /v1/auth/password': (t) => ({ org_id: t.orgId, current_password: PASSWORD, new_password: `${PASSWORD}, ever` }),
  'POST /v1/auth/totp': (t) => ({ org_id: t.orgId }),
  'POST /v1/auth/totp/confirm': (t) => ({ org_id: t.orgId, code: '123456' }),
  'POST /v1/auth/totp/disable': (t) => ({ org_id: t.orgId, code: '123456' }),
  'POST /v1/auth/logout': (t) => ({ org_id: t.orgId }),
  'POST /v1/auth/passkeys/options': (t) => ({ org_id: t.orgId }),
  'POST /v1/auth/passkeys': (t) => ({ org_id: t.orgId, name: 'walked', response: passkeyAnswer(t) }),
  'POST /v1/auth/passkeys/sign-in': (t) => ({ response: passkeyAnswer(t) }),
  'POST /v1/auth/links': (t) => ({ user_id: t.accountId, kind: 'reset' }),
  'POST /v1/auth/links/redeem': () => ({ token: TOKEN, password: PASSWORD }),
  'POST /v1/auth/first-owner': (t) => ({
    token: TOKEN,
    org_id: t.orgId,
    org_name: 'walked',
    timezone: 'UTC',
    name: 'walked',
    email: t.email,
    password: PASSWORD,
  }),
  'PUT /v1/auth/accounts/:user_id/break-glass': () => ({ break_glass: true }),
  'POST /v1/auth/saml/:provider/acs': () => 'SAMLResponse=PHg%2BPC94Pg%3D%3D',
  'POST /v1/auth/providers': () => ({
    name: 'walked',
    settings: { kind: 'oidc', issuer: 'https://idp.walked.example', client_id: 'walked' },
    client_secret: 'walked',
    enabled: false,
  }),
  'PATCH /v1/auth/providers/:id': () => ({
    name: 'walked',
    settings: { kind: 'oidc', issuer: 'https://idp.walked.example', client_id: 'walked' },
    client_secret: null,
    enabled: true,
  }),
  'POST /v1/auth/domains': () => ({ name: 'walked.example' }),
  'PATCH /v1/auth/domains/:name': () => ({ sso_required: false }),
  'POST /v1/auth/token-issuers': (t) => ({
    issuer: 'https://issuer.walked.example',
    audience: `https://api.walked.example/${t.orgId}`,
    jwks_uri: 'https://issuer.walked.example/jwks',
    settings: issuerSettings,
  }),
  'PATCH /v1/auth/token-issuers/:id': () => ({
    jwks_uri: 'https://issuer.walked.example/jwks',
    settings: issuerSettings,
  }),
  'POST /v1/privacy/exports': (t) => ({ org_id: t.orgId, user_id: t.userId }),
  'POST /v1/privacy/erasures': (t) => ({ org_id: t.orgId, user_id: t.userId, mode: 'delete', preview: true }),
  'POST /v1/users': (t) => ({
    email: 'walked@walked.example',
    name: 'walked',
    usage_user_id: 'walked',
    active: false,
    roles: grantsOf(t),
  }),
  'PATCH /v1/users/:id': (t) => ({ name: 'walked', roles: grantsOf(t) }),
  'POST /v1/teams': () => ({ id: 'walked', name: 'walked' }),
  'PATCH /v1/teams/:id': () => ({ name: 'walked' }),
  'POST /v1/projects': (t) => ({ id: 'walked', name: 'walked', team_id: t.teamId }),
  'PATCH /v1/projects/:id': (t) => ({ name: 'walked', team_id: t.teamId }),
  'PATCH /v1/groups/:id': (t) => ({ grant: grantsOf(t)[0] }),
  'POST /scim/v2/Users': () => scimUser,
  'PUT /scim/v2/Users/:id': () => scimUser,
  'PATCH /scim/v2/Users/:id': () => scimPatch('active', false),
  'POST /scim/v2/Groups': (t) => scimGroup(t),
  'PUT /scim/v2/Groups/:id': (t) => scimGroup(t),
  'PATCH /scim/v2/Groups/:id': (t) => scimPatch('members', [{ value: t.accountId }]),
  'POST /v1/edge/key-uses': (t) => ({ uses: [{ org_id: t.orgId, key_id: t.keyId, used_at_ms: 1 }] }),
}

export const WALKED_BODIES = Object.keys(BODIES)

/** Null where the route takes none. @throws Error for a route that takes one which is not known here */
export function bodyOf(route: Route, things: Things): Body {
  if (route.body === null) return null
  const make = BODIES[keyOf(route)]
  if (make === undefined) throw new Error(`walk ${keyOf(route)}: say what its body is`)
  return make(things)
}
