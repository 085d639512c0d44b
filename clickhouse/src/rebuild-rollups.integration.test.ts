import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ClickHouse } from './clickhouse.ts'
import { compareRollups, type WhileLoadingPaused } from './compare-rollups.ts'
import { insertUsageRows } from './insert-usage-rows.ts'
import { rebuildRollups } from './rebuild-rollups.ts'
import { ROLLUPS } from './rollup-columns.ts'
import { sampleRows } from './test-support/sample-rows.ts'
import { migratedClickHouse, readTotals, type TempClickHouse } from './test-support/temp-clickhouse.ts'

const DAY_MS = 86_400_000
/** The middle of a day in the first days of a month, so that samples lie in two months. */
const AROUND_MS = Date.UTC(2026, 9, 1, 12)
const idle: WhileLoadingPaused = async (work) => await work()

let temp: TempClickHouse
let ch: ClickHouse
beforeEach(async () => {
  ;({ temp, ch } = await migratedClickHouse())
  for (const batch of [0, 1, 2]) {
    const rows = sampleRows({
      seed: 11,
      count: 2000,
      firstOffset: batch * 2000,
      aroundMs: AROUND_MS,
      spreadMs: 3 * DAY_MS,
    })
    await insertUsageRows(ch, rows, `batch-${batch}`)
  }
})
afterEach(async () => await temp.remove())

async function checksums(): Promise<readonly unknown[]> {
  const all: unknown[] = []
  for (const rollup of ROLLUPS) {
    all.push(
      ...(await ch.query({
        text: `SELECT '${rollup}' AS t, toString(count()) AS n, toString(groupBitXor(sipHash64(*))) AS x FROM (SELECT * FROM ecomind.${rollup} FINAL)`,
      })),
    )
  }
  return all
}

describe('compareRollups', () => {
  test('finds nothing after ordinary inserts', async () => {
    expect(await compareRollups(ch)).toEqual([])
  })

  test('finds a rollup that lost one organisation of one day, and says what is missing', async () => {
    await ch.command({
      text: `ALTER TABLE ecomind.usage_1h DELETE WHERE org_id = 'org_b' AND toDate(window_start) = '2026-10-02' SETTINGS mutations_sync = 2`,
    })
    const found = await compareRollups(ch)
    expect(found.map(({ rollup, day, org_id }) => ({ rollup, day, org_id }))).toEqual([
      { rollup: 'usage_1h', day: '2026-10-02', org_id: 'org_b' },
    ])
    expect(found[0]?.columns.find((c) => c.name === 'calls')).toMatchObject({ rolled: '0' })
  })

  test('finds calls that stand under another user although every sum is right', async () => {
    await ch.command({
      text: `CREATE TABLE ecomind.moved ENGINE = Memory AS SELECT * REPLACE ('other' AS user_id) FROM ecomind.usage_1d AS r WHERE r.user_id = 'user_3@example.com'`,
    })
    await ch.command({
      text: `ALTER TABLE ecomind.usage_1d DELETE WHERE user_id = 'user_3@example.com' SETTINGS mutations_sync = 2`,
    })
    await ch.command({ text: 'INSERT INTO ecomind.usage_1d SELECT * FROM ecomind.moved' })
    const found = await compareRollups(ch)
    expect(found.length).toBeGreaterThan(0)
    for (const difference of found)
      expect(difference.columns.map((c) => c.name)).toEqual(['key_checksum', 'kwh_checksum'])
  })

  test('finds one unit of 1e-12 kWh', async () => {
    await ch.command({
      text: `ALTER TABLE ecomind.usage_1d UPDATE kwh = kwh + toDecimal128('0.000000000001', 12)
        WHERE (org_id, user_id, model, window_start) IN (SELECT org_id, user_id, model, window_start FROM ecomind.usage_1d LIMIT 1)
        SETTINGS mutations_sync = 2`,
    })
    const [found] = await compareRollups(ch)
    expect(found?.columns.map((c) => c.name)).toEqual(['kwh', 'kwh_checksum'])
  })

  test('asks again while loading is paused, and believes that answer', async () => {
    await ch.command({ text: 'TRUNCATE TABLE ecomind.usage_1d' })
    let paused = 0
    const found = await compareRollups(ch, {
      whileLoadingPaused: async (work) => {
        paused += 1
        return await work()
      },
    })
    expect(paused).toBe(1)
    expect(found.length).toBeGreaterThan(0)
  })

  test('refuses a day that is none', async () => {
    await expect(compareRollups(ch, { fromDay: "2026-10-01' OR 1" })).rejects.toThrow(RangeError)
  })
})

