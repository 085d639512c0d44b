import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ClickHouse } from './clickhouse.ts'
import { compareRollups } from './compare-rollups.ts'
import { insertUsageRows } from './insert-usage-rows.ts'
import { miscountedDays } from './miscounted-days.ts'
import { ROLLUPS } from './rollup-columns.ts'
import { sampleRows } from './test-support/sample-rows.ts'
import { migratedClickHouse, type TempClickHouse } from './test-support/temp-clickhouse.ts'

const DAY_MS = 86_400_000
const AROUND_MS = Date.UTC(2026, 9, 1, 12)
const ALL = { fromDay: '2026-09-01', toDay: '2026-10-31' }

let temp: TempClickHouse
let ch: ClickHouse
beforeEach(async () => {
  ;({ temp, ch } = await migratedClickHouse())
  const rows = sampleRows({ seed: 12, count: 2000, firstOffset: 0, aroundMs: AROUND_MS, spreadMs: 3 * DAY_MS })
  await insertUsageRows(ch, rows, 'all')
})
afterEach(async () => await temp.remove())

describe('miscountedDays', () => {
  it('finds nothing where nothing differs', async () => {
    expect(await miscountedDays(ch, ALL)).toEqual([])
  })

  it('names the day of every block that a rollup lacks or holds twice, as the whole comparison does', async () => {
    for (const [i, rollup] of ROLLUPS.entries()) {
      const lacking = `2026-10-0${1 + (i % 2)}`
      await ch.command({
        text: `ALTER TABLE ecomind.${rollup} DELETE WHERE org_id = 'org_b' AND toDate(window_start) = '${lacking}' SETTINGS mutations_sync = 2`,
      })
      expect(await miscountedDays(ch, ALL)).toContain(lacking)
    }
    await ch.command({
      text: `INSERT INTO ecomind.usage_1d SELECT * FROM ecomind.usage_1d WHERE toDate(window_start) = '2026-09-30' LIMIT 1 SETTINGS insert_deduplicate = 0`,
    })
    const differing = new Set((await compareRollups(ch, ALL)).map(({ day }) => day))
    expect(await miscountedDays(ch, ALL)).toEqual([...differing].sort())
    expect(await miscountedDays(ch, { fromDay: '2026-10-03', toDay: '2026-10-04' })).toEqual([])
  })

  it('names days that only the rollups or only the raw events know', async () => {
    await ch.command({
      text: `ALTER TABLE ecomind.usage_events DELETE WHERE toDate(ts) = '2026-10-02' SETTINGS mutations_sync = 2`,
    })
    for (const rollup of ROLLUPS)
      await ch.command({
        text: `ALTER TABLE ecomind.${rollup} DELETE WHERE toDate(window_start) = '2026-10-01' SETTINGS mutations_sync = 2`,
      })
    expect(await miscountedDays(ch, ALL)).toEqual(['2026-10-01', '2026-10-02'])
  })
})
