/**
 * Looks, before the first insert, whether this ClickHouse keeps the promise that everything rests on: the same block
 * under the same token is stored once, in the table and in what its views feed, and survives a power cut. Settings are
 * read AND a real double insert is made, because defaults and their meaning changed with almost every version.
 */
import { type ClickHouse, ClickHouseError } from './clickhouse.ts'
import { NativeBlock } from './native-block.ts'

export interface SafetyReport {
  readonly version: string
  /** What is wrong, in words with a way out; empty when it is safe to load. */
  readonly problems: readonly string[]
}

/** Every table that receives rows under a token, directly or through a view. */
const TABLES = [
  'usage_events',
  'usage_1m',
  'usage_15m',
  'usage_1h',
  'usage_1d',
  'quarantine',
  'quarantine_replays',
  'ingest_ledger',
] as const
const VIEWS = ['usage_1m_view', 'usage_15m_view', 'usage_1h_view', 'usage_1d_view'] as const
/** Engine versions whose deduplication was tried with these statements: 26.7. Older ones lost view deduplication (24.7). */
export const VERSION_MIN = [26, 2] as const
/** Blocks of one partition that may lie between an insert and its repetition. The loader repeats its last one only. */
export const WINDOW_MIN = 100
/** A day: far longer than an open intent trusts its token. */
const WINDOW_SECONDS_MIN = 86_400

/** @throws ClickHouseError when the database can't be asked */
export async function probeSafety(ch: ClickHouse): Promise<SafetyReport> {
  const version = await readVersion(ch)
  const problems = [
    ...checkVersion(version),
    ...(await checkTables(ch)),
    ...(await checkViews(ch)),
    ...(await checkDoubleInsert(ch)),
  ]
  return { version, problems }
}

/** @throws ClickHouseError that lists every problem */
export async function requireSafety(ch: ClickHouse): Promise<SafetyReport> {
  const report = await probeSafety(ch)
  if (report.problems.length === 0) return report
  const list = report.problems.map((problem) => `- ${problem}`).join('\n')
  throw new ClickHouseError(
    `probe ClickHouse ${report.version}: events could be lost or counted twice\n${list}`,
    null,
    false,
  )
}

async function readVersion(ch: ClickHouse): Promise<string> {
  const [row] = await ch.query<{ version: string }>({ text: 'SELECT version() AS version' })
  return row?.version ?? 'unknown'
}

export function isVersionEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > VERSION_MIN[0] || (major === VERSION_MIN[0] && minor >= VERSION_MIN[1])
}

export function checkVersion(version: string): readonly string[] {
  if (isVersionEnough(version)) return []
  return [`version ${version}: at least ${VERSION_MIN.join('.')} is needed for deduplication in views`]
}

interface TableRow {
  readonly name: string
  readonly engine: string
  readonly engine_full: string
}

async function readTables(ch: ClickHouse): Promise<ReadonlyMap<string, TableRow>> {
  const rows = await ch.query<TableRow>({
    text: `SELECT name, engine, engine_full FROM system.tables WHERE database = 'ecomind'`,
  })
  return new Map(rows.map((row) => [row.name, row]))
}

async function checkTables(ch: ClickHouse): Promise<readonly string[]> {
  const tables = await readTables(ch)
  return TABLES.flatMap((name) => {
    const table = tables.get(name)
    if (table === undefined) return [`table ecomind.${name} is missing: run the migrations`]
    return [...checkWindow(table), ...checkFsync(table)]
  })
}

function checkWindow(table: TableRow): readonly string[] {
  const replicated = table.engine.startsWith('Replicated') || table.engine.startsWith('Shared')
  const name = replicated ? 'replicated_deduplication_window' : 'non_replicated_deduplication_window'
  const window = settingOf(table, name)
  return [
    ...(window !== null && window >= WINDOW_MIN
      ? []
      : [`table ecomind.${table.name} has ${name} ${window ?? 'unset'}: set at least ${WINDOW_MIN}`]),
    ...(replicated ? checkWindowSeconds(table) : []),
  ]
}

/** A replicated table forgets tokens by age too; by default after an hour. */
function checkWindowSeconds(table: TableRow): readonly string[] {
  const name = 'replicated_deduplication_window_seconds'
  const seconds = settingOf(table, name)
  if (seconds !== null && seconds >= WINDOW_SECONDS_MIN) return []
  return [`table ecomind.${table.name} has ${name} ${seconds ?? 'unset'}: set at least ${WINDOW_SECONDS_MIN}`]
}

function checkFsync(table: TableRow): readonly string[] {
  return ['fsync_after_insert', 'fsync_part_directory']
    .filter((name) => settingOf(table, name) !== 1)
    .map((name) => `table ecomind.${table.name} has ${name} off: an acknowledged insert could vanish with the power`)
}

function settingOf(table: TableRow, name: string): number | null {
  const match = new RegExp(`\\b${name} = '?(\\d+)`).exec(table.engine_full)
  return match === null ? null : Number(match[1])
}

async function checkViews(ch: ClickHouse): Promise<readonly string[]> {
  const tables = await readTables(ch)
  return VIEWS.filter((name) => tables.get(name)?.engine !== 'MaterializedView').map(
    (name) => `materialised view ecomind.${name} is missing: rollups would stay behind; run the migrations`,
  )
}

/** Makes a table with a view, inserts one block twice under one token, looks, and clears up. */
async function checkDoubleInsert(ch: ClickHouse): Promise<readonly string[]> {
  const settings = 'SETTINGS non_replicated_deduplication_window = 100'
  await dropProbe(ch)
  try {
    await ch.command({ text: `CREATE TABLE ecomind.probe_raw (n UInt32) ENGINE = MergeTree ORDER BY n ${settings}` })
    await ch.command({
      text: `CREATE TABLE ecomind.probe_sum (k UInt8, n SimpleAggregateFunction(sum, UInt64))
        ENGINE = AggregatingMergeTree ORDER BY k ${settings}`,
    })
    await ch.command({
      text: `CREATE MATERIALIZED VIEW ecomind.probe_sum_view TO ecomind.probe_sum AS
        SELECT 0 AS k, sum(probe_raw.n) AS n FROM ecomind.probe_raw GROUP BY k`,
    })
    const block = new NativeBlock(3).uint32('n', (i) => i + 1).toBytes()
    for (const token of ['one', 'one', 'two']) await ch.insertNative('probe_raw', block, token)
    const [row] = await ch.query<{ raw: string; rolled: string }>({
      text: `SELECT toString((SELECT sum(n) FROM ecomind.probe_raw)) AS raw, toString((SELECT sum(n) FROM ecomind.probe_sum)) AS rolled`,
    })
    if (row?.raw === '12' && row.rolled === '12') return []
    return [
      `a block inserted twice under one token and once under another gave ${row?.raw} and, through a view, ${row?.rolled}; 12 is right`,
    ]
  } finally {
    await dropProbe(ch)
  }
}

async function dropProbe(ch: ClickHouse): Promise<void> {
  for (const name of ['probe_sum_view', 'probe_sum', 'probe_raw']) {
    await ch.command({ text: `DROP TABLE IF EXISTS ecomind.${name} SYNC` })
  }
}
