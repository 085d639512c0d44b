/** A PostgreSQL server (setting DATABASE_URL), through a small pool. */
import type pg from 'pg'
import { type Database, type DatabaseValue, type Queries, toDatabaseError } from './database.ts'
import { parseInt8 } from './int8.ts'
import { LastWorks } from './last-works.ts'

const CONNECTIONS_MAX = 8
const CONNECT_TIMEOUT_MS = 10_000
const STATEMENT_TIMEOUT_MS = 30_000

/** @throws DatabaseError when the server doesn't answer */
export async function openPostgres(url: string): Promise<Database> {
  // Read where it is used: most starts are on PGlite.
  const { default: driver } = await import('pg')
  const pool = new driver.Pool({
    connectionString: url,
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    types: { getTypeParser: typeParser(driver) },
  })
  // An idle connection that the server ends: the next statement opens another.
  pool.on('error', () => undefined)
  const database = postgresDatabase(pool)
  try {
    await database.query('SELECT 1')
  } catch (error) {
    await pool.end()
    throw error
  }
  return database
}

const typeParser =
  ({ types }: typeof pg): typeof types.getTypeParser =>
  (oid: number, format?: 'text' | 'binary') =>
    oid === types.builtins.INT8 ? parseInt8 : types.getTypeParser(oid, format as 'text')

function postgresDatabase(pool: pg.Pool): Database {
  let closed: Promise<void> | undefined
  const transaction: Database['transaction'] = async (work) => {
    const client = await pool.connect().catch((cause: unknown) => {
      throw toDatabaseError(cause)
    })
    const last = new LastWorks()
    const queries = { ...statementsOf(client), lastly: last.lastly }
    let broken = false
    try {
      await queries.query('BEGIN')
      const result = await work(queries)
      await last.run(queries)
      await queries.query('COMMIT')
      return result
    } catch (error) {
      await queries.query('ROLLBACK').catch(() => {
        broken = true
      })
      throw error
    } finally {
      client.release(broken)
    }
  }
  return {
    kind: 'postgres',
    ...statementsOf(pool),
    lastly: (_name, work) => transaction(work),
    transaction,
    close: () => {
      closed ??= pool.end()
      return closed
    },
  }
}

function statementsOf(on: Pick<pg.Pool | pg.PoolClient, 'query'>): Omit<Queries, 'lastly'> {
  const run = async (text: string, values: readonly DatabaseValue[]) => {
    try {
      return values.length === 0 ? await on.query(text) : await on.query(text, [...values])
    } catch (cause) {
      throw toDatabaseError(cause)
    }
  }
  return {
    query: async <Row>(text: string, values: readonly DatabaseValue[] = []) =>
      (await run(text, values)).rows as readonly Row[],
    script: async (text) => {
      await run(text, [])
    },
  }
}
