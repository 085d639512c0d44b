import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ClickHouse } from './clickhouse.ts'
import { compareRollups } from './compare-rollups.ts'
import { FOOTPRINT_COLUMNS } from './footprint-columns.ts'
import { insertUsageRows } from './insert-usage-rows.ts'
import { migrate, readMigrations } from './migrate.ts'
import { rebuildRollups } from './rebuild-rollups.ts'
import { splitStatements } from './split-statements.ts'
import { encodeRowsBefore0007 } from './test-support/rows-before-0007.ts'
import { sampleRows } from './test-support/sample-rows.ts'
import { type TempClickHouse, tempClickHouse } from './test-support/temp-clickhouse.ts'
import type { UsageRow } from './usage-row.ts'

const DAY_MS = 86_400_000
const AROUND_MS = Date.UTC(2026, 9, 1, 12)

let temp: TempClickHouse
let ch: ClickHouse
beforeEach(async () => {
  temp = await tempClickHouse()
  ch = await temp.open('loader')
  await migrate(ch, readMigrations().slice(0, 4))
  for (const batch of [0, 1]) await insertAsBefore(batch)
})
afterEach(async () => await temp.remove())

function rowsOf(batch: number): UsageRow[] {
  const options = { seed: 5, count: 1500, firstOffset: batch * 1500, aroundMs: AROUND_MS, spreadMs: 3 * DAY_MS }
  return sampleRows(options).map((row, i) => (i % 2 === 0 ? { ...row, tokens_reasoning: 0 } : row))
}

const insert = (batch: number): Promise<void> => insertUsageRows(ch, rowsOf(batch), `batch-${batch}`)
const insertAsBefore = (batch: number): Promise<void> =>
  ch.insertNative('usage_events', encodeRowsBefore0007(rowsOf(batch)), `batch-${batch}`)

async function hiddenByTable(): Promise<readonly string[]> {
  const tables = ['usage_1m', 'usage_15m', 'usage_1h', 'usage_1d']
  const sums: string[] = []
  for (const table of tables) {
    const [row] = await ch.query<{ n: string }>({
      text: `SELECT toString(sum(tokens_out_reasoning_hidden)) AS n FROM ecomind.${table}`,
    })
    sums.push(row?.n ?? '')
  }
  return sums
}

async function hiddenInRaw(): Promise<string> {
  const [row] = await ch.query<{ n: string }>({
    text: `SELECT toString(sumIf(tokens_out, tokens_source IN ('tokenizer', 'estimate') AND tokens_reasoning = 0)) AS n
      FROM ecomind.usage_events`,
  })
  return row?.n ?? ''
}

describe('migration 0005', () => {
  test('fills the new sum up from raw events, and new events go on counting', async () => {
    await migrate(ch)
    const hidden = await hiddenInRaw()
    expect(Number(hidden)).toBeGreaterThan(0)
    expect(await hiddenByTable()).toEqual([hidden, hidden, hidden, hidden])
    expect(await compareRollups(ch)).toEqual([])
    await insert(2)
    await insert(2)
    expect(await compareRollups(ch)).toEqual([])
  })

  test('a batch repeated under its token after the migration is put right by the check that follows a redo', async () => {
    await migrate(ch)
    await insert(1)
    // A new view does not know the tokens of the one before; the raw table does.
    await rebuildRollups(ch, { whileLoadingPaused: (work) => work() })
    expect(await compareRollups(ch)).toEqual([])
    const hidden = await hiddenInRaw()
    expect(await hiddenByTable()).toEqual([hidden, hidden, hidden, hidden])
  })

  test('a batch repeated under its token after a restart that followed the migration is counted once', async () => {
    await migrate(ch)
    await insert(2)
    await ch.close()
    ch = await temp.open('loader')
    await insert(2)
    expect(await compareRollups(ch)).toEqual([])
  })

  test('is right however often and wherever it was cut off', async () => {
    const text = readMigrations()[4]?.text ?? ''
    const statements = splitStatements(text)
    expect(statements.length).toBeGreaterThan(10)
    for (let cut = 1; cut <= statements.length; cut++) {
      for (const statement of statements.slice(0, cut)) await ch.command({ text: statement })
    }
    await migrate(ch)
    expect(await compareRollups(ch)).toEqual([])
  })

  test('a rollup whose raw events are gone keeps its numbers and has 0 of the new sum', async () => {
    await ch.command({ text: 'TRUNCATE TABLE ecomind.usage_events' })
    await migrate(ch)
    expect(await hiddenByTable()).toEqual(['0', '0', '0', '0'])
    const [row] = await ch.query<{ calls: string }>({
      text: 'SELECT toString(sum(calls)) AS calls FROM ecomind.usage_1h',
    })
    expect(row?.calls).toBe('3000')
  })
})

describe('migration 0007', () => {
  const sums = async (): Promise<unknown> => {
    const names = FOOTPRINT_COLUMNS.map(([name]) => `toString(sum(${name})) AS ${name}`)
    return await ch.query({
      text: `SELECT event_id, ${names.join(', ')} FROM ecomind.usage_events GROUP BY event_id ORDER BY event_id`,
    })
  }

  test('leaves every number of earlier rows as it was, and new events go on counting', async () => {
    await migrate(ch, readMigrations().slice(0, 6))
    const before = await sums()
    await migrate(ch)
    expect(await sums()).toEqual(before)
    expect(await compareRollups(ch)).toEqual([])
    for (const _ of [1, 2]) await insert(2)
    await ch.command({ text: 'OPTIMIZE TABLE ecomind.usage_events FINAL' })
    expect(await compareRollups(ch)).toEqual([])
  })

  test('is right however often and wherever it was cut off', { timeout: 1_200_000 }, async () => {
    await migrate(ch, readMigrations().slice(0, 6))
    const before = await sums()
    const statements = splitStatements(readMigrations()[6]?.text ?? '')
    expect(statements.length).toBeGreaterThan(10)
    for (let cut = 1; cut <= statements.length; cut++) {
      for (const statement of statements.slice(0, cut)) await ch.command({ text: statement })
    }
    await migrate(ch)
    expect(await sums()).toEqual(before)
    expect(await compareRollups(ch)).toEqual([])
  })
})
