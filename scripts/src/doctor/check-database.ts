/** The control store: PGlite's folder by its files alone, because it has one owner; a PostgreSQL server by asking it. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DatabaseTarget } from '@ecomind/serving-api'
import pg from 'pg'
import { clockFinding } from './clock-skew.ts'
import { type Finding, fault, ok, warning } from './finding.ts'
import { shownUrl } from './hide-secrets.ts'
import { firstLine } from './run-checks.ts'

const NAME = 'control store'
const MIGRATIONS = fileURLToPath(new URL('../../../serving-api/src/database/migrations/', import.meta.url))
/** Oldest version that its makers still mend. */
const VERSION_MIN = 14
const MIGRATE = 'start the core; where its user owns no tables, run npm run audit -- grant as their owner first'

/** `withinMs`: for connecting and for each statement. */
export async function databaseFindings(target: DatabaseTarget, withinMs: number): Promise<readonly Finding[]> {
  if (target.kind === 'pglite') return [pgliteFinding(target.folder)]
  const client = new pg.Client({
    connectionString: target.url,
    connectionTimeoutMillis: withinMs,
    query_timeout: withinMs,
  })
  // A connection that breaks later is told by the question that meets it.
  client.on('error', () => undefined)
  try {
    await client.connect()
  } catch (error) {
    const mend = 'start PostgreSQL, or mend host, port, database, user and password of DATABASE_URL'
    return [fault(NAME, `PostgreSQL at ${shownUrl(target.url)}: ${firstLine(error)}`, mend)]
  }
  try {
    return [...(await serverFindings(client, shownUrl(target.url))), await migrationFinding(client)]
  } finally {
    await client.end()
  }
}

function pgliteFinding(folder: string): Finding {
  if (!existsSync(folder)) return ok(NAME, 'PGlite, made at the first start')
  if (existsSync(join(folder, 'PG_VERSION'))) return ok(NAME, 'PGlite, its folder is there')
  return warning(
    NAME,
    `${folder} is there, but not finished`,
    'start the core: it makes it anew; else restore a backup',
  )
}

interface ServerRow {
  readonly version: string
  readonly read_only: boolean
  /** Or the tables are there: then the role of an application needs no such right. */
  readonly may_create: boolean
  /** Names are compared by it (lower-case.ts). */
  readonly has_icu: boolean
  readonly now_ms: number
}

async function serverFindings(client: pg.Client, where: string): Promise<readonly Finding[]> {
  const askedMs = Date.now()
  const { rows } = await client.query<ServerRow>(
    `SELECT current_setting('server_version') AS version,
      pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS read_only,
      to_regclass('ecomind.schema_migrations') IS NOT NULL OR coalesce(
        has_schema_privilege(to_regnamespace('ecomind')::oid, 'CREATE'),
        has_database_privilege(current_database(), 'CREATE')) AS may_create,
      EXISTS (SELECT FROM pg_collation WHERE collname = 'und-x-icu') AS has_icu,
      (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now_ms`,
  )
  const answeredMs = Date.now()
  const [row] = rows
  if (row === undefined) return [fault(NAME, 'PostgreSQL gave no answer', 'look at its log')]
  const clock = clockFinding('PostgreSQL', { theirsMs: row.now_ms, askedMs, answeredMs })
  return [stateFinding(row, where), clock]
}

function stateFinding(row: ServerRow, where: string): Finding {
  const said = `PostgreSQL ${row.version} at ${where}`
  if (row.read_only) return fault(NAME, `${said}: it only reads`, 'name the primary server in DATABASE_URL')
  if (!row.may_create) {
    const mend = 'GRANT CREATE ON DATABASE to the user of DATABASE_URL: the schema ecomind is made there'
    return fault(NAME, `${said}: the user may not create tables`, mend)
  }
  if (!row.has_icu) {
    const mend = 'take a build of PostgreSQL with ICU, as all common packages and images are'
    return fault(NAME, `${said}: it has no ICU, by which names are compared`, mend)
  }
  if (Number.parseInt(row.version, 10) < VERSION_MIN) {
    return warning(NAME, `${said}: its makers mend it no more`, `take PostgreSQL ${VERSION_MIN} or newer`)
  }
  return ok(NAME, said)
}

async function migrationFinding(client: pg.Client): Promise<Finding> {
  const name = 'migrations of the control store'
  const wanted = readdirSync(MIGRATIONS)
    .filter((file) => file.endsWith('.sql'))
    .sort()
  const there = await client.query("SELECT to_regclass('ecomind.schema_migrations') AS found")
  if (there.rows[0]?.found == null) return ok(name, 'applied at the first start')
  const { rows } = await client.query<{ name: string }>('SELECT name FROM ecomind.schema_migrations ORDER BY name')
  const strange = rows.find((row, i) => row.name !== wanted[i])
  if (strange !== undefined) {
    const mend = 'start the newer version that made it'
    return fault(name, `${strange.name} is applied, which this version doesn't have`, mend)
  }
  if (rows.length === wanted.length) return ok(name, `all ${rows.length} applied`)
  return warning(name, `${wanted.length - rows.length} of ${wanted.length} are not applied yet`, MIGRATE)
}
