/**
 * A request to every route that names the things of one organisation wherever something can be named. Parameters that are
 * not known here are an error, so that none goes unwalked.
 */
import type { Route } from '../../http/route.ts'
import { bodyOf } from './request-bodies.ts'
import { FROM, keyOf, namesOf, pathNamesOf, type RouteRequest, TO, type Value } from './route-request.ts'
import type { Things } from './tenant.ts'

/** @throws Error for a parameter or body that nobody told this walk about */
export function requestOf(route: Route, things: Things): RouteRequest {
  const values = (names: readonly string[], given: (name: string) => Value | undefined, what: string) =>
    Object.fromEntries(
      names.map((name) => {
        const value = given(name)
        if (value === undefined) throw new Error(`walk ${keyOf(route)}: say what its ${what} ${name} is`)
        return [name, value]
      }),
    )
  return {
    method: route.method.toUpperCase(),
    path: values(pathNamesOf(route), (name) => pathValue(route.path, name, things), 'part of the path') as Record<
      string,
      string
    >,
    query: values(namesOf(route.query), (name) => queryValue(route.path, name, things), 'parameter'),
    body: bodyOf(route, things),
    headers: headersOf(route, things),
  }
}

/** Headers that some service somewhere takes an organisation, an id or a place from. */
function headersOf(route: Route, { orgId, keyId, eventId, idempotencyKey }: Things): Record<string, string> {
  return {
    'x-org-id': orgId,
    'x-organization-id': orgId,
    'x-clickhouse-user': orgId,
    'last-event-id': eventId,
    'if-none-match': `"${keyId}"`,
    // An answer that is kept for the key of another organisation would be that organisation's.
    ...(keyOf(route) === 'POST /v1/keys' ? { 'idempotency-key': idempotencyKey } : {}),
  }
}

const PATH_VALUES: readonly (readonly [start: string, name: string, value: (t: Things) => string])[] = [
  ['/v1/events/', 'id', (t) => t.eventId],
  ['/v1/quarantine/', 'id', (t) => t.quarantineId],
  ['/v1/recomputations/', 'id', (t) => t.runId],
  ['/v1/factors/', 'id', (t) => t.overrideId],
  ['/v1/orgs/', 'id', (t) => t.orgId],
  ['/v1/keys/', 'id', (t) => t.keyId],
  ['/v1/users/', 'id', (t) => t.accountId],
  ['/v1/teams/', 'id', (t) => t.teamId],
  ['/v1/projects/', 'id', (t) => t.projectId],
  ['/v1/groups/', 'id', (t) => t.groupId],
  ['/scim/v2/Users/', 'id', (t) => t.accountId],
  ['/scim/v2/Groups/', 'id', (t) => t.groupId],
  ['/v1/privacy/erasures/', 'id', (t) => t.erasureId],
  ['/v1/auth/sessions/', 'id', (t) => t.sessionId],
  ['/v1/auth/passkeys/', 'id', (t) => t.passkeyId],
  ['/v1/auth/accounts/', 'user_id', (t) => t.accountId],
  ['/v1/auth/oidc/', 'provider', (t) => t.oidcId],
  ['/v1/auth/saml/', 'provider', (t) => t.samlId],
  ['/v1/auth/providers/', 'id', (t) => t.oidcId],
  ['/v1/auth/domains/', 'name', (t) => t.domain],
  ['/v1/auth/token-issuers/', 'id', (t) => t.issuerId],
]

function pathValue(path: string, name: string, things: Things): string | undefined {
  return PATH_VALUES.find(([start, known]) => path.startsWith(start) && known === name)?.[2](things)
}

function queryValue(path: string, name: string, t: Things): Value | undefined {
  if (name === 'filter' && path.startsWith('/scim/')) return scimFilter(path, t)
  if (name === 'state' && path.startsWith('/v1/auth/')) return t.keyId
  const values: Readonly<Record<string, Value | undefined>> = {
    org_id: t.orgId,
    user_id: t.userId,
    team_id: t.teamId,
    filter: [`user_id:${t.userId}`, `-team_id:${t.teamId}`, `project_id:${t.projectId}`, `-model:${t.model}`],
    cursor: t.cursors[path],
    search: t.name,
    email: t.email,
    actor: `key/${t.keyId}`,
    resource_id: t.keyId,
    code: t.keyId,
    flow: t.keyId,
    from: FROM,
    to: TO,
    tz: 'UTC',
    generation: '0',
    window: '1d',
    // One field where groups are ranked.
    group_by: path === '/v1/usage' ? 'user_id' : 'user_id,team_id,project_id,source',
    order_by: 'kwh',
    compare: 'previous',
    kwh: '1',
    water_l: '1',
    co2_kg: '1',
    kind: 'override',
    limit: '2',
    reason: 'id_conflict',
    state: 'open',
    revoked: 'true',
    role: 'viewer',
    active: 'true',
    startIndex: '1',
    count: '3',
    attributes: 'displayName',
    excludedAttributes: 'meta',
    action: 'create',
    resource_type: 'api_key',
    outcome: 'done',
    format: 'jsonl',
    return_to: '/',
    error: 'access_denied',
  }
  return values[name]
}

function scimFilter(path: string, { email, groupId }: Things): string {
  return path.endsWith('/Users') ? `userName eq "${email}" or emails.value co "${email}"` : `id eq "${groupId}"`
}
