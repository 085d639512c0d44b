/** What ClickHouse computes from stored coefficients is what the footprint engine computed, to the last digit. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type ClickHouse,
  compareRollups,
  FOOTPRINT_COLUMNS,
  insertUsageRows,
  migrate,
  openClickHouse,
  type UsageRow,
} from '@ecomind/clickhouse'
import { encodeBatch } from '@ecomind/schemas/avro'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BatchColumns } from './batch-columns.ts'
import { anyEvent } from './testing/any-event.ts'
import { blockOf } from './testing/block-of.ts'
import { overriddenModel as model } from './testing/overridden-model.ts'
import { plainRows } from './testing/plain-rows.ts'

const EVENTS = 1000
const SEED = 20_261_125
const COLUMNS = FOOTPRINT_COLUMNS.map(([name]) => name)

const context = { generation: 3, partition: 1, from: 0, watermarkMs: 1_760_000_000_123 }
/** Of this moment: ClickHouse drops old events by its own clock. */
const arrivedAtMs = Date.now()

let dir: string
let clickhouse: ClickHouse
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ecomind-derived-'))
  const target = { kind: 'embedded', dataDir: join(dir, 'clickhouse'), spoolDir: join(dir, 'spool') } as const
  clickhouse = await openClickHouse(target, { role: 'loader' })
  await migrate(clickhouse)
})
afterAll(async () => {
  await clickhouse.close()
  await rm(dir, { recursive: true, force: true })
})

function records() {
  const events = fc.sample(anyEvent, { numRuns: EVENTS, seed: SEED }).map((event, i) => ({
    ...event,
    event_id: `event-${i}`,
    // Of the last 30 days: minutes are kept in 32 bits.
    ts: arrivedAtMs - (Math.abs(event.ts) % (30 * 86_400_000)),
  }))
  return Array.from({ length: EVENTS / 500 }, (_, i) => {
    const value = encodeBatch({ arrivedAtMs, edgeId: 'edge-1', replayOf: null }, events.slice(i * 500, (i + 1) * 500))
    return { kind: 'ok', offset: i, arrivedAtMs, value } as const
  })
}

async function storedNumbers(): Promise<readonly string[][]> {
  const units = COLUMNS.map((name) => `toString(reinterpretAsInt64(${name}))`).join(', ')
  const rows = await clickhouse.query<{ n: string[] }>({
    text: `SELECT [${units}] AS n FROM ecomind.usage_events WHERE log_generation = 3 ORDER BY log_offset, log_index`,
  })
  return rows.map(({ n }) => n)
}

describe(`derived numbers (seed ${SEED})`, () => {
  it('equal those of the engine for random events, and the sums of every rollup', async () => {
    const sent = records()
    const { block, minuteBlock } = await blockOf(new BatchColumns(), sent, model, context)
    await clickhouse.insertNative('usage_events', block, 'derived')
    await clickhouse.insertNative('usage_minutes', minuteBlock, 'derived')
    const wanted = plainRows(sent, model, context).map((row) => COLUMNS.map((name) => String(row[name])))
    expect(await storedNumbers()).toEqual(wanted)
    expect(await compareRollups(clickhouse)).toEqual([])
  })

  it('of rows without coefficients are the numbers themselves, up to the largest', async () => {
    const [row] = plainRows(records().slice(0, 1), model, context)
    if (row === undefined) throw new Error('no row')
    const { coefficients: _, ...plain } = row
    const largest = Number.MAX_SAFE_INTEGER
    const given: UsageRow = {
      ...plain,
      event_id: 'plain-0001',
      log_generation: 3,
      log_offset: 1000,
      kwh_high: largest,
      co2_kg: 1,
    }
    await insertUsageRows(clickhouse, [given], 'plain')
    expect((await storedNumbers()).at(-1)).toEqual(COLUMNS.map((name) => String(given[name])))
  })
})
