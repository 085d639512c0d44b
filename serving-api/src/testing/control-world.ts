/**
 * Three organisations with people in every role, keys, teams and projects, behind a running API. Who asks is told by a
 * bearer of the world's own; what they may do is read from the control store anew for each request.
 */
import { randomBytes } from 'node:crypto'
import { readKeyRing } from '@ecomind/schemas/keys'
import pino from 'pino'
import { type Authenticate, authenticateBySigns } from '../access/authenticate.ts'
import { accessOf } from '../access/decide.ts'
import type { Grant, Principal } from '../access/principal.ts'
import { KEY_SCOPES, type KeyScope, ROLES, type Role } from '../access/roles.ts'
import type { Doer } from '../audit/doer.ts'
import type { ControlPlane } from '../control.ts'
import type { Database } from '../database/database.ts'
import { createUnit } from '../directory/change-units.ts'
import { createUser, type Directory } from '../directory/change-users.ts'
import { findPerson } from '../directory/user-store.ts'
import { answerSealOf } from '../http/answer-seal.ts'
import { EdgeNews } from '../keys/edge-news.ts'
import { KnownKeys } from '../keys/known-keys.ts'
import { createOrganisation } from '../organisations/change-organisations.ts'
import { KnownOrganisations } from '../organisations/known-organisations.ts'
import { findFirstOrganisation } from '../organisations/organisation-store.ts'
import { FakeClickHouse } from './fake-clickhouse.ts'
import { startTestApi, type TestAnswer, type TestApi } from './test-api.ts'
import { openTestStore } from './test-store.ts'

export interface WorldPerson {
  readonly id: string
  readonly email: string
  readonly bearer: string
}

export interface WorldOrganisation {
  readonly id: string
  /** One for each role over the whole organisation. */
  readonly people: Readonly<Record<Role, WorldPerson>>
  /** A viewer of the first team only. */
  readonly lead: WorldPerson
  /** Without any role. */
  readonly guest: WorldPerson
  /** Bearers. */
  readonly keys: Readonly<Record<KeyScope, string>>
  /** The first has the same id in every organisation. */
  readonly teams: readonly [string, string]
  readonly projects: readonly [string, string]
}

