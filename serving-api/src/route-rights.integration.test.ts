import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { authenticateBySigns } from './access/authenticate.ts'
import type { Grant, Principal } from './access/principal.ts'
import { KEY_PERMISSIONS, KEY_SCOPES, PERMISSIONS, ROLE_PERMISSIONS, ROLES } from './access/roles.ts'
import { answerSealOf } from './http/answer-seal.ts'
import type { Route } from './http/route.ts'
import { onlyOrganisation } from './organisations/organisation.ts'
import { ROUTES } from './routes.ts'
import { FakeClickHouse } from './testing/fake-clickhouse.ts'
import { startTestApi, type TestApi } from './testing/test-api.ts'

const ORG = 'org_a'
const whole = { kind: 'organisation' } as const
const person = (grants: readonly Grant[]): Principal => ({
  kind: 'session',
  sessionId: 's',
  people: [{ orgId: ORG, userId: 'u', email: 'u@a.example', name: 'U', usageUserId: 'u', grants }],
})
const PRINCIPALS: Readonly<Record<string, Principal>> = Object.fromEntries([
  ...ROLES.map((role) => [role, person([{ role, scope: whole }])]),
  ...ROLES.map((role) => [`${role}@team`, person([{ role, scope: { kind: 'team', id: 't' } }])]),
  ['none', person([])],
  ...KEY_SCOPES.map((scope) => [
    `key:${scope}`,
    { kind: 'key', orgId: ORG, keyId: 'k', scopes: [scope], ofFirstOrganisation: false },
  ]),
])
/** Routes whose permission is `public`: where nobody is known yet, or nothing of an organisation is told. */
const PUBLIC_PATHS = /^\/(?:health|metrics|docs|v1\/openapi\.json|v1\/auth\/|v1\/edge\/|v1\/audits\/key)/

let api: TestApi
beforeAll(async () => {
  const authenticate = authenticateBySigns({
    bearer: async (name) => PRINCIPALS[name] ?? null,
    session: async () => null,
  })
  const organisations = { ...onlyOrganisation(ORG, 'UTC'), forget: () => {} }
  const control = {
    organisations,
    authenticate,
    keys: null,
    makeAdminKey: () => Promise.reject(new Error('not asked here')),
    signIn: null,
    answerSeal: answerSealOf(null),
  }
  api = await startTestApi(new FakeClickHouse(), { control }, { mode: 'production' })
})
afterAll(async () => {
  await api?.stop()
})

/** Ids and bodies that mean nothing: what is refused for them is refused later than a missing right. */
async function send(route: Route, who: string | null) {
  const path = route.path.replace(/:\w+/g, ORG)
  return await api.get(path, {
    method: route.method.toUpperCase(),
    headers: {
      ...(who === null ? {} : { authorization: `Bearer ${who}` }),
      ...(route.body === null ? {} : { 'content-type': Object.keys(route.body)[0] ?? 'application/json' }),
    },
    ...(route.body === null ? {} : { body: '{}' }),
    signal: AbortSignal.timeout(20_000),
  })
}

const nameOf = (route: Route): string => `${route.method.toUpperCase()} ${route.path}`

describe('every route', () => {
  test('names a right of the table, or says that it is for everyone', () => {
    for (const route of ROUTES) {
      const known = ['public', 'signed-in', ...PERMISSIONS] as readonly string[]
      expect(known, nameOf(route)).toContain(route.permission)
      if (route.permission === 'public') expect(route.path, nameOf(route)).toMatch(PUBLIC_PATHS)
    }
  })

  test('that is not public is refused without a sign, and with one that is not known', async () => {
    for (const route of ROUTES.filter((r) => r.permission !== 'public')) {
      expect((await send(route, null)).status, nameOf(route)).toBe(401)
      expect((await send(route, 'nosuchkey')).status, nameOf(route)).toBe(401)
    }
  })

  test.each(Object.keys(PRINCIPALS))('answers %s as the table of roles says', async (who) => {
    for (const route of ROUTES) {
      const { permission } = route
      if (permission === 'public' || permission === 'signed-in' || route.path === '/v1/live') continue
      const { status } = await send(route, who)
      const scope = KEY_SCOPES.find((s) => who === `key:${s}`)
      const role = ROLES.find((r) => who === r)
      const byTable =
        scope !== undefined
          ? KEY_PERMISSIONS[scope].has(permission)
          : role !== undefined && ROLE_PERMISSIONS[role].has(permission)
      // Everyone may see their own rows.
      const allowed = byTable || (scope === undefined && (permission === 'usage:read' || permission === 'events:read'))
      expect(status === 403, `${who} ${nameOf(route)} answered ${status}`).toBe(!allowed)
      expect(status, `${who} ${nameOf(route)}`).not.toBe(401)
    }
  })
})
