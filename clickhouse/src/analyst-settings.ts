/** Limits and settings that every statement of an analyst runs under, on the engine in process and on a server. */

export interface AnalystLimits {
  /** Milliseconds one statement may run in the engine. */
  readonly maxExecutionMs: number
  readonly maxResultRows: number
  readonly maxResultBytes: number
  readonly maxMemoryBytes: number
  readonly maxThreads: number
}

export const ANALYST_LIMITS: AnalystLimits = {
  maxExecutionMs: 30_000,
  maxResultRows: 1_000_000,
  maxResultBytes: 64 * 1024 * 1024,
  maxMemoryBytes: 1024 * 1024 * 1024,
  maxThreads: 2,
}

/** What a caller may say about the form of the answer. */
export const OUTPUT_SETTINGS: ReadonlyMap<string, RegExp> = new Map([
  ['output_format_json_quote_64bit_integers', /^[01]$/],
  ['output_format_json_quote_decimals', /^[01]$/],
  ['output_format_json_quote_denormals', /^[01]$/],
  ['date_time_output_format', /^(simple|iso|unix_timestamp)$/],
  ['session_timezone', /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/],
])

export function analystSettings(
  limits: AnalystLimits,
  output: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string | number>> {
  return {
    session_timezone: 'UTC',
    compile_expressions: 0,
    optimize_use_projections: 0,
    output_format_json_quote_64bit_integers: 1,
    output_format_json_quote_decimals: 1,
    // How many rows were read to answer counts rows of others.
    output_format_write_statistics: 0,
    max_execution_time: limits.maxExecutionMs / 1000,
    timeout_overflow_mode: 'throw',
    max_result_rows: limits.maxResultRows,
    max_result_bytes: limits.maxResultBytes,
    result_overflow_mode: 'throw',
    max_memory_usage: limits.maxMemoryBytes,
    max_threads: limits.maxThreads,
    ...output,
  }
}
