/**
 * What was applied: the records of every factor set that computed a stored number, so that an explanation years later
 * shows the very values. A set never changes under its id: publishing other content under a known id is refused.
 */
import { createHash } from 'node:crypto'
import { type ClickHouse, ClickHouseError } from './clickhouse.ts'

export interface AppliedRecord {
  readonly id: string
  /** Any JSON value; kept as text with sorted keys. */
  readonly record: unknown
  readonly source: string
  readonly year: number
  readonly licence: string
}

export interface AppliedFactorSet {
  readonly factorSet: string
  readonly methodVersion: string
  readonly factors: readonly AppliedRecord[]
  readonly grids: readonly AppliedRecord[]
}

/**
 * Writes the records of a set that are not there yet. Can be called at every start.
 * @throws ClickHouseError when a stored record of the same set and id has other content
 */
export async function publishFactorSet(ch: ClickHouse, set: AppliedFactorSet): Promise<void> {
  await publish(ch, 'factors', set, set.factors)
  await publish(ch, 'grids', set, set.grids)
}

/** Null when the set was never published here. */
export async function readFactorSet(ch: ClickHouse, factorSet: string): Promise<AppliedFactorSet | null> {
  const factors = await readTable(ch, 'factors', factorSet)
  const grids = await readTable(ch, 'grids', factorSet)
  const first = factors[0] ?? grids[0]
  if (first === undefined) return null
  return { factorSet, methodVersion: first.method_version, factors: factors.map(toRecord), grids: grids.map(toRecord) }
}

type Table = 'factors' | 'grids'

interface StoredRecord {
  readonly id: string
  readonly record: string
  readonly checksum: string
  readonly source: string
  readonly year: number
  readonly licence: string
  readonly method_version: string
}

async function readTable(ch: ClickHouse, table: Table, factorSet: string): Promise<readonly StoredRecord[]> {
  return await ch.query<StoredRecord>({
    text: `SELECT id, record, checksum, source, year, licence, method_version
      FROM ecomind.${table} FINAL WHERE factor_set = {factor_set:String} ORDER BY id`,
    params: { factor_set: factorSet },
  })
}

async function publish(
  ch: ClickHouse,
  table: Table,
  set: AppliedFactorSet,
  records: readonly AppliedRecord[],
): Promise<void> {
  const stored = new Map((await readTable(ch, table, set.factorSet)).map((row) => [row.id, row.checksum]))
  const rows = records.map((record) => toRow(set, record))
  const changed = rows.filter((row) => stored.has(row.id) && stored.get(row.id) !== row.checksum)
  if (changed.length > 0) {
    const ids = changed.map((row) => row.id).join(', ')
    throw new ClickHouseError(
      `publish factor set ${set.factorSet}: ${table} ${ids} differ from what numbers were computed with; give the set a new id`,
      null,
      false,
    )
  }
  const missing = rows.filter((row) => !stored.has(row.id))
  for (const chunk of chunksOf(missing)) await insertRecords(ch, table, set, chunk)
}

/** A bound parameter counts towards ClickHouse's limit of 256 KiB a statement, and JSON in JSON grows by its quotes. */
const CHUNK_CHARACTERS_MAX = 80_000

function chunksOf(rows: readonly Omit<StoredRecord, 'method_version'>[]): Omit<StoredRecord, 'method_version'>[][] {
  const chunks: Omit<StoredRecord, 'method_version'>[][] = []
  let characters = CHUNK_CHARACTERS_MAX
  for (const row of rows) {
    characters += row.record.length
    if (characters > CHUNK_CHARACTERS_MAX) {
      chunks.push([])
      characters = row.record.length
    }
    chunks.at(-1)?.push(row)
  }
  return chunks
}

async function insertRecords(
  ch: ClickHouse,
  table: Table,
  set: AppliedFactorSet,
  records: readonly Omit<StoredRecord, 'method_version'>[],
): Promise<void> {
  // JSON in one parameter: one statement, and no value ever becomes a part of its text.
  await ch.command({
    text: `INSERT INTO ecomind.${table} (factor_set, id, record, checksum, source, year, licence, method_version, published_at)
      SELECT {factor_set:String}, row.1, row.2, row.3, row.4, row.5, row.6, {method:String}, now64(3, 'UTC')
      FROM (SELECT arrayJoin(JSONExtract({rows:String}, 'Array(Tuple(String, String, String, String, UInt16, String))')) AS row)`,
    params: {
      factor_set: set.factorSet,
      method: set.methodVersion,
      rows: JSON.stringify(records.map((r) => [r.id, r.record, r.checksum, r.source, r.year, r.licence])),
    },
  })
}

function toRow(set: AppliedFactorSet, applied: AppliedRecord): Omit<StoredRecord, 'method_version'> {
  const record = sortedJson(applied.record)
  const checksum = createHash('sha256').update(`${set.methodVersion}\n${record}`).digest('hex')
  return { id: applied.id, record, checksum, source: applied.source, year: applied.year, licence: applied.licence }
}

function toRecord(row: StoredRecord): AppliedRecord {
  return { id: row.id, record: JSON.parse(row.record), source: row.source, year: row.year, licence: row.licence }
}

/** The same value always gives the same text. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
