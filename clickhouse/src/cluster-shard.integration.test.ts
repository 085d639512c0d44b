/**
 * A cluster of one shard in the engine of this process (test-support/one-shard.ts says what is real and what stands for the
 * rest): everything the product does goes through real distributed tables to the local tables and their views.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Session } from 'chdb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ClickHouse } from './clickhouse.ts'
import { compareRollups } from './compare-rollups.ts'
import { insertUsageRows } from './insert-usage-rows.ts'
import { migrate } from './migrate.ts'
import { openClickHouse } from './open-clickhouse.ts'
import { probeSafety } from './probe-safety.ts'
import { probeServer } from './probe-server.ts'
import { rebuildRollups } from './rebuild-rollups.ts'
import { clusterConfig, onOneShard } from './test-support/one-shard.ts'
import { sampleRows } from './test-support/sample-rows.ts'
import { readTotals } from './test-support/temp-clickhouse.ts'
import { openWriteFront, type WriteFront } from './test-support/write-front.ts'
import type { UsageRow } from './usage-row.ts'

const DAY = Date.UTC(2026, 9, 1, 12)
let folder: string
let session: Session
let front: WriteFront
let ch: ClickHouse

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cluster-shards-'))
  const config = join(folder, 'config.xml')
  writeFileSync(config, clusterConfig('main'))
  const paths = { dataDir: join(folder, 'data'), spoolDir: join(folder, 'spool') }
  mkdirSync(paths.spoolDir)
  session = new Session(paths.dataDir, { connectionArgs: [`--config-file=${config}`] })
  front = await openWriteFront({ ...paths, rewrite: onOneShard })
  ch = await openClickHouse({ kind: 'http', url: front.url, cluster: 'main' }, { role: 'loader' })
})
afterAll(async () => {
  await ch.close()
  await front.close()
  session.close()
  rmSync(folder, { recursive: true, force: true })
})

const rowsOf = (firstOffset: number): UsageRow[] =>
  sampleRows({ seed: 4, count: 600, firstOffset, aroundMs: DAY, spreadMs: 1e8 }).map((row, i) => ({
    ...row,
    org_id: `org_${i % 7}`,
  }))
const expectCalls = async (calls: number): Promise<void> => {
  for (const [table, sums] of Object.entries(await readTotals(ch))) {
    expect({ table, calls: sums.calls }).toEqual({ table, calls: String(calls) })
  }
}

describe('a cluster', () => {
  test('lacks nothing', async () => {
    expect(await probeServer(ch, { kind: 'http', url: front.url, cluster: 'main' })).toEqual([])
  })

  test('is migrated, twice', async () => {
    expect((await migrate(ch)).length).toBeGreaterThan(0)
    expect(await migrate(ch)).toEqual([])
    // One distributed table to read and one to write for each local table that keeps rows.
    const distributed = `SELECT name, countIf(engine = 'Distributed') FROM system.tables WHERE database LIKE 'ecomind%'
      GROUP BY name HAVING countIf(database = 'ecomind_local' AND engine LIKE '%MergeTree') = 1`
    const counts = session.query(distributed, 'TabSeparatedRaw').trimEnd().split('\n')
    expect(counts.length).toBeGreaterThan(10)
    expect(counts.filter((line) => !line.endsWith('\t2'))).toEqual([])
  })

  test('passes the probe: a block twice under one token, through the distributed table and a view', async () => {
    expect((await probeSafety(ch)).problems).toEqual([])
  })

  test('takes a block once, however often it comes', async () => {
    for (const token of ['a', 'a', 'b']) await insertUsageRows(ch, rowsOf(token === 'b' ? 600 : 0), token)
    await expectCalls(1200)
    expect(await compareRollups(ch)).toEqual([])
  })

  test('answers what the loader asks of partitions, and what is computed from coefficients under its own name', async () => {
    const months = await ch.query<{ month: string; rows: string }>({
      text: 'SELECT _partition_id AS month, toString(count()) AS rows FROM ecomind.usage_events GROUP BY _partition_id',
    })
    expect(months.reduce((sum, { rows }) => sum + Number(rows), 0)).toBe(1200)
    const [sums] = await ch.query<{ kwh: string; rolled: string }>({
      text: `SELECT toString(sum(e.kwh)) AS kwh, (SELECT toString(sum(kwh)) FROM ecomind.usage_1d) AS rolled
        FROM ecomind.usage_events AS e WHERE e.kwh >= 0`,
    })
    expect(sums?.kwh).toBe(sums?.rolled)
  })

  test('takes the block that a shard refused when it is repeated', async () => {
    const limit = (parts: number): string =>
      session.query(
        `ALTER TABLE ecomind_local.usage_1h MODIFY SETTING parts_to_throw_insert = ${parts}, parts_to_delay_insert = ${parts}`,
      )
    limit(1)
    await expect(insertUsageRows(ch, rowsOf(1200), 'c')).rejects.toMatchObject({ code: 252, retryable: true })
    limit(3000)
    await insertUsageRows(ch, rowsOf(1200), 'c')
    await insertUsageRows(ch, rowsOf(1200), 'c')
    await expectCalls(1800)
    expect(await compareRollups(ch)).toEqual([])
  })

  test('has a damaged rollup rebuilt', async () => {
    session.query('ALTER TABLE ecomind_local.usage_1h DELETE WHERE 1 SETTINGS mutations_sync = 2')
    expect((await compareRollups(ch)).length).toBeGreaterThan(0)
    const report = await rebuildRollups(ch, { whileLoadingPaused: (work) => work() })
    expect(report.rebuilt.length).toBeGreaterThan(0)
    expect(report.remaining).toEqual([])
    await expectCalls(1800)
  })
})