describe('rebuildRollups', () => {
  test('makes rows equal to those of the views, whatever was lost, doubled or left over', async () => {
    const before = await checksums()
    await ch.command({ text: 'TRUNCATE TABLE ecomind.usage_1d' })
    await ch.command({
      text: `ALTER TABLE ecomind.usage_1m DELETE WHERE toDate(window_start) = '2026-09-30' SETTINGS mutations_sync = 2`,
    })
    await ch.command({
      text: `INSERT INTO ecomind.usage_15m SELECT * FROM ecomind.usage_15m WHERE toDate(window_start) = '2026-10-01'`,
    })
    await ch.command({
      text: `ALTER TABLE ecomind.usage_events DELETE WHERE event_id = 'event-11-17' SETTINGS mutations_sync = 2`,
    })
    const report = await rebuildRollups(ch, { whileLoadingPaused: idle })
    expect(report.remaining).toEqual([])
    expect(report.rebuilt.length).toBeGreaterThanOrEqual(4)
    const totals = await readTotals(ch)
    for (const rollup of ROLLUPS) expect(totals[rollup]).toEqual(totals['usage_events'])
    expect(totals['usage_events']?.calls).toBe('5999')
    expect(before).not.toEqual(await checksums())
  })

  test('gives exactly the rows the views gave', async () => {
    const before = await checksums()
    for (const rollup of ROLLUPS) await ch.command({ text: `TRUNCATE TABLE ecomind.${rollup}` })
    await rebuildRollups(ch, { whileLoadingPaused: idle })
    expect(await checksums()).toEqual(before)
  })

  test('removes rows of a month that has no raw events', async () => {
    await ch.command({
      text: `INSERT INTO ecomind.usage_1d (window_start, org_id, user_id, calls) VALUES ('2026-03-05 00:00:00', 'org_demo', 'ghost', 1)`,
    })
    const report = await rebuildRollups(ch, { whileLoadingPaused: idle })
    expect(report.rebuilt).toEqual(['usage_1d 202603'])
    expect(report.remaining).toEqual([])
  })

  test('goes on after it was cut off, with a staging table left behind', async () => {
    const before = await checksums()
    await ch.command({ text: 'TRUNCATE TABLE ecomind.usage_1h' })
    await ch.command({ text: 'CREATE TABLE ecomind.usage_1h_rebuild AS ecomind.usage_1h' })
    await ch.command({ text: 'INSERT INTO ecomind.usage_1h_rebuild SELECT * FROM ecomind.usage_1d' })
    await rebuildRollups(ch, { whileLoadingPaused: idle })
    expect(await checksums()).toEqual(before)
    const left = await ch.query({
      text: `SELECT name FROM system.tables WHERE database = 'ecomind' AND name LIKE '%rebuild%'`,
    })
    expect(left).toEqual([])
  })

  test('touches nothing when all agree, and loading goes on afterwards as before', async () => {
    expect(await rebuildRollups(ch, { whileLoadingPaused: idle })).toEqual({
      differences: [],
      rebuilt: [],
      remaining: [],
    })
    await ch.command({ text: 'TRUNCATE TABLE ecomind.usage_1m' })
    await rebuildRollups(ch, { whileLoadingPaused: idle })
    const rows = sampleRows({ seed: 11, count: 500, firstOffset: 6000, aroundMs: AROUND_MS, spreadMs: DAY_MS })
    for (const _ of [1, 2]) await insertUsageRows(ch, rows, 'batch-3')
    expect(await compareRollups(ch)).toEqual([])
    expect((await readTotals(ch))['usage_1m']?.calls).toBe('6500')
  })

  test('leaves no stale rows in what the engine keeps decompressed', async () => {
    const sums = 'SELECT toString(sum(calls)) AS calls, toString(sum(kwh)) AS kwh FROM ecomind.usage_1d'
    const kept = () => ch.query({ text: sums })
    const read = () => ch.query({ text: `SELECT * FROM (${sums} SETTINGS use_uncompressed_cache = 0)` })
    const right = await kept()
    for (const change of [
      "ALTER TABLE ecomind.usage_1d DELETE WHERE org_id = 'org_b' SETTINGS mutations_sync = 2",
      'ALTER TABLE ecomind.usage_1d UPDATE calls = calls + 1 WHERE 1 SETTINGS mutations_sync = 2',
      'TRUNCATE TABLE ecomind.usage_1d',
    ]) {
      await ch.command({ text: change })
      expect(await kept()).not.toEqual(right)
      expect(await kept()).toEqual(await read())
      await rebuildRollups(ch, { whileLoadingPaused: idle })
      expect(await kept()).toEqual(right)
      expect(await read()).toEqual(right)
    }
    const hits = await ch.query({
      text: "SELECT 1 FROM system.events WHERE event = 'UncompressedCacheHits' AND value > 0",
    })
    expect(hits).toHaveLength(1)
  })
})
