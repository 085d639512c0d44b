/**
 * Measures the tables on rows with real token counts: bytes per event and column, insert rates with and without rollups,
 * chain against direct views, order keys, and the time of typical questions. What came out is in docs/decisions.
 *
 * node --import tsx clickhouse/bench/measure-tables.ts <trace.csv> [events] [hours]
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClickHouse } from '../src/clickhouse.ts'
import { readMigrations } from '../src/migrate.ts'
import { openClickHouse } from '../src/open-clickhouse.ts'
import { splitStatements } from '../src/split-statements.ts'
import { INSERT_SETTINGS, settingsClause } from '../src/statement-settings.ts'
import { sampleSelect } from './sample-select.ts'

const [trace, events = '1000000', hours = '2'] = process.argv.slice(2)
if (trace === undefined)
  throw new Error('measure tables: give the path of the trace, TIMESTAMP,ContextTokens,GeneratedTokens')
const EVENTS = Number(events)
const BATCH = 50_000
const folder = mkdtempSync(join(tmpdir(), 'ecomind-measure-'))
const ddl = readMigrations()
  .slice(0, 2)
  .flatMap((migration) => splitStatements(migration.text))
  .filter((text) => !text.startsWith('CREATE DATABASE'))

type Variant = (statements: readonly string[]) => readonly string[]
const VARIANTS: Readonly<Record<string, Variant>> = {
  'raw alone': (all) => all.slice(0, 1),
  'raw and chain of views (as migrated)': (all) => all,
  'raw and direct views': (all) => all.map((text) => directView(text, all)),
  'raw ordered by user, time': (all) => [ordered(all[0] ?? '', '(org_id, user_id, ts)')],
  'raw ordered by hour, model, user, time': (all) => [
    ordered(all[0] ?? '', '(org_id, toStartOfHour(ts), provider, model, user_id, ts)'),
  ],
  'raw without T64': (all) => all.slice(0, 1).map((text) => text.replaceAll('T64, ', '')),
}
const WINDOWS: Readonly<Record<string, string>> = {
  '15m': 'toStartOfFifteenMinutes',
  '1h': 'toStartOfHour',
  '1d': 'toStartOfDay',
}

/** The view of a coarser rollup as if it were fed from raw events: that of the minute with another window. */
function directView(text: string, all: readonly string[]): string {
  const size = /usage_(15m|1h|1d)_view/.exec(text)?.[1]
  const minute = all.find((other) => other.includes('usage_1m_view'))
  if (size === undefined || minute === undefined) return text
  return minute.replaceAll('usage_1m', `usage_${size}`).replace('toStartOfMinute', WINDOWS[size] ?? '')
}

function ordered(text: string, key: string): string {
  return text.replace('ORDER BY (org_id, ts)', `ORDER BY ${key}`)
}

const print = (line: string): void => void process.stdout.write(`${line}\n`)
const ch = await openClickHouse(
  { kind: 'embedded', dataDir: join(folder, 'data'), spoolDir: join(folder, 'spool') },
  { role: 'loader' },
)
try {
  await prepareRows(ch, trace)
  for (const [name, variant] of Object.entries(VARIANTS)) await measure(ch, name, variant(ddl))
} finally {
  await ch.close()
  rmSync(folder, { recursive: true })
}

/** Writes the rows as Native files in the order of arrival, so that inserts cost what the loader's cost. */
async function prepareRows(db: ClickHouse, path: string): Promise<void> {
  const lines = readFileSync(path, 'utf8').trim().split('\n').slice(1)
  const file = join(folder, 'trace.csv')
  writeFileSync(file, lines.map((line, i) => [i, ...line.split(',').slice(1)].join(',')).join('\n'))
  await db.command({ text: 'CREATE DATABASE IF NOT EXISTS ecomind' })
  for (let from = 0; from < EVENTS; from += BATCH) {
    const select = sampleSelect({
      trace: file,
      requests: lines.length,
      from,
      count: BATCH,
      total: EVENTS,
      spanMs: Number(hours) * 3_600_000,
    })
    await db.command({ text: `INSERT INTO FUNCTION file('${batchFile(from)}', 'Native') ${select}` })
  }
}

function batchFile(from: number): string {
  return join(folder, `batch-${from}.native`)
}

