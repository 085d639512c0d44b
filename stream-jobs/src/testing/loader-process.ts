/**
 * A loader in a process of its own, for tests that kill it: real log, real ClickHouse in process, real dedupe index.
 * Settings come from the environment. Exits with 0 when everything in the log is loaded and prints its health as one
 * JSON line; a fault that needs a person exits with 2.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { migrate, openClickHouse, rebuildRollups } from '@ecomind/clickhouse'
import { type EventLog, openLog } from '@ecomind/event-log'
import { pino } from 'pino'
import { DAY_MS } from '../arrival-day.ts'
import { readLoaderConfig } from '../config.ts'
import { armFaultPoint } from '../fault-points.ts'
import { type Loader, startLoader } from '../start-loader.ts'
import { processModels, processPaths } from './process-models.ts'

const config = readLoaderConfig()
const paths = processPaths(config.dataDir)
const { kafka, logDir: dir, logPartitions: partitions } = config
const log = await openLog(
  kafka === null ? { kind: 'embedded', dir, partitions } : { kind: 'kafka', ...kafka, partitions },
)
const target = { kind: 'embedded', dataDir: paths.clickhouse, spoolDir: paths.spool } as const
const clickhouse = await openClickHouse(target, { role: 'loader' })
const forRollups = await openClickHouse(target, { role: 'api' })
await migrate(clickhouse)
let published = false
const loader = await startLoader({
  log,
  clickhouse: {
    query: (statement, limits) => clickhouse.query(statement, limits),
    insertNative: (...args) => clickhouse.insertNative(...args),
    async command(statement) {
      await clickhouse.command(statement)
      published ||= statement.text.startsWith('INSERT INTO ecomind.watermarks')
    },
  },
  models: processModels(),
  dedupeDir: config.dedupeDir,
  settings: config.loader,
  logger: pino({ level: config.logLevel }, pino.destination(2)),
  faultPoint: armFaultPoint(config.fault),
  repairRollups: repairDays,
})
const done = await untilLoaded(loader, log)
process.stdout.write(`${JSON.stringify(loader.health())}\n`)
await loader.stop()
await forRollups.close()
await clickhouse.close()
await log.close()
process.exit(done ? 0 : 2)

async function repairDays(days: readonly number[]): Promise<void> {
  for (const day of days) {
    const isoDay = new Date(day * DAY_MS).toISOString().slice(0, 10)
    const range = { fromDay: isoDay, toDay: isoDay }
    const report = await rebuildRollups(forRollups, { ...range, whileLoadingPaused: (work) => work() })
    if (report.remaining.length > 0) throw new Error(`repair the rollups of ${isoDay}: they still differ`)
  }
}

async function untilLoaded(running: Loader, from: EventLog): Promise<boolean> {
  for (;;) {
    const { partitions, daysToCompare } = running.health()
    if (partitions.some((p) => p.phase === 'stopped')) return false
    const stats = await from.stats()
    const loaded = stats.every(({ partition, nextOffset }) => {
      const own = partitions.find((p) => p.partition === partition)
      return own?.phase === 'loading' && own.loadedTo >= nextOffset && !own.openIntent
    })
    // A published watermark is part of being done: a fault point waits there.
    if (loaded && daysToCompare === 0 && published) return true
    await pause(5)
  }
}
