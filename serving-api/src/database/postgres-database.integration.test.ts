/** Against a server of the tester's choice: set ECOMIND_TEST_DATABASE_URL to an empty database. */
import { describe, expect, test } from 'vitest'
import { databaseContract } from './database.contract.ts'
import { openDatabase } from './open-database.ts'

const url = process.env['ECOMIND_TEST_DATABASE_URL'] ?? ''
if (url !== '') databaseContract('PostgreSQL', () => openDatabase({ kind: 'postgres', url }))

describe('a server that does not answer', () => {
  test('is told in our words', async () => {
    const opening = openDatabase({ kind: 'postgres', url: 'postgres://nobody@127.0.0.1:1/none' })
    await expect(opening).rejects.toThrow(/control store: .*ECONNREFUSED/)
  })
})
