/**
 * The control store: PostgreSQL, in process (PGlite) or a server. One SQL text runs on both, and values come back the
 * same: int8 as number, timestamptz as Date, jsonb as the value itself.
 */

export type DatabaseValue = string | number | boolean | null | Date | Readonly<Record<string, unknown>>

export interface Queries {
  /** One statement with `$1`, `$2` ... for its values. @throws DatabaseError */
  query<Row>(text: string, values?: readonly DatabaseValue[]): Promise<readonly Row[]>
  /** Any number of statements without values, for migrations. @throws DatabaseError */
  script(text: string): Promise<void>
  /**
   * `work` runs right before the commit, after everything else the transaction does: for what others wait for. Several
   * run in the order of `name`, so that two transactions never wait for each other. Outside of a transaction it runs at
   * once, in one of its own. @throws what `work` throws, there or from `transaction`
   */
  lastly(name: string, work: (queries: Queries) => Promise<void>): Promise<void>
}

export interface Database extends Queries {
  readonly kind: 'pglite' | 'postgres'
  /**
   * All or nothing: an error of `work` takes everything back and is thrown on. When it resolves, what was written
   * outlives the death of this process. Don't start a second one inside.
   */
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T>
  /** Waits for what is under way. Can be called twice. */
  close(): Promise<void>
}

/** Classes of SQLSTATE: connection exception, insufficient resources, operator intervention. */
const UNAVAILABLE = /^(?:08|53|57)/

export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
  /** SQLSTATE, such as 23505 for a unique violation; null when the server was not reached. */
  readonly sqlState: string | null
  constructor(message: string, sqlState: string | null, options?: ErrorOptions) {
    super(message, options)
    this.sqlState = sqlState
  }

  /** The server was not reached, is stopping or has no room: the same may go through later. */
  get unavailable(): boolean {
    return this.sqlState === null || UNAVAILABLE.test(this.sqlState)
  }
}

/** Whatever a driver throws, as a DatabaseError; nothing of the statement's values is repeated. */
export function toDatabaseError(cause: unknown): DatabaseError {
  if (cause instanceof DatabaseError) return cause
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
  const sqlState = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : null
  const words = cause instanceof Error ? cause.message : String(cause)
  return new DatabaseError(`control store: ${words}`, sqlState, { cause })
}
