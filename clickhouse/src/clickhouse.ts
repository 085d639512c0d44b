/**
 * How the rest of the product talks to ClickHouse, in process (chdb) or over HTTP. One connection of one role:
 * statements of one connection run one after the other, so the loader, the API and analysts have one each; but questions of
 * the API, which may run side by side.
 */

/** A value bound to `{name:Type}` in the text; never concatenated into it. */
export type QueryParam = string | number | boolean | Date | null | readonly (string | number)[]

export interface QueryLimits {
  /** Milliseconds the statement may run in the engine. */
  readonly maxExecutionMs?: number
  /** Rows the answer may have; more is an error, never a silent cut. */
  readonly maxResultRows?: number
  readonly maxMemoryBytes?: number
  /**
   * True: may be answered from the sums that a rollup keeps beside its rows (migrations/0009). Without it from the rows, as
   * all that checks, copies or makes rollups must be.
   */
  readonly projections?: boolean
}

export interface Statement {
  readonly text: string
  readonly params?: Readonly<Record<string, QueryParam>>
  /**
   * True, of a command: a server gets as long for it as for a question or an insert, and not the hours of work on whole
   * tables: what waits behind it on the connection must not wait for a server that is gone.
   */
  readonly isShort?: boolean
}

export interface ClickHouse {
  /** DDL and other statements without an answer. @throws ClickHouseError */
  command(statement: Statement): Promise<void>
  /** Rows as objects; 64-bit integers and decimals come as strings unless the text casts them. @throws ClickHouseError */
  query<Row>(statement: Statement, limits?: QueryLimits): Promise<readonly Row[]>
  /**
   * Inserts a block in Native format under a deduplication token; the same token with the same rows is a no-op in the
   * table and in everything its views feed. `ahead`: before other statements that wait for this connection. Resolves when
   * the rows are durable. @throws ClickHouseError
   */
  insertNative(table: string, block: Uint8Array, token: string, ahead?: boolean): Promise<void>
  close(): Promise<void>
}

/**
 * What became of a statement that failed. `not-sent`: nothing of it left this process. `answered`: the server said no; of
 * an insert, some months and views may be there already. `unknown`: it may have been carried out, or still be running.
 * Repeating an insert under its token is right in all three cases.
 */
export type Outcome = 'not-sent' | 'answered' | 'unknown'

export interface ClickHouseErrorOptions extends ErrorOptions {
  /** Default: `answered` with a code, `unknown` without. */
  readonly outcome?: Outcome
}

export class ClickHouseError extends Error {
  override readonly name = 'ClickHouseError'
  /** ClickHouse's own error code, e.g. 252 for too many parts; null when no answer of ClickHouse came. */
  readonly code: number | null
  /** True when the same statement may succeed later: too many parts, read-only, disk or memory full, unreachable. */
  readonly retryable: boolean
  readonly outcome: Outcome
  constructor(message: string, code: number | null, retryable: boolean, options: ClickHouseErrorOptions = {}) {
    super(message, options)
    this.code = code
    this.retryable = retryable
    this.outcome = options.outcome ?? (code === null ? 'unknown' : 'answered')
  }
}
