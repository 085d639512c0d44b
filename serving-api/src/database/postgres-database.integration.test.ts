/** Against a server of the tester's choice: set ECOMIND_TEST_DATABASE_URL. */
import { afterAll, describe, expect, test } from 'vitest'
import { createTestDatabase, TEST_DATABASE_URL, type TestDatabase } from '../testing/test-database.ts'
import { databaseContract } from './database.contract.ts'
import { openDatabase } from './open-database.ts'

if (TEST_DATABASE_URL !== '') {
  let own: TestDatabase
  databaseContract('PostgreSQL', async () => {
    own = await createTestDatabase()
    return await openDatabase({ kind: 'postgres', url: own.url })
  })
  afterAll(async () => await own?.drop())
}

describe('a server that does not answer', () => {
  test('is told in our words', async () => {
    const opening = openDatabase({ kind: 'postgres', url: 'postgres://nobody@127.0.0.1:1/none' })
    await expect(opening).rejects.toThrow(/control store: .*ECONNREFUSED/)
  })
})
