/**
 * A loader in a process of its own, for tests that kill it: real log, real ClickHouse in process, real dedupe index.
 * Settings come from the environment. Exits with 0 when everything in the log is loaded and prints its health as one
 * JSON line; a fault that needs a person exits with 2.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { migrate, openClickHouse } from '@ecomind/clickhouse'
import { type EventLog, openLog } from '@ecomind/event-log'
import { pino } from 'pino'
import { readLoaderConfig } from '../config.ts'
import { armFaultPoint } from '../fault-points.ts'
import { type Loader, startLoader } from '../start-loader.ts'
import { processModels, processPaths } from './process-models.ts'

const config = readLoaderConfig()
const paths = processPaths(config.dataDir)
const log = await openLog({ kind: 'embedded', dir: config.logDir, partitions: config.logPartitions })
const clickhouse = await openClickHouse(
  { kind: 'embedded', dataDir: paths.clickhouse, spoolDir: paths.spool },
  { role: 'loader' },
)
await migrate(clickhouse)
const loader = await startLoader({
  log,
  clickhouse,
  models: processModels(),
  dedupeDir: config.dedupeDir,
  settings: config.loader,
  logger: pino({ level: config.logLevel }, pino.destination(2)),
  faultPoint: armFaultPoint(config.fault),
  repairRollups: async () => undefined,
})
const done = await untilLoaded(loader, log)
process.stdout.write(`${JSON.stringify(loader.health())}\n`)
await loader.stop()
await clickhouse.close()
await log.close()
process.exit(done ? 0 : 2)

async function untilLoaded(running: Loader, from: EventLog): Promise<boolean> {
  for (;;) {
    const { partitions } = running.health()
    if (partitions.some((p) => p.phase === 'stopped')) return false
    const stats = await from.stats()
    const loaded = stats.every(({ partition, nextOffset }) => {
      const own = partitions.find((p) => p.partition === partition)
      return own?.phase === 'loading' && own.loadedTo >= nextOffset && !own.openIntent
    })
    // A published watermark is part of being done: a fault point waits there.
    if (loaded && running.watermark() !== null) return true
    await pause(5)
  }
}
