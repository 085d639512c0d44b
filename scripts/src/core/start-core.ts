/** Opens the stores, brings the tables up to date, starts loader, API and SQL port; the returned stop runs in reverse. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type ClickHouseTarget,
  migrate,
  openClickHouse,
  openSqlPort,
  requireSafety,
  requireServer,
} from '@ecomind/clickhouse'
import { type EventLog, openLog } from '@ecomind/event-log'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import { type Database, type DatabaseTarget, openDatabase, openLockSession, startApi } from '@ecomind/serving-api'
import { armFaultPoint, type Loader, startLoader } from '@ecomind/stream-jobs'
import type { Logger } from 'pino'
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { CoreConfig } from './config.ts'
import { publishSet, readDefined, readModel, readSet } from './factor-sets.ts'
import { followOverrides } from './follow-overrides.ts'
import { guardRollups, repairDays } from './guard-rollups.ts'
import { openRecomputations } from './open-recomputations.ts'
import { pauseOtherJobs } from './pause-other-jobs.ts'
import { publishApplied } from './publish-applied.ts'

export interface CoreDeps {
  readonly logger: Logger
  /** Folder of the built page; null: the API only. */
  readonly uiDir: string | null
  /** Told to the person at the terminal while the core boots. */
  readonly progress: (text: string) => void
}

type OnStop = (close: () => Promise<void>) => void

const VERSION = (
  JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }
).version

/** @throws Error when a store is taken, unsafe or can't be opened; what was opened before is closed again */
export async function startCore(config: CoreConfig, deps: CoreDeps): Promise<{ stop(): Promise<void> }> {
  const closers: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close()
  }
  try {
    await start(config, deps, (close) => closers.push(close))
  } catch (error) {
    await stop()
    throw error
  }
  return { stop }
}

async function start(config: CoreConfig, deps: CoreDeps, onStop: OnStop): Promise<void> {
  const { logger, progress } = deps
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })

  const opening = beginControl(config, onStop)
  const target = clickhouseTarget(config)
  const { loaderConnection, apiConnection, upkeepConnection, set } = await oneAtATime(config, () =>
    openTables(target, progress, onStop),
  )

  progress('opening the control store')
  const database = await opening
  const factors = await followOverrides({ clickhouse: apiConnection, base: set, logger, database })
  onStop(() => factors.stop())

  progress('opening the log')
  const log = await openCoreLog(config, logger)
  onStop(() => log.close())
  const others = await joinOtherJobs(config, logger, onStop)
  progress('starting the loader')
  const loader = await startLoader({
    log,
    clickhouse: loaderConnection,
    models: {
      get running() {
        return factors.model()
      },
      load: (id) => readModel(loaderConnection, id),
    },
    dedupeDir: config.loader.dedupeDir,
    ...(config.loader.kafka === null ? {} : { topic: config.loader.kafka.topic }),
    settings: config.loader.loader,
    ...(others === null ? {} : { others }),
    logger,
    registry,
    repairRollups: (days) => repairDays(upkeepConnection, days, logger),
    faultPoint: armFaultPoint(config.loader.fault),
  })
  // The loader stops first: rollup work that waits for an open batch is refused then instead of waiting on.
  onStop(guardRollups({ clickhouse: upkeepConnection, loader, logger, registry }))
  const loadSet = async (id: string) => (id === set.id ? set : await readDefined(apiConnection, id))
  onStop(publishApplied({ clickhouse: apiConnection, loadSet, logger }))
  const recomputations = await openRecomputations({ target, loader, database, factors, logger }, onStop)
  onStop(() => loader.stop())

  // The API comes last: its /health is what says that all of this is up.
  await openAnalystPort(config, target, logger, onStop)
  progress('starting the API')
  const api = await startApi(
    {
      clickhouse: apiConnection,
      logger,
      registry,
      version: VERSION,
      loadFactorSet: async (id) => (id === set.id ? set : await readSet(apiConnection, id)),
      database,
      runningFactors: factors,
      recomputations,
      // On Kafka other jobs may have a share of the partitions: the table knows the watermark of all.
      ...(config.loader.kafka === null ? { watermark: () => loader.watermark() } : {}),
      inFlight: async (orgId) => inFlightOf(loader, orgId),
      healthChecks: {
        loader: async () => ({ ...loader.health() }),
        log: () => logHealth(log),
        database: () => databaseHealth(database),
      },
      replayLog: log,
      uiDir: deps.uiDir,
      edgeUrl: `http://localhost:${config.edgePort}`,
    },
    config.api,
  )
  onStop(() => api.stop())
}

