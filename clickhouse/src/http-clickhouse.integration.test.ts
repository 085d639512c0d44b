/** The HTTP client against a front over the engine in process: what is proved here is the client, not a server. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ClickHouse } from './clickhouse.ts'
import { compareRollups } from './compare-rollups.ts'
import { insertUsageRows } from './insert-usage-rows.ts'
import { migrate } from './migrate.ts'
import { openClickHouse } from './open-clickhouse.ts'
import { requireSafety } from './probe-safety.ts'
import { sampleRows } from './test-support/sample-rows.ts'
import { readTotals, type TempClickHouse, tempClickHouse } from './test-support/temp-clickhouse.ts'
import { openWriteFront, type WriteFront } from './test-support/write-front.ts'

let temp: TempClickHouse
let front: WriteFront
let ch: ClickHouse
beforeAll(async () => {
  temp = await tempClickHouse()
  await temp.open('loader')
  front = await openWriteFront(temp.target)
  ch = await openClickHouse({ kind: 'http', url: front.url }, { role: 'loader' })
})
afterAll(async () => {
  await ch.close()
  await front.close()
  await temp.remove()
})

describe('HttpClickHouse', () => {
  test('migrates, passes the safety probe, inserts once under one token, and compares', async () => {
    expect((await migrate(ch)).length).toBeGreaterThan(0)
    expect((await requireSafety(ch)).problems).toEqual([])
    const rows = sampleRows({ seed: 9, count: 1000, firstOffset: 0, aroundMs: Date.UTC(2026, 9, 1), spreadMs: 1e9 })
    for (const token of ["a'", "a'", 'b']) await insertUsageRows(ch, rows, token)
    const totals = await readTotals(ch)
    for (const [table, sums] of Object.entries(totals))
      expect({ table, calls: sums.calls }).toEqual({ table, calls: '2000' })
    expect(await compareRollups(ch)).toEqual([])
  })

  test('binds parameters, lists included', async () => {
    const params = { s: "it's \\ {s:String}\n", l: ["a'", 'b\\'], n: 5 }
    expect(await ch.query({ text: 'SELECT {s:String} AS s, {l:Array(String)} AS l, {n:UInt64} AS n', params })).toEqual(
      [{ ...params, n: '5' }],
    )
  })

  test('binds what no address can carry, in questions and in statements', async () => {
    const long = `it's \\ ${'x'.repeat(100_000)}\n`
    expect(await ch.query({ text: 'SELECT length({s:String}) AS n', params: { s: long } })).toEqual([
      { n: String(long.length) },
    ])
    await ch.command({ text: 'CREATE TABLE ecomind.long_values (s String) ENGINE = Memory' })
    await ch.command({ text: 'INSERT INTO ecomind.long_values SELECT {s:String}', params: { s: long } })
    expect(await ch.query({ text: 'SELECT s FROM ecomind.long_values' })).toEqual([{ s: long }])
    await ch.command({ text: 'DROP TABLE ecomind.long_values SYNC' })
  })

  test('a log-in that is refused says at the start what to mend, without the password', async () => {
    const guarded = await openWriteFront({ ...temp.target, login: 'eco:right' })
    try {
      const open = (password: string) =>
        openClickHouse({ kind: 'http', url: guarded.url, username: 'eco', password }, { role: 'api' })
      await (await open('right')).close()
      const refused = await open('wr0ng').catch((error: unknown) => error)
      expect(refused).toMatchObject({ code: 516 })
      expect(String(refused)).toMatch(/user eco is not let in: check CLICKHOUSE_USER/)
      expect(String(refused)).not.toContain('wr0ng')
    } finally {
      await guarded.close()
    }
  })

  test('gives errors their code and whether to try again', async () => {
    await expect(ch.query({ text: 'SELECT nope' })).rejects.toMatchObject({
      name: 'ClickHouseError',
      code: 47,
      retryable: false,
    })
    await expect(ch.query({ text: 'SELECT number FROM numbers(100)' }, { maxResultRows: 5 })).rejects.toMatchObject({
      code: 396,
    })
  })

  test('nobody answering is an error worth another try', async () => {
    await expect(openClickHouse({ kind: 'http', url: 'http://127.0.0.1:1' }, { role: 'api' })).rejects.toMatchObject({
      name: 'ClickHouseError',
      code: null,
      retryable: true,
    })
  })
})
