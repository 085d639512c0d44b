/**
 * The API and the pages as production serves them, in this process: control store and ClickHouse of its own, people that a
 * test puts there, rows of usage, and identity providers on this machine allowed. Browsers reach it under `localhost`.
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { UsageRow } from '@ecomind/clickhouse'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import { readKeyRing } from '@ecomind/schemas/keys'
import { openDatabase, readApiConfig } from '@ecomind/serving-api'
import pino from 'pino'
import { freePorts } from '../../../scripts/src/bench/free-ports.ts'
import { buildPage } from '../../../scripts/src/start/build-page.ts'
import { openControl } from '../../../serving-api/src/control.ts'
import type { Database } from '../../../serving-api/src/database/database.ts'
import { insertOrganisation } from '../../../serving-api/src/organisations/organisation-store.ts'
import { createOwner } from '../../../serving-api/src/sign-in/first-owner.ts'
import { setPasswordHash } from '../../../serving-api/src/sign-in/local/accounts.ts'
import { startTestApi } from '../../../serving-api/src/testing/test-api.ts'
import { openUsageDatabase } from '../../../serving-api/src/testing/usage-database.ts'
import { REPOSITORY } from './product.ts'

export const PASSWORD = 'violet tram under rain'
/** For tests only. */
export const SECRET_KEYS = 'k1:5mJ0Pq2c8sYvX7dTz4uLwRb9NfHgKoEiAl3QxV6ZcWU='

interface NewPerson {
  readonly orgId: string
  readonly email: string
  readonly name: string
  /** Null: none. */
  readonly role: string | null
  /** Default: the organisation. */
  readonly scope?: { readonly kind: 'team' | 'project'; readonly id: string }
}

export interface ProductionApi {
  readonly url: string
  readonly database: Database
  /** TXT records by name, as DNS would answer. */
  readonly txt: Map<string, readonly (readonly string[])[]>
  /** With an owner `owner@ID.example`, whose password is `PASSWORD`. */
  addOrganisation(id: string, name: string): Promise<void>
  /** Whose password is `PASSWORD`. Returns the id. */
  addPerson(person: NewPerson): Promise<string>
  stop(): Promise<void>
}

export async function startProductionApi(rows: readonly UsageRow[]): Promise<ProductionApi> {
  await buildPage(REPOSITORY)
  const root = await mkdtemp(join(tmpdir(), 'ecomind-production-'))
  const database = await openDatabase({ kind: 'pglite', folder: join(root, 'control') })
  const usage = await openUsageDatabase(rows)
  const [port = 0] = await freePorts(1)
  const url = `http://localhost:${port}`
  const txt: ProductionApi['txt'] = new Map()
  const logger = pino({ level: 'silent' })
  const keyRing = readKeyRing(SECRET_KEYS)
  const config = { ...readApiConfig({}), mode: 'production', port, publicUrl: url, keyRing } as const
  const signInOverrides = {
    resolveTxt: async (name: string) => txt.get(name) ?? [],
    config: { outbound: { allowPrivate: false, allowLoopback: true } },
  }
  const control = await openControl({ database, nowMs: Date.now, logger, signIn: signInOverrides }, config)
  const { signIn } = control
  if (signIn === null) throw new Error('start the API in production: it has no sign-in')
  const factors = loadDefaultFactorSet()
  const api = await startTestApi(
    usage.clickhouse,
    {
      control,
      database,
      loadFactorSet: async (id) => (id === factors.id ? factors : null),
      watermark: Date.now,
      uiDir: join(REPOSITORY, 'ui/dist'),
      edgeUrl: 'http://localhost:8080',
    },
    config,
  )
  const passwordHash = await signIn.hasher.hash(PASSWORD)
  return {
    url,
    database,
    txt,
    addOrganisation: (id, name) => addOrganisation(database, id, name, passwordHash),
    addPerson: (person) => addPerson(database, person, passwordHash),
    stop: async () => {
      await api.stop()
      control.stop?.()
      await usage.close()
      await database.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}

async function addOrganisation(database: Database, id: string, name: string, passwordHash: string): Promise<void> {
  const at = new Date()
  await database.transaction(async (queries) => {
    await insertOrganisation(queries, { id, name, timezone: 'UTC', retentionDays: 365, isFirst: false, at })
    await createOwner(queries, { orgId: id, email: `owner@${id}.example`, name: `Owner of ${name}`, passwordHash }, at)
  })
}

async function addPerson(database: Database, person: NewPerson, passwordHash: string): Promise<string> {
  const { orgId, email, name, role, scope } = person
  const userId = randomUUID()
  const at = new Date()
  await database.transaction(async (queries) => {
    await queries.query(
      `INSERT INTO ecomind.users (org_id, id, email, name, usage_user_id, source, created_at, updated_at)
       VALUES ($1, $2, $3, $4, $3, 'manual', $5, $5)`,
      [orgId, userId, email, name, at],
    )
    if (role !== null) {
      await queries.query(
        `INSERT INTO ecomind.memberships (org_id, user_id, role, scope_kind, scope_id, source, created_at)
         VALUES ($1, $2, $3, $4, $5, 'manual', $6)`,
        [orgId, userId, role, scope?.kind ?? 'organisation', scope?.id ?? '', at],
      )
    }
    await setPasswordHash(queries, { orgId, userId }, passwordHash, at.getTime())
  })
  return userId
}
