/** The table that a chunk's raw events are joined with: how the calls of each combination of names are computed. */
import type { ClickHouse } from '@ecomind/clickhouse'
import { type CoefficientColumn, coefficientAt, doubleBits, usedColumns } from './coefficient-columns.ts'
import type { CompiledCalls } from './compiled-calls.ts'

export const COEFFICIENT_TABLE = 'ecomind.recomputation_coefficients'

/** Condition of the join of raw events `e` with the table `c`. */
export const JOIN_ON = [
  'e.provider = c.provider AND e.model = c.model AND e.service_tier = c.service_tier',
  "if(e.region_inferred, '', e.region) = c.region",
].join(' AND ')
/** Where an override begins or ends, there are several rows for the same names. */
export const JOIN_WHERE = 'toUnixTimestamp64Milli(e.ts) >= c.from_ms AND toUnixTimestamp64Milli(e.ts) < c.to_ms'

/** A bound parameter counts towards ClickHouse's limit of 256 KiB a statement. */
const CHUNK_CHARACTERS_MAX = 80_000

/** Replaces what an earlier chunk or process left. @returns the columns of coefficients it has */
export async function writeCoefficientTable(
  ch: ClickHouse,
  calls: readonly CompiledCalls[],
): Promise<readonly CoefficientColumn[]> {
  const columns = usedColumns(calls.map((c) => c.coefficients))
  await dropCoefficientTable(ch)
  await ch.command({
    text: `CREATE TABLE ${COEFFICIENT_TABLE} (provider String, model String, region String, service_tier String,
      from_ms Int64, to_ms Int64, new_region String, inferred UInt8, grade String, factor_id String, grid_id String
      ${columns.map((c) => `, ${c.name} Float64`).join('')}) ENGINE = Memory`,
  })
  const texts = calls.map((c) => rowText(c, columns))
  for (const chunk of chunksOf(texts)) await insertRows(ch, columns, chunk)
  return columns
}

export async function dropCoefficientTable(ch: ClickHouse): Promise<void> {
  await ch.command({ text: `DROP TABLE IF EXISTS ${COEFFICIENT_TABLE} SYNC` })
}

function rowText(c: CompiledCalls, columns: readonly CoefficientColumn[]): string {
  const { provider, model, region, service_tier: tier } = c.names
  const names = [provider, model, region, tier, c.region, c.grade, c.factorId, c.gridId]
  const numbers = [c.fromMs, c.toMs, c.regionInferred ? 1 : 0]
  const bits = columns.map((column) => doubleBits(coefficientAt(c.coefficients, column)))
  return `[${JSON.stringify(names)},${JSON.stringify(numbers)},[${bits.join(',')}]]`
}

async function insertRows(
  ch: ClickHouse,
  columns: readonly CoefficientColumn[],
  rows: readonly string[],
): Promise<void> {
  const values = columns.map((_, i) => `reinterpretAsFloat64(r.3[${i + 1}])`)
  const list = ['r.1[1]', 'r.1[2]', 'r.1[3]', 'r.1[4]', 'r.2[1]', 'r.2[2]', 'r.1[5]', 'toUInt8(r.2[3])']
  await ch.command({
    text: `INSERT INTO ${COEFFICIENT_TABLE} SELECT ${[...list, 'r.1[6]', 'r.1[7]', 'r.1[8]', ...values].join(', ')}
      FROM (SELECT arrayJoin(JSONExtract({rows:String}, 'Array(Tuple(Array(String), Array(Int64), Array(UInt64)))')) AS r)`,
    params: { rows: `[${rows.join(',')}]` },
  })
}

function chunksOf(rows: readonly string[]): readonly (readonly string[])[] {
  const chunks: string[][] = []
  let characters = CHUNK_CHARACTERS_MAX
  for (const row of rows) {
    characters += row.length
    if (characters > CHUNK_CHARACTERS_MAX) {
      chunks.push([])
      characters = row.length
    }
    chunks.at(-1)?.push(row)
  }
  return chunks
}
