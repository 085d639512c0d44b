/** The look at rollups on a real ClickHouse: which days it names, and how few questions it asks. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClickHouse, insertUsageRows, migrate, openClickHouse, type UsageRow } from '@ecomind/clickhouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY_MS } from './arrival-day.ts'
import { createEnricher } from './enrich.ts'
import { lookThrough } from './rollup-look.ts'
import { processModels } from './testing/process-models.ts'
import { usageEvent } from './testing/traffic.ts'

/** ClickHouse drops raw rows by its own clock, so they must be young by that. */
const NEWEST_DAY = Math.floor(Date.now() / DAY_MS)
/** Three a month over two years and a half. */
const DAYS = Array.from({ length: 90 }, (_, i) => NEWEST_DAY - 10 * i).reverse()

describe('looking at rollups', () => {
  let folder: string
  let clickhouse: ClickHouse

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rollup-look-'))
    const target = { kind: 'embedded', dataDir: join(folder, 'data'), spoolDir: join(folder, 'spool') } as const
    clickhouse = await openClickHouse(target, { role: 'loader' })
    await migrate(clickhouse)
    await insertUsageRows(clickhouse, DAYS.map(rowOn), 'rows')
  })
  afterAll(async () => {
    await clickhouse.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('takes one span for a small table, and none beyond its bound where there is more', async () => {
    const first = DAYS[0] ?? 0
    expect(await lookThrough(clickhouse).plan(DAYS)).toEqual([[first, NEWEST_DAY]])
    const spans = await lookThrough(clickhouse, 10).plan(DAYS)
    expect(spans.length).toBeGreaterThan(8)
    for (const [from, to] of spans) {
      expect(DAYS.filter((day) => day >= from && day <= to).length).toBeLessThanOrEqual(10)
    }
    for (const day of DAYS) expect(spans.some(([from, to]) => day >= from && day <= to)).toBe(true)
    expect(await lookThrough(clickhouse).plan([])).toEqual([])
  })

  it('names the days that differ in any rollup, and asks once', async () => {
    const [first = 0, second = 0] = DAYS
    const asked: string[] = []
    const look = lookThrough({
      query: (statement, limits) => {
        asked.push(statement.text)
        return clickhouse.query(statement, limits)
      },
    })
    expect(await look.differingDays([first, NEWEST_DAY])).toEqual([])
    expect(asked.filter((text) => text.includes('ecomind.usage_events'))).toHaveLength(1)
    await lose('usage_1h', second)
    await lose('usage_1d', NEWEST_DAY)
    expect([...(await look.differingDays([first, NEWEST_DAY]))].sort()).toEqual([second, NEWEST_DAY])
    expect(await look.differingDays([first, first])).toEqual([])
  })

  async function lose(rollup: string, day: number): Promise<void> {
    await clickhouse.command({
      text: `ALTER TABLE ecomind.${rollup} DELETE WHERE toDate(window_start, 'UTC') = toDate({day:UInt32}) SETTINGS mutations_sync = 2`,
      params: { day },
    })
  }
})

const enrich = createEnricher(processModels().running)

function rowOn(day: number): UsageRow {
  const tsMs = day * DAY_MS + DAY_MS / 2
  const arrived = {
    event: usageEvent({ event_id: `event-${day}`, ts: tsMs }),
    bytes: new Uint8Array(),
    contentHash: 1,
    schemaId: 1,
    arrivedAtMs: tsMs,
    replayOf: null,
    offset: day,
    index: 0,
  }
  return enrich(arrived, { generation: 1, partition: 0, from: 0, watermarkMs: null })
}
