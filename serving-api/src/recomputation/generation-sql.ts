/** The statements of one chunk of a recomputation: what is taken back, what is computed anew, and the coarser windows. */
import { ROLLUP_KEYS, ROLLUP_SUMS, type Rollup, windowExpression } from '@ecomind/clickhouse'
import type { CoefficientColumn } from './coefficient-columns.ts'
import { COEFFICIENT_TABLE, JOIN_ON, JOIN_WHERE } from './coefficient-table.ts'
import { EXACT_SETTINGS, STORED_COLUMNS, unitExpressions } from './engine-sql.ts'

const SUMS = ROLLUP_SUMS.map(([name]) => name)
const KEYS = ROLLUP_KEYS.join(', ')
const COLUMNS = `window_start, ${KEYS}, generation, ${SUMS.join(', ')}, watermark_at`

/** Rows are what they are here: no token, one part unless the rows take more than 500 MB, memory bounded. */
const SETTINGS = [
  'SETTINGS insert_deduplicate = 0, async_insert = 0, max_partitions_per_insert_block = 0',
  'max_insert_threads = 1, min_insert_block_size_rows = 10000000, min_insert_block_size_bytes = 500000000',
  `max_bytes_before_external_group_by = 400000000, max_block_size = 16384, ${EXACT_SETTINGS}`,
].join(', ')

/** Rows of the organisation, of the chunk: {org_id}, {from_ms}, {to_ms}. */
const ofChunk = (time: string): string =>
  `org_id = {org_id:String} AND ${time} >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC') AND ${time} < fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')`

/** Rows of a generation in a rollup: also how one asks whether a chunk was posted. */
export const postedRows = (rollup: Rollup): string =>
  `ecomind.${rollup} WHERE ${ofChunk('window_start')} AND generation = {generation:UInt32}`

/** The names that raw events of the chunk are computed by. */
export const namesText =
  (): string => `SELECT provider, model, if(e.region_inferred, '', e.region) AS declared, service_tier
  FROM ecomind.usage_events AS e WHERE ${ofChunk('e.ts')} GROUP BY provider, model, declared, service_tier`

/** The minutes of a chunk: what is taken back and what is computed anew, in one insert, which makes one part of both. */
export function minutesText(staging: string, columns: readonly CoefficientColumn[]): string {
  return `INSERT INTO ${staging} (${COLUMNS}) ${SETTINGS}
    ${reversalSelect()} UNION ALL ${recomputedSelect(columns)}`
}

/** Raw events of nobody are gone: someone was erased, and those calls keep their numbers. */
const KNOWN_USERS = "user_id != ''"

/** Minus what all earlier generations say together, where they say anything. */
function reversalSelect(): string {
  return `SELECT window_start, ${KEYS}, {generation:UInt32}, ${SUMS.map((s) => `-sum(r.${s})`).join(', ')}, max(r.watermark_at)
    FROM ecomind.usage_1m AS r
    WHERE ${ofChunk('window_start')} AND generation < {generation:UInt32} AND ${KNOWN_USERS}
    GROUP BY window_start, ${KEYS} HAVING sum(r.calls) != 0`
}

/** The calls of the chunk as the target set computes them, each rounded as the engine rounds it. */
function recomputedSelect(columns: readonly CoefficientColumn[]): string {
  const counts = ROLLUP_SUMS.filter(([name]) => !STORED_COLUMNS.includes(name)).map(([name, sum]) => {
    return GRADED[name] ?? sum
  })
  const units = STORED_COLUMNS.map((name) => `toDecimal128(sum(u_${name}), 0) * toDecimal128('0.000000000001', 12)`)
  const moved: Readonly<Record<string, string>> = {
    region: 'c.new_region',
    factor_set: '{factor_set:String}',
    factor_id: 'c.factor_id',
    grid_id: 'c.grid_id',
  }
  const keys = ROLLUP_KEYS.map((key) => `${moved[key] ?? `e.${key}`} AS k_${key}`)
  const groups = ROLLUP_KEYS.map((key) => `k_${key}`).join(', ')
  const unitColumns = unitExpressions(columns).map(([name, text]) => `${text} AS u_${name}`)
  return `SELECT k_window, ${groups}, {generation:UInt32}, ${[...counts, ...units].join(', ')}, max(e.watermark_at)
    FROM (
      SELECT ${windowExpression('usage_1m', 'e.ts')} AS k_window, ${keys.join(', ')},
        e.tokens_in, e.tokens_out, e.tokens_cache_read, e.tokens_cache_write, e.tokens_reasoning, e.reasoning_separate,
        e.tokens_source, e.watermark_at, c.grade AS grade, c.inferred AS inferred, ${unitColumns.join(', ')}
      FROM ecomind.usage_events AS e INNER JOIN ${COEFFICIENT_TABLE} AS c ON ${JOIN_ON}
      WHERE ${ofChunk('e.ts')} AND ${JOIN_WHERE} AND e.${KNOWN_USERS}
    ) AS e
    GROUP BY k_window, ${groups}`
}

/** These counts rest on how the names were found, which the target set decides anew. */
const GRADED: Readonly<Record<string, string>> = {
  calls_measured: "toInt64(countIf(grade = 'named' AND e.tokens_source = 'provider'))",
  calls_unknown: "toInt64(countIf(grade = 'unknown'))",
  calls_region_inferred: 'toInt64(countIf(inferred != 0))',
}

/** A coarser rollup's rows of this generation, from those of the next finer one, which are in place already. */
export function coarserText(staging: string, rollup: Rollup, finer: Rollup): string {
  return `INSERT INTO ${staging} (${COLUMNS})
    SELECT ${windowExpression(rollup, 'r.window_start')} AS coarse, ${KEYS}, {generation:UInt32},
      ${SUMS.map((s) => `sum(r.${s})`).join(', ')}, max(r.watermark_at)
    FROM ecomind.${finer} AS r WHERE ${ofChunk('window_start')} AND generation = {generation:UInt32}
    GROUP BY coarse, ${KEYS} ${SETTINGS}`
}
