/** A database of its own on a server of the tester's choice; ECOMIND_TEST_DATABASE_URL names one whose role may make others. */
import { randomBytes } from 'node:crypto'
import pg from 'pg'

export const TEST_DATABASE_URL = process.env['ECOMIND_TEST_DATABASE_URL'] ?? ''

export interface TestDatabase {
  readonly url: string
  /** Ends the sessions that are left. */
  drop(): Promise<void>
}

/** Empty. @throws Error when no server is named or it doesn't make databases */
export async function createTestDatabase(): Promise<TestDatabase> {
  if (TEST_DATABASE_URL === '')
    throw new Error('make a database for a test: ECOMIND_TEST_DATABASE_URL is unset; name a PostgreSQL server in it')
  const name = `ecomind_test_${randomBytes(6).toString('hex')}`
  await run(`CREATE DATABASE ${name}`)
  const url = new URL(TEST_DATABASE_URL)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => run(`DROP DATABASE ${name} WITH (FORCE)`) }
}

async function run(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: TEST_DATABASE_URL })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
