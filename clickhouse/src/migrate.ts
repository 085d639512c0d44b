/**
 * Applies the numbered SQL files of clickhouse/migrations in order. Each file's checksum is kept in
 * `ecomind.schema_migrations`; a file that changed after it was applied is refused by name. A file is written down when
 * all its statements ran; every statement can be repeated, so a migration that was cut off is simply run again.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ClickHouse } from './clickhouse.ts'
import { splitStatements } from './split-statements.ts'

export interface Migration {
  readonly number: number
  /** File name, e.g. `0001_usage_events.sql`. */
  readonly name: string
  readonly text: string
}

export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

const FOLDER = fileURLToPath(new URL('../migrations/', import.meta.url))
const TABLE = 'ecomind.schema_migrations'

/** The files of a folder, ascending. @throws MigrationError when numbers are missing, doubled or badly written */
export function readMigrations(folder: string = FOLDER): readonly Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
  return names.map((name, i) => {
    const number = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1] ?? Number.NaN)
    if (number !== i + 1) {
      throw new MigrationError(`read migrations: ${name} should be number ${String(i + 1).padStart(4, '0')}`)
    }
    return { number, name, text: readFileSync(`${folder}/${name}`, 'utf8') }
  })
}

/**
 * Brings the database to the newest migration. Can be called at every start.
 * @returns names of the migrations applied now
 * @throws MigrationError when an applied file changed or the database is newer than the code; ClickHouseError
 */
export async function migrate(ch: ClickHouse, migrations = readMigrations()): Promise<readonly string[]> {
  await createTable(ch)
  const applied = await readApplied(ch)
  checkApplied(applied, migrations)
  const done: string[] = []
  for (const migration of migrations.slice(applied.length)) {
    await apply(ch, migration)
    done.push(migration.name)
  }
  return done
}

interface Applied {
  readonly number: number
  readonly name: string
  readonly checksum: string
}

async function createTable(ch: ClickHouse): Promise<void> {
  await ch.command({ text: 'CREATE DATABASE IF NOT EXISTS ecomind' })
  await ch.command({
    text: `CREATE TABLE IF NOT EXISTS ${TABLE}
      (number UInt32, name String, checksum String, applied_at DateTime('UTC'))
      ENGINE = ReplacingMergeTree ORDER BY number
      SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`,
  })
}

async function readApplied(ch: ClickHouse): Promise<readonly Applied[]> {
  return await ch.query<Applied>({ text: `SELECT number, name, checksum FROM ${TABLE} FINAL ORDER BY number` })
}

function checkApplied(applied: readonly Applied[], migrations: readonly Migration[]): void {
  for (const [i, row] of applied.entries()) {
    const migration = migrations[i]
    if (migration === undefined) {
      throw new MigrationError(
        `migrate: the database has ${row.name}, which this version doesn't know; start a newer one`,
      )
    }
    if (migration.name !== row.name || checksumOf(migration.text) !== row.checksum) {
      throw new MigrationError(
        `migrate: ${migration.name} is not what was applied as ${row.name}; restore that file and add a new one instead`,
      )
    }
  }
}

async function apply(ch: ClickHouse, migration: Migration): Promise<void> {
  for (const text of splitStatements(migration.text)) await ch.command({ text })
  await ch.command({
    text: `INSERT INTO ${TABLE} (number, name, checksum, applied_at)
      SELECT {number:UInt32}, {name:String}, {checksum:String}, now('UTC')`,
    params: { number: migration.number, name: migration.name, checksum: checksumOf(migration.text) },
  })
}

/** SHA-256 of the text, line ends made alike, so that a checkout on another system is still the same file. */
export function checksumOf(text: string): string {
  return createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex')
}
