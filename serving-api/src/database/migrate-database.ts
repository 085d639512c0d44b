/**
 * Applies the numbered SQL files of `migrations` in order, each in one transaction with its note in
 * `ecomind.schema_migrations`. A file that changed after it was applied is refused by name. Two processes that start at
 * once take turns.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Database, Queries } from './database.ts'

export interface Migration {
  /** File name, e.g. `0001_factor_overrides.sql`. */
  readonly name: string
  readonly text: string
}

export class DatabaseMigrationError extends Error {
  override readonly name = 'DatabaseMigrationError'
}

const FOLDER = fileURLToPath(new URL('./migrations/', import.meta.url))
/** Any number that no other program uses as an advisory lock in this database. */
const TURN = 3_626_091

export function readMigrations(folder: string = FOLDER): readonly Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
  return names.map((name, i) => {
    const wanted = String(i + 1).padStart(4, '0')
    if (!/^\d{4}_[a-z0-9_]+\.sql$/.test(name) || !name.startsWith(wanted))
      throw new DatabaseMigrationError(`read migrations: ${name} should be number ${wanted}`)
    return { name, text: readFileSync(`${folder}/${name}`, 'utf8') }
  })
}

/**
 * Can be called at every start. Returns the names of the migrations that were applied now.
 * @throws DatabaseMigrationError when an applied file changed or the database is newer than the code; DatabaseError
 */
export async function migrateDatabase(
  database: Database,
  migrations: readonly Migration[] = readMigrations(),
): Promise<readonly string[]> {
  if (await isUpToDate(database, migrations)) return []
  return await database.transaction(async (queries) => {
    await queries.query('SELECT pg_advisory_xact_lock($1)', [TURN])
    await queries.script(`CREATE SCHEMA IF NOT EXISTS ecomind;
      CREATE TABLE IF NOT EXISTS ecomind.schema_migrations
        (name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`)
    const applied = await readApplied(queries)
    checkApplied(applied, migrations)
    const missing = migrations.slice(applied.length)
    for (const migration of missing) await apply(queries, migration)
    return missing.map((m) => m.name)
  })
}

/** Asked without changing anything: the role of an application may have no right to make tables. */
async function isUpToDate(queries: Queries, migrations: readonly Migration[]): Promise<boolean> {
  const [table] = await queries.query<{ found: boolean }>(
    "SELECT to_regclass('ecomind.schema_migrations') IS NOT NULL AS found",
  )
  if (table?.found !== true) return false
  const applied = await readApplied(queries)
  checkApplied(applied, migrations)
  return applied.length === migrations.length
}

const readApplied = (queries: Queries) =>
  queries.query<{ name: string; checksum: string }>(
    'SELECT name, checksum FROM ecomind.schema_migrations ORDER BY name',
  )

function checkApplied(applied: readonly { name: string; checksum: string }[], migrations: readonly Migration[]): void {
  for (const [i, row] of applied.entries()) {
    const migration = migrations[i]
    if (migration === undefined)
      throw new DatabaseMigrationError(
        `migrate the control store: it has ${row.name}, which this version doesn't know; start a newer one`,
      )
    if (migration.name !== row.name || checksumOf(migration.text) !== row.checksum)
      throw new DatabaseMigrationError(
        `migrate the control store: ${migration.name} is not what was applied as ${row.name}; restore that file and add a new one instead`,
      )
  }
}

async function apply(queries: Queries, migration: Migration): Promise<void> {
  await queries.script(migration.text)
  await queries.query('INSERT INTO ecomind.schema_migrations (name, checksum) VALUES ($1, $2)', [
    migration.name,
    checksumOf(migration.text),
  ])
}

/** Line ends made alike, so that a checkout on another system is still the same file. */
const checksumOf = (text: string): string => createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex')
