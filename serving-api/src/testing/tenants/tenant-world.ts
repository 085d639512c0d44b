/**
 * The API in production mode over a ClickHouse and a control store of its own, to which organisations are added with
 * random data in every place that has any. The clock stands still.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClickHouse, openAnalystDesk, openAnalystSql, openSqlPort } from '@ecomind/clickhouse'
import type { EventLog } from '@ecomind/event-log'
import { applyOverrides, type DefinedFactorSet, type FactorSet } from '@ecomind/footprint'
import { readKeyRing } from '@ecomind/schemas/keys'
import { readApiConfig } from '../../config.ts'
import { openControl } from '../../control.ts'
import type { Database } from '../../database/database.ts'
import { insertOrganisation } from '../../organisations/organisation-store.ts'
import { readAllOverrides } from '../../overrides/override-store.ts'
import type { RunningFactors } from '../../overrides/running-factors.ts'
import type { Recomputations } from '../../recomputation/recomputations.ts'
import type { SignIn } from '../../sign-in/sign-in.ts'
import { authenticateAnalyst } from '../../sql/authenticate-analyst.ts'
import { openErasures } from '../privacy-world.ts'
import { quietLogger } from '../quiet-logger.ts'
import type { Random } from '../random-usage.ts'
import { later, openRuns, openWorldDatabase, running } from '../recomputation-world.ts'
import { freePort, SECRET_KEYS } from '../sign-in-world.ts'
import { startTestApi } from '../test-api.ts'
import { openTestStore } from '../test-store.ts'
import { NOW_MS } from './seed-usage.ts'

export interface TenantWorld {
  readonly url: string
  readonly sqlUrl: string
  readonly clickhouse: ClickHouse
  readonly database: Database
  readonly signIn: SignIn
  readonly runs: Recomputations
  readonly random: Random
  /** Factor sets that were made for one organisation, by id. */
  readonly ownSets: Map<string, FactorSet>
  /** Bytes of all records that replays put into the log. */
  readonly replayed: Buffer[]
  stop(): Promise<void>
}

export const ring = readKeyRing(SECRET_KEYS)

export async function openTenantWorld(random: Random): Promise<TenantWorld> {
  const root = mkdtempSync(join(tmpdir(), 'ecomind-tenants-'))
  const clickhouse = await openWorldDatabase(root)
  const database = await openTestStore()
  await makeInstallation(database)
  const port = await freePort()
  const url = `http://localhost:${port}`
  const nowMs = () => NOW_MS
  const config = {
    ...readApiConfig({}),
    mode: 'production',
    port,
    publicUrl: url,
    keyRing: ring,
    // Every request comes from an address of its own, so that tries to sign in are not counted together.
    proxyHops: 1,
  } as const
  const signInConfig = { outbound: { allowPrivate: false, allowLoopback: true } }
  const deps = { database, nowMs, logger: quietLogger, signIn: { config: signInConfig, resolveTxt: async () => [] } }
  const control = await openControl(deps, config)
  const { signIn, keys } = control
  if (signIn === null || keys === null) throw new Error('open the tenant world: no sign-in or no keys')
  const ownSets = new Map<string, FactorSet>()
  const loadFactorSet = async (id: string) => [running, later, ...ownSets.values()].find((s) => s.id === id) ?? null
  const { runs } = await openRuns(clickhouse, { loadFactorSet, nowMs })
  const erasures = await openErasures(clickhouse, database, { nowMs })
  const paths = { dataDir: join(root, 'ch'), spoolDir: join(root, 'spool') }
  const desk = openAnalystDesk({ sql: await openAnalystSql(paths) })
  const access = { kind: 'keys', authenticate: authenticateAnalyst(keys.known) } as const
  const sqlPort = await openSqlPort({ desk, access, port: 0 })
  const replayed: Buffer[] = []
  const api = await startTestApi(
    clickhouse,
    {
      control,
      database,
      nowMs,
      loadFactorSet,
      runningFactors: runningFactors(database, running),
      recomputations: runs,
      erasures,
      analysts: desk,
      watermark: () => NOW_MS,
      replayLog: keepingLog(replayed),
    },
    config,
  )
  return {
    url,
    sqlUrl: `http://127.0.0.1:${sqlPort.port}`,
    clickhouse,
    database,
    signIn,
    runs,
    random,
    ownSets,
    replayed,
    stop: async () => {
      await api.stop()
      await sqlPort.close()
      await erasures.stop()
      await runs.stop()
      await desk.close()
      await clickhouse.close()
      await database.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

/** Whoever runs it is none of the three: its owner sees what names no organisation. */
async function makeInstallation(database: Database): Promise<void> {
  const org = { id: 'org_operator', name: 'operator', timezone: 'UTC', retentionDays: 365 }
  await database.transaction((queries) => insertOrganisation(queries, { ...org, isFirst: true, at: new Date(NOW_MS) }))
}

/** A log that keeps what is put into it. */
function keepingLog(kept: Buffer[]): Pick<EventLog, 'append' | 'partitions'> {
  return {
    partitions: 2,
    append: async (_partition, records) => {
      kept.push(...records.map((record) => Buffer.from(record.value)))
      return kept.length
    },
  }
}

/** As the core does it, without publishing. */
function runningFactors(database: Database, base: DefinedFactorSet): RunningFactors {
  const sets = new Map<string, FactorSet>()
  return {
    base,
    setOf: (orgId) => sets.get(orgId) ?? base,
    refresh: async () => {
      const live = (await readAllOverrides(database)).filter((o) => !o.deleted)
      sets.clear()
      for (const orgId of new Set(live.map((o) => o.orgId))) {
        const own = live.filter((o) => o.orgId === orgId).map((o) => o.override)
        sets.set(orgId, applyOverrides(base, orgId, own.length, own))
      }
    },
  }
}
