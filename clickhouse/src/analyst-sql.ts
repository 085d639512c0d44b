/**
 * Runs what an analyst typed. Each statement gets a session of its own that has given up every right but SELECT on the
 * open tables, is checked as the engine parsed it, runs under limits, and is thrown away whatever happened.
 */
import { drainPending, Session } from 'chdb'
import { analystErrorOf } from './analyst-errors.ts'
import { type AnalystFunctions, readAnalystFunctions } from './analyst-functions.ts'
import { checkAnalystStatement } from './analyst-statement.ts'
import { bindParams, type ParamForm } from './bind-params.ts'
import { AnalystError, readCanonical, UNKNOWN_FORMAT } from './canonical-statement.ts'
import { ChdbClickHouse } from './chdb-clickhouse.ts'
import type { QueryParam } from './clickhouse.ts'
import { acquireEngine, type EmbeddedEngine } from './embedded-engine.ts'
import { ANALYST_ROLE } from './engine-config.ts'
import { OUTPUT_FORMATS } from './output-formats.ts'
import { quoteString } from './sql-literals.ts'
import { parseStatementTree } from './statement-tree.ts'

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

export interface AnalystQuestion {
  readonly text: string
  readonly params?: Readonly<Record<string, QueryParam>>
  /** Default plain. */
  readonly paramForm?: ParamForm
  /** Used when the text names none. */
  readonly defaultFormat: string
  /** Output settings of the caller, from OUTPUT_SETTINGS only. */
  readonly outputSettings?: Readonly<Record<string, string>>
}

export interface AnalystAnswer {
  readonly format: string
  readonly bytes: Uint8Array
  readonly rowsRead: number
  readonly bytesRead: number
  readonly elapsedSeconds: number
}

/** What a caller may say about the form of the answer. */
export const OUTPUT_SETTINGS: ReadonlyMap<string, RegExp> = new Map([
  ['output_format_json_quote_64bit_integers', /^[01]$/],
  ['output_format_json_quote_decimals', /^[01]$/],
  ['output_format_json_quote_denormals', /^[01]$/],
  ['date_time_output_format', /^(simple|iso|unix_timestamp)$/],
  ['session_timezone', /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/],
])

export class AnalystSql {
  readonly #engine: EmbeddedEngine
  readonly #functions: AnalystFunctions
  readonly #limits: AnalystLimits

  constructor(engine: EmbeddedEngine, functions: AnalystFunctions, limits: AnalystLimits) {
    this.#engine = engine
    this.#functions = functions
    this.#limits = limits
  }

  /** @throws AnalystError with ClickHouse's error code and a text that gives no data and no path away */
  async run(question: AnalystQuestion): Promise<AnalystAnswer> {
    const session = new Session(this.#engine.path)
    try {
      const text = bindParams(question.text, question.params, question.paramForm)
      await session.queryAsync(sessionSettings(this.#limits, question.outputSettings ?? {}))
      const statement = readCanonical(await canonicalOf(session, text))
      const tree = await session.queryAsync(`EXPLAIN AST ${statement.core}`, { format: 'TSVRaw' })
      checkAnalystStatement(statement.core, parseStatementTree(tree.text()), this.#functions)
      const format = statement.format ?? question.defaultFormat
      if (!OUTPUT_FORMATS.has(format)) throw new AnalystError(UNKNOWN_FORMAT, `format ${format} is not offered`)
      const answer = await session.queryAsync(statement.core, { format })
      return {
        format,
        bytes: answer.bytes(),
        rowsRead: answer.rowsRead,
        bytesRead: answer.bytesRead,
        elapsedSeconds: answer.elapsed,
      }
    } catch (cause) {
      throw analystErrorOf(cause)
    } finally {
      session.close()
    }
  }

  async close(): Promise<void> {
    await drainPending()
    await this.#engine.release()
  }
}

/** Opens the analysts' way into an engine in this process (shared with the loader and the API). */
export async function openAnalystSql(
  target: { readonly dataDir: string; readonly spoolDir: string },
  limits: AnalystLimits = ANALYST_LIMITS,
): Promise<AnalystSql> {
  const engine = await acquireEngine(target.dataDir, target.spoolDir)
  const catalog = new ChdbClickHouse(await acquireEngine(target.dataDir, target.spoolDir), 'analyst')
  try {
    return new AnalystSql(engine, await readAnalystFunctions(catalog), limits)
  } catch (cause) {
    await engine.release()
    throw cause
  } finally {
    await catalog.close()
  }
}

/** Rights are given up first and settings are locked last; the session never gets either back. */
function sessionSettings(limits: AnalystLimits, output: Readonly<Record<string, string>>): string {
  const settings: Record<string, string | number> = {
    session_timezone: 'UTC',
    // The numbers of raw events are ALIAS columns; they belong to SELECT *.
    asterisk_include_alias_columns: 1,
    compile_expressions: 0,
    output_format_json_quote_64bit_integers: 1,
    output_format_json_quote_decimals: 1,
    max_execution_time: limits.maxExecutionMs / 1000,
    timeout_overflow_mode: 'throw',
    max_result_rows: limits.maxResultRows,
    max_result_bytes: limits.maxResultBytes,
    result_overflow_mode: 'throw',
    max_memory_usage: limits.maxMemoryBytes,
    max_threads: limits.maxThreads,
    ...output,
    readonly: 1,
  }
  const sets = Object.entries(settings).map(([k, v]) => `${k} = ${typeof v === 'number' ? v : quoteString(v)}`)
  return `SET ROLE ${ANALYST_ROLE}; USE ecomind; SET ${sets.join(', ')}`
}

/** The text as the engine's parser understands it: one statement, one line. Also proves that the rights are gone. */
async function canonicalOf(session: Session, text: string): Promise<string> {
  const answer = await session.queryAsync(
    `SELECT formatQuerySingleLine(${quoteString(text)}) AS text, currentRoles() AS roles`,
    { format: 'JSONEachRow' },
  )
  const row: unknown = JSON.parse(answer.text())
  if (typeof row !== 'object' || row === null || !('text' in row) || !('roles' in row)) throw noRole()
  if (!Array.isArray(row.roles) || row.roles.length !== 1 || row.roles[0] !== ANALYST_ROLE) throw noRole()
  return String(row.text)
}

function noRole(): AnalystError {
  return new AnalystError(497, 'analysts can not be kept apart on this engine, so nothing is run')
}