export interface ControlWorld {
  readonly api: TestApi
  readonly database: Database
  /** The first one is the installation's first. */
  readonly organisations: readonly [WorldOrganisation, WorldOrganisation, WorldOrganisation]
  /** Epoch milliseconds that the API believes in; a test moves them. */
  readonly clock: { nowMs: number }
  /** `body` goes as JSON. */
  call(
    bearer: string,
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<TestAnswer>
  /** The database, too. */
  close(): Promise<void>
}

export async function startControlWorld(): Promise<ControlWorld> {
  const database = await openTestStore()
  const clock = { nowMs: Date.now() }
  const principals = new Map<string, () => Promise<Principal | null>>()
  const prefix = `org_${randomBytes(4).toString('hex')}`
  const organisations = [
    await makeOrganisation(database, principals, `${prefix}_a`, new Date(clock.nowMs)),
    await makeOrganisation(database, principals, `${prefix}_b`, new Date(clock.nowMs)),
    await makeOrganisation(database, principals, `${prefix}_c`, new Date(clock.nowMs)),
  ] as const
  const keyRing = readKeyRing(`world:${randomBytes(32).toString('base64')}`)
  const nowMs = () => clock.nowMs
  const knownKeys = new KnownKeys(database, keyRing, { nowMs, logger: pino({ level: 'silent' }) })
  const api = await startTestApi(
    new FakeClickHouse(),
    {
      database,
      nowMs,
      control: {
        organisations: new KnownOrganisations(database, nowMs),
        authenticate: authenticateOf(principals, knownKeys),
        keys: { ring: keyRing, database, known: knownKeys, edges: new EdgeNews() },
        signIn: null,
        makeAdminKey: async () => `eco_a_${randomBytes(32).toString('base64url')}`,
        answerSeal: answerSealOf(keyRing),
      } satisfies ControlPlane,
    },
    { mode: 'production', host: '127.0.0.1', keyRing },
  )
  return {
    api,
    database,
    organisations,
    clock,
    call: (bearer, method, path, body, headers = {}) =>
      api.get(path, {
        method,
        headers: {
          authorization: `Bearer ${bearer}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    close: async () => {
      await api.stop()
      await database.close()
    },
  }
}

type Principals = Map<string, () => Promise<Principal | null>>

/** A bearer of the world, or the secret of a key that was made through the API. */
const authenticateOf = (principals: Principals, keys: KnownKeys): Authenticate =>
  authenticateBySigns({
    bearer: async (secret) => (await (principals.get(secret) ?? (() => keys.find(secret)))()) ?? null,
    session: async () => null,
  })

async function makeOrganisation(
  database: Database,
  principals: Principals,
  id: string,
  at: Date,
): Promise<WorldOrganisation> {
  const doer: Doer = { actor: 'operator', role: 'operator', from: null, requestId: '', at }
  const isFirst = await database.transaction(async (queries) => {
    const first = (await findFirstOrganisation(queries)) === null
    await createOrganisation(queries, doer, { id, name: id, timezone: 'UTC', retentionDays: 400, isFirst: first })
    return first
  })
  const inside = <T>(work: (directory: Directory) => Promise<T>) =>
    database.transaction((queries) => work({ queries, orgId: id, access: accessOfOperator(id), doer }))
  const teams = ['shared', `${id}-web`] as const
  const projects = ['shared', `${id}-shop`] as const
  await inside(async (dir) => {
    for (const team of teams) await createUnit(dir, 'team', { id: team, name: team, teamId: null })
    for (const project of projects) await createUnit(dir, 'project', { id: project, name: project, teamId: teams[0] })
  })
  const person = async (name: string, roles: readonly Grant[]): Promise<WorldPerson> => {
    const email = `${name}@${id.replaceAll('_', '-')}.example`
    const { user } = await inside((dir) => createUser(dir, { email, name, source: 'manual' }, roles))
    const bearer = `${id}/${name}`
    principals.set(bearer, () => principalOfPerson(database, id, user.id))
    return { id: user.id, email, bearer }
  }
  const people = await Promise.all(
    ROLES.map(async (role) => [role, await person(role, [{ role, scope: { kind: 'organisation' } }])] as const),
  )
  const key = (scope: KeyScope): string => {
    const bearer = `${id}/key-${scope}`
    const principal: Principal = {
      kind: 'key',
      orgId: id,
      keyId: `key-${scope}`,
      scopes: [scope],
      ofFirstOrganisation: isFirst,
    }
    principals.set(bearer, async () => principal)
    return bearer
  }
  return {
    id,
    people: Object.fromEntries(people) as Record<Role, WorldPerson>,
    lead: await person('lead', [{ role: 'viewer', scope: { kind: 'team', id: teams[0] } }]),
    guest: await person('guest', []),
    keys: Object.fromEntries(KEY_SCOPES.map((scope) => [scope, key(scope)])) as Record<KeyScope, string>,
    teams,
    projects,
  }
}

/** Everything, as the operator of the installation may. */
function accessOfOperator(orgId: string) {
  const access = accessOf({ kind: 'local' }, orgId, orgId)
  if (access === null) throw new Error('make a world: local mode has no access')
  return access
}

/** As a session would be, with the grants of this moment; null once the person is deactivated or gone. */
async function principalOfPerson(database: Database, orgId: string, userId: string): Promise<Principal | null> {
  const person = await database.transaction((queries) => findPerson(queries, orgId, userId))
  if (person === null || !person.user.active) return null
  const { email, name, usageUserId } = person.user
  const grants = person.grants.map(({ role, scope }) => ({ role, scope }))
  return { kind: 'session', sessionId: userId, people: [{ orgId, userId, email, name, usageUserId, grants }] }
}
