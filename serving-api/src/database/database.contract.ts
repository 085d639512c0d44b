/** What every control store promises; run against PGlite and, when ECOMIND_TEST_DATABASE_URL is set, a server. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database, Queries } from './database.ts'
import { DatabaseMigrationError, migrateDatabase, readMigrations } from './migrate-database.ts'

export function databaseContract(name: string, open: () => Promise<Database>): void {
  describe(`control store: ${name}`, () => {
    let database: Database
    beforeAll(async () => {
      database = await open()
      await database.script('CREATE SCHEMA IF NOT EXISTS contract; DROP TABLE IF EXISTS contract.things')
      await database.script(
        'CREATE TABLE contract.things (id bigint PRIMARY KEY, text text, at timestamptz, value jsonb, flag boolean)',
      )
    })
    afterAll(async () => await database.close())

    test('values come back as they went in', async () => {
      const at = new Date('2026-03-01T12:34:56.789Z')
      const value = { low: 0.1, list: [1, 'two', null], text: 'ä "quoted"' }
      const text = "'; DROP TABLE contract.things; --"
      const rows = await database.query('INSERT INTO contract.things VALUES ($1, $2, $3, $4, $5) RETURNING *', [
        9_007_199_254_740_991,
        text,
        at,
        value,
        true,
      ])
      expect(rows).toEqual([{ id: 9_007_199_254_740_991, text, at, value, flag: true }])
    })

    test('a transaction that fails leaves nothing and throws what it threw', async () => {
      const failing = database.transaction(async (queries) => {
        await queries.query('INSERT INTO contract.things (id) VALUES (1)')
        throw new TypeError('changed my mind')
      })
      await expect(failing).rejects.toThrow(TypeError)
      expect(await database.query('SELECT id FROM contract.things WHERE id = 1')).toEqual([])
    })

    test('transactions of one counter take turns', async () => {
      await database.query('INSERT INTO contract.things (id, value) VALUES (2, $1)', [{ n: 0 }])
      const add = () =>
        database.transaction(async (queries) => {
          const [row] = await queries.query<{ value: { n: number } }>(
            'SELECT value FROM contract.things WHERE id = 2 FOR UPDATE',
          )
          await queries.query('UPDATE contract.things SET value = $1 WHERE id = 2', [{ n: (row?.value.n ?? 0) + 1 }])
        })
      await Promise.all(Array.from({ length: 20 }, add))
      expect(await database.query('SELECT value FROM contract.things WHERE id = 2')).toEqual([{ value: { n: 20 } }])
    })

    test('what is to be last runs behind everything else, by name, and is taken back with the rest', async () => {
      const order: string[] = []
      const last = (name: string, mark: string) => [name, async () => void order.push(mark)] as const
      await database.transaction(async (queries) => {
        await queries.lastly(...last('b', 'b1'))
        await queries.lastly(...last('a', 'a'))
        await queries.lastly(...last('b', 'b2'))
        order.push('work')
      })
      expect(order).toEqual(['work', 'a', 'b1', 'b2'])
      const insert = (id: number) => (queries: Queries) =>
        queries.query('INSERT INTO contract.things (id) VALUES ($1)', [id]).then(() => undefined)
      await database.lastly('x', insert(4))
      const failing = database.transaction(async (queries) => {
        await queries.lastly('x', insert(5))
        await queries.lastly('x', insert(4))
      })
      await expect(failing).rejects.toThrow(expect.objectContaining({ sqlState: '23505' }))
      expect(await database.query('SELECT id FROM contract.things WHERE id IN (4, 5)')).toEqual([{ id: 4 }])
    })

    test('a refused statement names its SQLSTATE', async () => {
      await database.query('INSERT INTO contract.things (id) VALUES (3)')
      const again = database.query('INSERT INTO contract.things (id) VALUES (3)')
      await expect(again).rejects.toThrow(expect.objectContaining({ name: 'DatabaseError', sqlState: '23505' }))
    })

    test('migrations run once, and one that was changed afterwards is refused by name', async () => {
      const migrations = readMigrations()
      expect(await migrateDatabase(database, migrations)).toEqual([])
      const changed = migrations.map((m) => ({ ...m, text: `${m.text}\n-- changed` }))
      await expect(migrateDatabase(database, changed)).rejects.toThrow(/0001_factor_overrides.sql is not what was/)
      await expect(migrateDatabase(database, [])).rejects.toThrow(DatabaseMigrationError)
    })

    test.each(['factor_override_versions', 'audit_entries', 'audit_checkpoints'])('%s only grows', async (table) => {
      for (const text of [`UPDATE ecomind.${table} SET org_id = 'x'`, `DELETE FROM ecomind.${table}`]) {
        await expect(database.query(text)).rejects.toThrow(expect.objectContaining({ sqlState: '23001' }))
      }
    })
  })
}