/** Locks between the processes of an installation, by number; they exist where processes share a PostgreSQL. */
const LOCKS = { tables: 1, loading: 2 } as const
const TABLES_WITHIN_MS = 600_000

/** Jobs that start together change tables and probe the database one after the other. */
async function oneAtATime<T>({ api }: CoreConfig, work: () => Promise<T>): Promise<T> {
  if (api.databaseUrl === null) return await work()
  const session = await openLockSession(api.databaseUrl, LOCKS.tables)
  try {
    await session.lock(TABLES_WITHIN_MS)
    return await work()
  } finally {
    await session.close()
  }
}

async function joinOtherJobs({ api: { databaseUrl } }: CoreConfig, logger: Logger, onStop: OnStop) {
  if (databaseUrl === null) return null
  const others = await pauseOtherJobs(() => openLockSession(databaseUrl, LOCKS.loading), logger)
  onStop(() => others.close())
  return others
}

/** Mostly the work of another process or of the compiler's threads, so it is begun long before it is needed. */
function beginControl(config: CoreConfig, onStop: OnStop): Promise<Database> {
  const opening = openDatabase(databaseTarget(config))
  const openedOrNot = opening.catch(() => null)
  onStop(async () => await (await openedOrNot)?.close())
  return opening
}

/** ClickHouse as this version wants it, and the factor set that ships published in it. */
async function openTables(target: ClickHouseTarget, progress: CoreDeps['progress'], onStop: OnStop) {
  progress('opening ClickHouse')
  const loaderConnection = await openClickHouse(target, { role: 'loader' })
  onStop(() => loaderConnection.close())
  const apiConnection = await openClickHouse(target, { role: 'api' })
  onStop(() => apiConnection.close())
  const upkeepConnection = await openClickHouse(target, { role: 'upkeep' })
  onStop(() => upkeepConnection.close())
  await requireServer(loaderConnection, target)
  progress('bringing the tables up to date')
  await migrate(loaderConnection)
  progress('probing that nothing can be counted twice')
  await requireSafety(loaderConnection)
  const set = loadDefaultFactorSet()
  await publishSet(loaderConnection, set)
  return { loaderConnection, apiConnection, upkeepConnection, set }
}

function clickhouseTarget(config: CoreConfig): ClickHouseTarget {
  const { server, dataDir } = config.loader
  return server ?? { kind: 'embedded', dataDir: join(dataDir, 'clickhouse'), spoolDir: join(dataDir, 'spool') }
}

/** Of the embedded engine only: a server has a port of its own. */
async function openAnalystPort(
  config: CoreConfig,
  target: ClickHouseTarget,
  logger: Logger,
  onStop: OnStop,
): Promise<void> {
  if (target.kind !== 'embedded') return
  const sql = await openSqlPort({
    ...target,
    port: config.sqlPort,
    onRequest: (entry) => logger.debug(entry, 'SQL port answered'),
  })
  onStop(() => sql.close())
  logger.info({ port: sql.port }, 'SQL port listens: read-only, database ecomind')
}

async function databaseHealth(database: Database) {
  await database.query('SELECT 1')
  return { status: 'ok' as const, kind: database.kind }
}

function databaseTarget({ api, loader }: CoreConfig): DatabaseTarget {
  if (api.databaseUrl !== null) return { kind: 'postgres', url: api.databaseUrl }
  return { kind: 'pglite', folder: join(loader.dataDir, 'control') }
}

function openCoreLog(config: CoreConfig, logger: Logger): Promise<EventLog> {
  const { kafka, logDir, logPartitions, logBytesMax } = config.loader
  if (kafka !== null) {
    return openLog({
      kind: 'kafka',
      ...kafka,
      partitions: logPartitions,
      onFault: (text) => logger.warn({ kafka: text }, 'Kafka client'),
    })
  }
  return openLog({ kind: 'embedded', dir: logDir, partitions: logPartitions, maxBytes: logBytesMax })
}

async function inFlightOf(loader: Loader, orgId: string) {
  const { items } = await loader.inFlight()
  // Records that can't be decoded belong to nobody yet; the one organisation of local mode sees them.
  return items.filter((i) => i.orgId === orgId || i.orgId === '')
}

async function logHealth(log: EventLog) {
  const partitions = await log.stats()
  return {
    status: 'ok' as const,
    bytes: partitions.reduce((sum, p) => sum + p.bytes, 0),
    partitions: partitions.length,
  }
}