async function measure(db: ClickHouse, name: string, statements: readonly string[]): Promise<void> {
  await db.command({ text: 'DROP DATABASE ecomind SYNC' })
  await db.command({ text: 'CREATE DATABASE ecomind' })
  for (const text of statements) await db.command({ text })
  const columns = await db.query<{ name: string }>({
    text: `SELECT name FROM system.columns WHERE database = 'ecomind' AND table = 'usage_events' AND default_kind = '' ORDER BY position`,
  })
  const names = columns.map((column) => column.name).join(', ')
  const [start, cpu] = [performance.now(), process.cpuUsage()]
  for (let from = 0; from < EVENTS; from += BATCH) {
    const settings = settingsClause({ ...INSERT_SETTINGS, insert_deduplication_token: `batch-${from}` })
    await db.command({
      text: `INSERT INTO ecomind.usage_events (${names}) SELECT ${names} FROM file('${batchFile(from)}', 'Native') ${settings}`,
    })
  }
  const seconds = (performance.now() - start) / 1000
  const used = process.cpuUsage(cpu)
  print(
    `\n${name}: ${Math.round(EVENTS / seconds)} events/s, ${Math.round((EVENTS * 1e6) / (used.user + used.system))} events per CPU-second`,
  )
  await printSizes(db)
  await printTimes(db)
}

async function printSizes(db: ClickHouse): Promise<void> {
  const tables = await db.query<{ name: string }>({
    text: `SELECT name FROM system.tables WHERE database = 'ecomind' AND engine LIKE '%MergeTree'`,
  })
  for (const table of tables) await db.command({ text: `OPTIMIZE TABLE ecomind.${table.name} FINAL` })
  const sizes = await db.query<{ table: string; n: string; bytes: number }>({
    text: `SELECT table, toString(sum(rows)) AS n, round(sum(bytes_on_disk) / ${EVENTS}, 2) AS bytes
      FROM system.parts WHERE database = 'ecomind' AND active GROUP BY table ORDER BY table`,
  })
  for (const size of sizes) print(`  ${size.table}: ${size.n} rows, ${size.bytes} bytes per event`)
  const columns = await db.query<{ column: string; bytes: number }>({
    text: `SELECT column, round(sum(column_data_compressed_bytes) / ${EVENTS}, 2) AS bytes FROM system.parts_columns
      WHERE database = 'ecomind' AND table = 'usage_events' AND active GROUP BY column ORDER BY bytes DESC`,
  })
  print(`  ${columns.map((c) => `${c.column} ${c.bytes}`).join(', ')}`)
}

async function printTimes(db: ClickHouse): Promise<void> {
  const [event] = await db.query<{ id: string }>({
    text: `SELECT event_id AS id FROM ecomind.usage_events LIMIT 1 OFFSET ${EVENTS / 2}`,
  })
  const all = "FROM ecomind.usage_events WHERE org_id = 'org_demo'"
  const questions: Readonly<Record<string, string>> = {
    'everything by model': `SELECT model, sum(kwh) ${all} GROUP BY model`,
    "one user's hours": `SELECT toStartOfHour(ts) AS h, sum(kwh) ${all} AND user_id = 'user_77@example.com' GROUP BY h`,
    'newest 50 events': `SELECT * ${all} ORDER BY ts DESC, event_id DESC LIMIT 50`,
    'newest 50 of a user': `SELECT * ${all} AND user_id = 'user_1500@example.com' ORDER BY ts DESC LIMIT 50`,
    'one event by id': `SELECT * ${all} AND event_id = '${event?.id ?? ''}'`,
    'index rebuild, last 5 %': `SELECT event_id FROM ecomind.usage_events WHERE log_generation = 1 AND log_partition = 1 AND log_offset >= ${EVENTS / 105}`,
  }
  for (const [name, text] of Object.entries(questions)) print(`  ${name}: ${await medianMs(db, text)} ms`)
}

async function medianMs(db: ClickHouse, text: string): Promise<string> {
  const times: number[] = []
  for (let i = 0; i < 5; i++) {
    const start = performance.now()
    await db.query({ text })
    times.push(performance.now() - start)
  }
  return (times.sort((a, b) => a - b)[2] ?? 0).toFixed(1)
}
