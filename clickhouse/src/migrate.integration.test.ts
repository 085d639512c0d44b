import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ClickHouse } from './clickhouse.ts'
import { type Migration, migrate, readMigrations } from './migrate.ts'
import { type TempClickHouse, tempClickHouse } from './test-support/temp-clickhouse.ts'

let temp: TempClickHouse
let ch: ClickHouse
beforeEach(async () => {
  temp = await tempClickHouse()
  ch = await temp.open('loader')
})
afterEach(async () => await temp.remove())

const first: Migration = {
  number: 1,
  name: '0001_a.sql',
  text: 'CREATE TABLE IF NOT EXISTS ecomind.a (n Int8) ENGINE = Memory;',
}
const second: Migration = {
  number: 2,
  name: '0002_b.sql',
  text: 'CREATE TABLE IF NOT EXISTS ecomind.b (n Int8) ENGINE = Memory;',
}

describe('migrate', () => {
  test('applies every file once and nothing the second time', async () => {
    const names = readMigrations().map((m) => m.name)
    expect(await migrate(ch)).toEqual(names)
    expect(await migrate(ch)).toEqual([])
    const tables = await ch.query<{ name: string }>({
      text: `SELECT name FROM system.tables WHERE database = 'ecomind' AND name LIKE 'usage_%' ORDER BY name`,
    })
    expect(tables.map((t) => t.name)).toEqual(
      ['15m', '15m_view', '1d', '1d_view', '1h', '1h_view', '1m', '1m_view', 'events', 'minutes'].map(
        (t) => `usage_${t}`,
      ),
    )
  })

  test('applies only what is new', async () => {
    await migrate(ch, [first])
    expect(await migrate(ch, [first, second])).toEqual([second.name])
  })

  test('refuses a file that changed after it was applied, by name', async () => {
    await migrate(ch, [first])
    await expect(migrate(ch, [{ ...first, text: `${first.text} ` }, second])).rejects.toThrow('0001_a.sql')
    const [row] = await ch.query<{ n: string }>({
      text: `SELECT toString(count()) AS n FROM system.tables WHERE name = 'b'`,
    })
    expect(row?.n).toBe('0')
  })

  test('line ends of another system are no change', async () => {
    const unix = { ...first, text: `${first.text}\n-- end\n` }
    await migrate(ch, [unix])
    expect(await migrate(ch, [{ ...unix, text: unix.text.replaceAll('\n', '\r\n') }])).toEqual([])
  })

  test('refuses a database that is newer than the code', async () => {
    await migrate(ch, [first, second])
    await expect(migrate(ch, [first])).rejects.toThrow('0002_b.sql')
  })

  test('goes on where a migration was cut off', async () => {
    const cut = { ...first, text: `${first.text} CREATE TABLE ecomind.bad (n NoSuchType) ENGINE = Memory` }
    await expect(migrate(ch, [cut])).rejects.toThrow('NoSuchType')
    const whole = { ...first, text: `${first.text} CREATE TABLE IF NOT EXISTS ecomind.c (n Int8) ENGINE = Memory` }
    expect(await migrate(ch, [whole])).toEqual([first.name])
  })
})
