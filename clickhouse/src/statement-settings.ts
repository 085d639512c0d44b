/**
 * The settings every statement carries in its own SETTINGS clause. Never on a connection: chdb runs those as SET and
 * they stay there for whatever comes next.
 */
import type { QueryLimits } from './clickhouse.ts'
import { quoteString } from './sql-literals.ts'

export type Settings = Readonly<Record<string, string | number>>

/** What any answer of ours needs: exact numbers as text, times in UTC. */
const ANSWER_SETTINGS: Settings = {
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_decimals: 1,
  output_format_json_quote_denormals: 1,
  session_timezone: 'UTC',
  // Tuples are lists.
  enable_named_columns_in_function_tuple: 0,
  output_format_json_named_tuples_as_objects: 0,
  // Compiled expressions could fuse a product and a sum into one rounding: the numbers of raw events are computed.
  compile_expressions: 0,
  // Dashboards ask for the same days again and again, and two thirds of such a question were decompressing. Only for
  // statements that read up to a million rows of a table, the engine's default bound.
  use_uncompressed_cache: 1,
}

/**
 * Inserts must be exact repeats of each other when a token is reused, so nothing is left to a default: no async
 * buffer, deduplication on in the table and in its views, one thread and one block per month of data.
 */
export const INSERT_SETTINGS: Settings = {
  async_insert: 0,
  insert_deduplicate: 1,
  deduplicate_blocks_in_dependent_materialized_views: 1,
  deduplicate_insert_select: 'force_enable',
  materialized_views_ignore_errors: 0,
  // Blocks come grouped already; merging them once more before the write cost 7 % of an insert.
  optimize_on_insert: 0,
  max_threads: 1,
  max_insert_threads: 1,
  max_block_size: 1_048_576,
  max_insert_block_size: 1_048_576,
  min_insert_block_size_rows: 1_048_576,
  min_insert_block_size_bytes: 1_073_741_824,
  // A batch may reach back years; without this the engine answers "too many parts" for ever.
  max_partitions_per_insert_block: 0,
}

/** Limits as settings; each one ends the statement with an error, never with a part of the answer. */
export function querySettings(limits: QueryLimits = {}): Settings {
  const settings: Record<string, string | number> = {
    ...ANSWER_SETTINGS,
    optimize_use_projections: limits.projections === true ? 1 : 0,
  }
  if (limits.maxExecutionMs !== undefined) {
    settings['max_execution_time'] = limits.maxExecutionMs / 1000
    settings['timeout_overflow_mode'] = 'throw'
  }
  if (limits.maxResultRows !== undefined) {
    settings['max_result_rows'] = limits.maxResultRows
    settings['result_overflow_mode'] = 'throw'
  }
  if (limits.maxMemoryBytes !== undefined) settings['max_memory_usage'] = limits.maxMemoryBytes
  return settings
}

/** `SETTINGS a = 1, b = 'x'`. */
export function settingsClause(settings: Settings): string {
  const parts = Object.entries(settings).map(
    ([name, value]) => `${name} = ${typeof value === 'number' ? String(value) : quoteString(value)}`,
  )
  return `SETTINGS ${parts.join(', ')}`
}
