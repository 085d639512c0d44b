/**
 * A loader whose ClickHouse is a server: a front process over the engine that can be killed and comes back by itself, a TCP
 * proxy before it that can do harm, a log in memory, and everything that was sent.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type ClickHouse, migrate, openClickHouse, rebuildRollups } from '@ecomind/clickhouse'
import { type FrontProcess, openTcpProxy, startFrontProcess, type TcpProxy } from '@ecomind/clickhouse/testing'
import { type EventLog, openLog } from '@ecomind/event-log'
import { pino } from 'pino'
import { DAY_MS } from '../arrival-day.ts'
import { type Loader, startLoader } from '../start-loader.ts'
import { testSettings } from './loader-world.ts'
import { processModels, processPaths } from './process-models.ts'
import type { SentBatch } from './traffic.ts'

export interface HttpWorld {
  readonly log: EventLog
  readonly loader: Loader
  readonly proxy: TcpProxy
  /** The front that is up now. */
  front(): FrontProcess
  /** How often a dead front was started again. */
  restarts(): number
  readonly sent: (SentBatch | Uint8Array)[]
  /** Straight to the front, not through the proxy. */
  ask<T>(work: (clickhouse: ClickHouse) => Promise<T>): Promise<T>
  /** Everything in the log is loaded and every doubt about rollups is settled. */
  untilLoaded(): Promise<void>
  close(): Promise<void>
}

/** Short, so that a hanging server is noticed within a test; a loader has minutes. */
const TIMEOUTS = { connectMs: 1_000, requestMs: 2_500, longMs: 60_000 }

export async function openHttpWorld(partitions: number): Promise<HttpWorld> {
  const dataDir = await mkdtemp(join(tmpdir(), 'http-faults-'))
  const paths = processPaths(dataDir)
  const fronts = await keepFrontUp(paths.clickhouse, paths.spool)
  const proxy = await openTcpProxy(fronts.current().port)
  fronts.onRestart((front) => proxy.target(front.port))
  const target = { kind: 'http', url: `http://127.0.0.1:${proxy.port}`, timeouts: TIMEOUTS } as const
  const clickhouse = await openClickHouse(target, { role: 'loader' })
  const upkeep = await openClickHouse(target, { role: 'upkeep' })
  await migrate(clickhouse)
  const log = await openLog({ kind: 'memory', partitions })
  const loader = await startLoader({
    log,
    clickhouse,
    models: processModels(),
    dedupeDir: paths.dedupe,
    settings: {
      ...testSettings,
      batch: { eventsMax: 60, bytesMax: 1e6 },
      pollMs: 20,
      retryFirstMs: 20,
      retryMostMs: 200,
    },
    logger: pino({ level: 'silent' }),
    repairRollups: (days) => repairDays(upkeep, days),
  })
  return {
    log,
    loader,
    proxy,
    front: fronts.current,
    restarts: fronts.restarts,
    sent: [],
    ask: (work) => askDirectly(fronts.current().url, work),
    untilLoaded: () => untilLoaded(loader, log),
    async close() {
      await loader.stop()
      await clickhouse.close()
      await upkeep.close()
      await log.close()
      await proxy.close()
      await fronts.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

interface Fronts {
  current(): FrontProcess
  restarts(): number
  onRestart(told: (front: FrontProcess) => void): void
  close(): Promise<void>
}

/** As a service manager would: a front that dies is started again on the same data. */
async function keepFrontUp(dataDir: string, spoolDir: string): Promise<Fronts> {
  let front = await startFrontProcess(dataDir, spoolDir)
  let closing = false
  let restarts = 0
  let told: (front: FrontProcess) => void = () => undefined
  const watch = async (): Promise<void> => {
    while (!closing) {
      await front.exited
      if (closing) return
      front = await startFrontProcess(dataDir, spoolDir)
      restarts += 1
      told(front)
    }
  }
  const watching = watch()
  return {
    current: () => front,
    restarts: () => restarts,
    onRestart: (listener) => {
      told = listener
    },
    async close() {
      closing = true
      await front.close()
      await watching
    },
  }
}

async function askDirectly<T>(url: string, work: (clickhouse: ClickHouse) => Promise<T>): Promise<T> {
  const clickhouse = await openClickHouse({ kind: 'http', url, compression: 'none' }, { role: 'api' })
  try {
    return await work(clickhouse)
  } finally {
    await clickhouse.close()
  }
}

async function repairDays(clickhouse: ClickHouse, days: readonly number[]): Promise<void> {
  for (const day of days) {
    const isoDay = new Date(day * DAY_MS).toISOString().slice(0, 10)
    const range = { fromDay: isoDay, toDay: isoDay }
    const report = await rebuildRollups(clickhouse, { ...range, whileLoadingPaused: (work) => work() })
    if (report.remaining.length > 0) throw new Error(`repair the rollups of ${isoDay}: they still differ`)
  }
}

async function untilLoaded(loader: Loader, log: EventLog): Promise<void> {
  for (;;) {
    const { partitions, daysToCompare } = loader.health()
    const stopped = partitions.find((p) => p.phase === 'stopped')
    if (stopped !== undefined)
      throw new Error(`load: partition ${stopped.partition} stopped: ${loader.health().detail}`)
    const stats = await log.stats()
    const loaded = stats.every(({ partition, nextOffset }) => {
      const own = partitions.find((p) => p.partition === partition)
      return own?.phase === 'loading' && own.loadedTo >= nextOffset && !own.openIntent
    })
    if (loaded && daysToCompare === 0) return
    await pause(20)
  }
}
