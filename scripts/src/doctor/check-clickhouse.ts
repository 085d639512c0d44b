/**
 * ClickHouse as the loader needs it: reachable, new enough, allowed to write, with its tables and migrations, each with
 * a deduplication window and flushing. Only reads: the double insert that proves it is made at every start
 * (clickhouse/src/probe-safety.ts, whose rules these are).
 */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  type ClickHouse,
  type ClickHouseTarget,
  isVersionEnough,
  openClickHouse,
  VERSION_MIN,
  WINDOW_MIN,
} from '@ecomind/clickhouse'
import { clockFinding } from './clock-skew.ts'
import { type Finding, fault, ok, warning } from './finding.ts'
import { shownUrl } from './hide-secrets.ts'
import { firstLine } from './run-checks.ts'

const NAME = 'ClickHouse'
const MIGRATIONS = fileURLToPath(new URL('../../../clickhouse/migrations/', import.meta.url))
const FREE_BYTES_MIN = 2 ** 30
/** What receives rows under a token; of a cluster the tables on each server. */
const LOADED = /^(usage_(events|1m|15m|1h|1d)|quarantine|quarantine_replays|ingest_ledger)(_local)?$/

export async function clickhouseFindings(target: ClickHouseTarget): Promise<readonly Finding[]> {
  const where = target.kind === 'http' ? shownUrl(target.url) : 'in process'
  let ch: ClickHouse
  try {
    ch = await openClickHouse(target, { role: 'api' })
  } catch (error) {
    return [unreachable(target, where, firstLine(error))]
  }
  try {
    const version = await versionFinding(ch, where)
    const server = target.kind === 'http' ? [await clockOf(ch), ...(await rightsFindings(ch))] : []
    return [version, ...server, ...(await diskFindings(ch)), ...(await tableFindings(ch))]
  } catch (error) {
    // A server is first spoken to by its first question.
    return [unreachable(target, where, firstLine(error))]
  } finally {
    await ch.close()
  }
}

function unreachable(target: ClickHouseTarget, where: string, why: string): Finding {
  const mend =
    target.kind === 'http'
      ? 'start the server, or mend host, port, user and password of CLICKHOUSE_URL'
      : 'stop the process that has the folder, or restore it from a backup; it is made anew when it is moved aside'
  return fault(NAME, `${where}: ${why}`, mend)
}

async function versionFinding(ch: ClickHouse, where: string): Promise<Finding> {
  const [row] = await ch.query<{ version: string }>({ text: 'SELECT version() AS version' })
  const version = row?.version ?? 'unknown'
  if (isVersionEnough(version)) return ok(NAME, `${where}, version ${version}`)
  const mend = `take ${VERSION_MIN.join('.')} or newer: older ones count a repeated insert twice in the rollups`
  return fault(NAME, `${where}, version ${version}`, mend)
}

async function clockOf(ch: ClickHouse): Promise<Finding> {
  const askedMs = Date.now()
  const [row] = await ch.query<{ ms: string }>({ text: "SELECT toUnixTimestamp64Milli(now64(3, 'UTC')) AS ms" })
  return clockFinding(NAME, { theirsMs: Number(row?.ms), askedMs, answeredMs: Date.now() })
}

async function rightsFindings(ch: ClickHouse): Promise<readonly Finding[]> {
  const [row] = await ch.query<{ value: string }>({ text: "SELECT value FROM system.settings WHERE name = 'readonly'" })
  const name = 'ClickHouse user'
  if (row === undefined || row.value === '0') return [ok(name, 'may write')]
  return [
    fault(name, `its profile has readonly = ${row.value}`, 'give the user of CLICKHOUSE_URL a profile that writes'),
  ]
}

async function diskFindings(ch: ClickHouse): Promise<readonly Finding[]> {
  const disks = await ch.query<{ name: string; free: string }>({
    text: 'SELECT name, toString(free_space) AS free FROM system.disks',
  })
  return disks
    .filter(({ free }) => Number(free) < FREE_BYTES_MIN)
    .map(({ name }) => {
      return fault(
        `disk ${name} of ClickHouse`,
        'less than 1 GiB free',
        'make room, or shorten the retention of raw events',
      )
    })
}

async function tableFindings(ch: ClickHouse): Promise<readonly Finding[]> {
  const tables = await ch.query<{ name: string; engine_full: string }>({
    text: "SELECT name, engine_full FROM system.tables WHERE database = 'ecomind'",
  })
  if (!tables.some(({ name }) => name === 'schema_migrations')) {
    return [ok('tables of ClickHouse', 'made at the first start')]
  }
  const applied = await ch.query<{ name: string }>({
    text: 'SELECT name FROM ecomind.schema_migrations FINAL ORDER BY number',
  })
  const unsafe = tables
    // A distributed table keeps no rows itself.
    .filter(({ name, engine_full }) => LOADED.test(name) && !engine_full.startsWith('Distributed'))
    .flatMap(({ name, engine_full }) => trouble(name, engine_full))
  const mend = 'set it back with ALTER TABLE ... MODIFY SETTING; the migrations say what it was'
  return [
    migrationFinding(applied.map(({ name }) => name)),
    ...unsafe.map((text) => fault(`table ${text.split(' ', 1)[0]}`, text, mend)),
    ...(unsafe.length === 0 ? [ok('tables of ClickHouse', 'have their deduplication windows and are flushed')] : []),
  ]
}

function migrationFinding(applied: readonly string[]): Finding {
  const name = 'migrations of ClickHouse'
  const wanted = readdirSync(MIGRATIONS)
    .filter((file) => file.endsWith('.sql'))
    .sort()
  const strange = applied.find((file, i) => file !== wanted[i])
  if (strange !== undefined) {
    return fault(name, `${strange} is applied, which this version doesn't have`, 'start the newer version that made it')
  }
  if (applied.length === wanted.length) return ok(name, `all ${applied.length} applied`)
  const missing = wanted.length - applied.length
  return warning(name, `${missing} of ${wanted.length} are not applied yet`, 'start the core: it applies them')
}

function trouble(table: string, engine: string): readonly string[] {
  const setting = (name: string) => Number(new RegExp(`\\b${name} = '?(\\d+)`).exec(engine)?.[1] ?? 0)
  const window = /^(Replicated|Shared)/.test(engine)
    ? 'replicated_deduplication_window'
    : 'non_replicated_deduplication_window'
  const flushes = ['fsync_after_insert', 'fsync_part_directory'].filter((name) => setting(name) !== 1)
  return [
    ...(setting(window) < WINDOW_MIN
      ? [`${table} has ${window} ${setting(window)}: a repeated insert would count twice`]
      : []),
    ...flushes.map((name) => `${table} has ${name} off: an acknowledged insert could vanish with the power`),
  ]
}
