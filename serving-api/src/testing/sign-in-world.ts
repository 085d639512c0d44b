/** An API in production mode, with organisations and people, a clock that the test moves, and browsers. */
import { createServer } from 'node:net'
import { readKeyRing } from '@ecomind/schemas/keys'
import pino from 'pino'
import type { Role } from '../access/roles.ts'
import { readApiConfig } from '../config.ts'
import { type ControlPlane, openControl } from '../control.ts'
import type { Database } from '../database/database.ts'
import { insertOrganisation } from '../organisations/organisation-store.ts'
import { createOwner } from '../sign-in/first-owner.ts'
import { setPasswordHash } from '../sign-in/local/accounts.ts'
import type { SignIn, SignInOverrides } from '../sign-in/sign-in.ts'
import { FakeClickHouse } from './fake-clickhouse.ts'
import { startTestApi, type TestApi } from './test-api.ts'
import { TestBrowser } from './test-browser.ts'
import { openTestStore } from './test-store.ts'

export const PASSWORD = 'violet tram under rain'
export const SECRET_KEYS = 'k1:5mJ0Pq2c8sYvX7dTz4uLwRb9NfHgKoEiAl3QxV6ZcWU='

export interface SignInWorld {
  readonly url: string
  readonly api: TestApi
  readonly database: Database
  readonly signIn: SignIn
  readonly logLines: string[]
  readonly clock: { nowMs: number }
  readonly txt: Map<string, readonly (readonly string[])[]>
  /** With an owner `owner@ORG.example`, whose password is `PASSWORD`. */
  addOrganisation(id: string): Promise<{ readonly ownerId: string }>
  addPerson(
    orgId: string,
    id: string,
    role: Role | null,
    options?: { readonly email?: string; readonly password?: string | null },
  ): Promise<void>
  /** A new browser, signed in by password. */
  signedIn(email: string, orgId?: string): Promise<TestBrowser>
  audit(orgId: string): Promise<readonly AuditRow[]>
  stop(): Promise<void>
}

export interface AuditRow {
  readonly actor: string
  readonly action: string
  readonly resource_type: string
  readonly resource_id: string
  readonly outcome: string
  readonly after: Readonly<Record<string, unknown>> | null
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  if (address === null || typeof address === 'string') throw new Error('free port: no address')
  return address.port
}

export async function startSignInWorld(overrides: SignInOverrides = {}): Promise<SignInWorld> {
  const database = await openTestStore()
  const port = await freePort()
  const url = `http://localhost:${port}`
  const clock = { nowMs: Date.now() }
  const txt: SignInWorld['txt'] = new Map()
  const logLines: string[] = []
  const logger = pino({ level: 'info' }, { write: (line: string) => logLines.push(line) })
  const config = {
    ...readApiConfig({}),
    mode: 'production',
    port,
    publicUrl: url,
    keyRing: readKeyRing(SECRET_KEYS),
  } as const
  const control = await openControl(
    {
      database,
      nowMs: () => clock.nowMs,
      logger,
      signIn: {
        resolveTxt: async (name) => txt.get(name) ?? [],
        ...overrides,
        config: { outbound: { allowPrivate: false, allowLoopback: true }, ...overrides.config },
      },
    },
    config,
  )
  const { signIn } = control
  if (signIn === null) throw new Error('no sign-in')
  const nowMs = () => clock.nowMs
  const api = await startTestApi(new FakeClickHouse(), { control, database, nowMs }, config)
  const passwordHash = await signIn.hasher.hash(PASSWORD)
  return {
    url,
    api,
    database,
    signIn,
    logLines,
    clock,
    txt,
    ...peopleOf(database, passwordHash, signIn),
    signedIn: async (email, orgId) => {
      const browser = new TestBrowser()
      const body = { email, password: PASSWORD, ...(orgId === undefined ? {} : { org_id: orgId }) }
      const answer = await browser.ask('POST', `${url}/v1/auth/login`, body)
      if (answer.status !== 200) throw new Error(`sign in ${email}: ${answer.text}`)
      browser.csrfToken = (answer.json as { csrf_token: string }).csrf_token
      return browser
    },
    audit: (orgId) =>
      database.query<AuditRow>(
        'SELECT actor, action, resource_type, resource_id, outcome, after FROM ecomind.audit_entries WHERE org_id = $1 ORDER BY id',
        [orgId],
      ),
    stop: async () => {
      await api.stop()
      stopOf(control)
      await database.close()
    },
  }
}

const stopOf = ({ stop }: ControlPlane): void => stop?.()

function peopleOf(
  database: Database,
  passwordHash: string,
  signIn: SignIn,
): Pick<SignInWorld, 'addOrganisation' | 'addPerson'> {
  const at = new Date()
  return {
    addOrganisation: async (id) =>
      await database.transaction(async (queries) => {
        await insertOrganisation(queries, { id, name: id, timezone: 'UTC', retentionDays: 365, isFirst: false, at })
        const email = `owner@${id}.example`
        return { ownerId: await createOwner(queries, { orgId: id, email, name: 'Owner', passwordHash }, at) }
      }),
    addPerson: async (orgId, id, role, { email = `${id}@${orgId}.example`, password = PASSWORD } = {}) => {
      const hash = password === null ? null : password === PASSWORD ? passwordHash : await signIn.hasher.hash(password)
      await database.transaction(async (queries) => {
        await queries.query(
          `INSERT INTO ecomind.users (org_id, id, email, name, source, created_at, updated_at)
           VALUES ($1, $2, $3, $2, 'manual', $4, $4)`,
          [orgId, id, email, at],
        )
        if (role !== null)
          await queries.query(
            `INSERT INTO ecomind.memberships (org_id, user_id, role, scope_kind, source, created_at)
             VALUES ($1, $2, $3, 'organisation', 'manual', $4)`,
            [orgId, id, role, at],
          )
        if (hash !== null) await setPasswordHash(queries, { orgId, userId: id }, hash, at.getTime())
      })
    },
  }
}
