/** A real ClickHouse that really refuses: the loader waits, says so, loses nothing and goes on by itself. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClickHouse, migrate, openClickHouse } from '@ecomind/clickhouse'
import { type EventLog, openLog } from '@ecomind/event-log'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Loader, startLoader } from './start-loader.ts'
import { testSettings } from './testing/loader-world.ts'
import { processModels } from './testing/process-models.ts'
import { send, usageEvent } from './testing/traffic.ts'

const NOW = 1_760_011_200_000
const settings = {
  ...testSettings,
  pollMs: 20,
  retryFirstMs: 5,
  retryMostMs: 20,
  stopWithinMs: 100,
  publishEveryMs: 50,
}

describe('back-pressure', () => {
  let chDir: string
  let dir: string
  let log: EventLog
  let clickhouse: ClickHouse
  let other: ClickHouse
  let loader: Loader | null = null
  let repaired: number[] = []

  beforeAll(async () => {
    chDir = await mkdtemp(join(tmpdir(), 'back-pressure-ch-'))
    const target = { kind: 'embedded', dataDir: join(chDir, 'data'), spoolDir: join(chDir, 'spool') } as const
    clickhouse = await openClickHouse(target, { role: 'loader' })
    other = await openClickHouse(target, { role: 'api' })
    await migrate(clickhouse)
  })
  afterAll(async () => {
    await other.close()
    await clickhouse.close()
    await rm(chDir, { recursive: true, force: true })
  })
  beforeEach(async () => {
    repaired = []
    dir = await mkdtemp(join(tmpdir(), 'back-pressure-'))
    log = await openLog({ kind: 'memory', partitions: 1 })
  })
  afterEach(async () => {
    await refuse(false)
    await loader?.stop()
    loader = null
    await log.close()
    await rm(dir, { recursive: true, force: true })
  })

  const start = async (): Promise<Loader> => {
    loader = await startLoader({
      log,
      clickhouse,
      models: processModels(),
      dedupeDir: join(dir, 'dedupe'),
      settings,
      logger: pino({ level: 'silent' }),
      repairRollups: async (days) => void repaired.push(...days),
    })
    return loader
  }
  /** The engine's own limit on parts, so low that no insert passes. */
  const refuse = async (yes: boolean): Promise<void> => {
    const limit = yes ? 1 : 3000
    const text = `ALTER TABLE ecomind.usage_events MODIFY SETTING parts_to_throw_insert = ${limit}, parts_to_delay_insert = ${limit}`
    await other.command({ text })
  }
  const sendOne = async (id: string): Promise<void> => {
    await send(log, { arrivedAtMs: NOW, events: [usageEvent({ event_id: id, ts: NOW })] })
  }
  const stored = async (): Promise<string[]> => {
    const text =
      'SELECT event_id FROM ecomind.usage_events WHERE log_generation = {generation:UInt32} ORDER BY event_id'
    const rows = await other.query<{ event_id: string }>({ text, params: { generation: log.generation } })
    return rows.map((row) => row.event_id)
  }
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const loadedTo = (running: Loader): number => running.health().partitions[0]?.loadedTo ?? -1

  it('of too many parts shows in health and metrics, reads no further, and goes on by itself', async () => {
    const running = await start()
    await sendOne('event-a1')
    await until(() => loadedTo(running) === 1)
    await refuse(true)
    await sendOne('event-a2')
    await until(() => running.health().status === 'degraded')
    for (const id of ['event-a3', 'event-a4', 'event-a5']) await sendOne(id)
    await until(() => (running.health().partitions[0]?.lagRecords ?? 0) === 4)
    expect(running.health().partitions[0]?.oldestUnreadSeconds).toBeGreaterThan(0)
    expect(running.health().detail).toMatch(/refused: .*parts/i)
    expect(loadedTo(running)).toBe(1)
    expect(await stored()).toEqual(['event-a1'])
    expect(await running.registry.metrics()).toMatch(/ecomind_loader_back_pressure\{partition="0"\} 1/)
    expect(await running.inFlight()).toMatchObject({ complete: true, items: [{ orgId: 'org_demo', events: 4 }] })
    await refuse(false)
    await until(() => loadedTo(running) === 5)
    await until(() => running.health().status === 'ok')
    expect([running.health().daysToCompare, repaired]).toEqual([0, []])
    expect(await stored()).toEqual(['event-a1', 'event-a2', 'event-a3', 'event-a4', 'event-a5'])
    expect(await running.inFlight()).toEqual({ complete: true, items: [] })
  })

  it('does not hold up stopping; the open intent is done by the next start', async () => {
    const first = await start()
    await sendOne('event-b1')
    await until(() => loadedTo(first) === 1)
    await refuse(true)
    await sendOne('event-b2')
    await until(() => first.health().partitions[0]?.openIntent === true && first.health().status === 'degraded')
    let rebuilt = false
    const rebuild = first.whileLoadingPaused(async () => {
      rebuilt = true
    })
    const refused = expect(rebuild).rejects.toThrow('stopped inside a batch')
    await first.stop()
    await refused
    expect(rebuilt).toBe(false)
    expect(await stored()).toEqual(['event-b1'])
    await refuse(false)
    const second = await start()
    await until(() => loadedTo(second) === 2)
    expect(await stored()).toEqual(['event-b1', 'event-b2'])
  })

  it('is none of a statement that can never pass: the partition stops, is red and skips nothing', async () => {
    const running = await start()
    await sendOne('event-c1')
    await until(() => loadedTo(running) === 1)
    await other.command({ text: 'RENAME TABLE ecomind.ingest_ledger TO ecomind.ingest_ledger_away' })
    try {
      await sendOne('event-c2')
      await until(() => running.health().status === 'down')
      expect(running.health().partitions[0]).toMatchObject({ phase: 'stopped', loadedTo: 1, openIntent: true })
    } finally {
      await other.command({ text: 'RENAME TABLE ecomind.ingest_ledger_away TO ecomind.ingest_ledger' })
    }
    await running.stop()
    const again = await start()
    await until(() => loadedTo(again) === 2)
    expect(await stored()).toEqual(['event-c1', 'event-c2'])
  })
})
