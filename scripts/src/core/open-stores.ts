/** Opens what the core stands on: ClickHouse with its tables, the control store, the log, the locks between jobs. */
import { join } from 'node:path'
import {
  type AnalystDesk,
  type Authenticate,
  type ClickHouse,
  type ClickHouseTarget,
  mendProjections,
  migrate,
  openAnalystDesk,
  openAnalystSql,
  openClickHouse,
  openServerAnalystSql,
  openSqlPort,
  requireSafety,
  requireServer,
  type SqlPortAccess,
} from '@ecomind/clickhouse'
import { type EventLog, openLog } from '@ecomind/event-log'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import { LOCAL_ORG_ID } from '@ecomind/schemas'
import { type Database, type DatabaseTarget, openDatabase, openLockSession } from '@ecomind/serving-api'
import type { Logger } from 'pino'
import type { CoreConfig } from './config.ts'
import { publishSet } from './factor-sets.ts'
import { pauseOtherJobs } from './pause-other-jobs.ts'

/** Runs when the core stops, or when its start fails later on. */
export type OnStop = (close: () => Promise<void>) => void

/** Locks between the processes of an installation, by number; they exist where processes share a PostgreSQL. */
const LOCKS = { tables: 1, loading: 2 } as const
const TABLES_WITHIN_MS = 600_000

/** Jobs that start together change tables and probe the database one after the other. */
export async function oneAtATime<T>({ api }: CoreConfig, work: () => Promise<T>): Promise<T> {
  if (api.databaseUrl === null) return await work()
  const session = await openLockSession(api.databaseUrl, LOCKS.tables)
  try {
    await session.lock(TABLES_WITHIN_MS)
    return await work()
  } finally {
    await session.close()
  }
}

export async function joinOtherJobs({ api: { databaseUrl } }: CoreConfig, logger: Logger, onStop: OnStop) {
  if (databaseUrl === null) return null
  const others = await pauseOtherJobs(() => openLockSession(databaseUrl, LOCKS.loading), logger)
  onStop(() => others.close())
  return others
}

/** Mostly the work of another process or of the compiler's threads, so it is begun long before it is needed. */
export function beginControl(config: CoreConfig, onStop: OnStop): Promise<Database> {
  const opening = openDatabase(databaseTarget(config))
  const openedOrNot = opening.catch(() => null)
  onStop(async () => await (await openedOrNot)?.close())
  return opening
}

/** ClickHouse as this version wants it, and the factor set that ships published in it. */
export async function openTables(target: ClickHouseTarget, progress: (text: string) => void, onStop: OnStop) {
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
  await tellMended(loaderConnection, progress)
  progress('probing that nothing can be counted twice')
  await requireSafety(loaderConnection)
  const set = loadDefaultFactorSet()
  await publishSet(loaderConnection, set)
  return { loaderConnection, apiConnection, upkeepConnection, set }
}

/** Answers are right without them, so nothing of this keeps a start from going on. */
async function tellMended(ch: ClickHouse, progress: (text: string) => void): Promise<void> {
  try {
    for (const made of await mendProjections(ch)) progress(`making sums again that a power cut broke: ${made}`)
  } catch (error) {
    progress(`could not look after the sums beside rollups: ${(error as Error).message}`)
  }
}

export function clickhouseTarget(config: CoreConfig): ClickHouseTarget {
  const { server, dataDir } = config.loader
  return server ?? { kind: 'embedded', dataDir: join(dataDir, 'clickhouse'), spoolDir: join(dataDir, 'spool') }
}

interface AnalystDeps {
  readonly config: CoreConfig
  readonly target: ClickHouseTarget
  readonly apiConnection: ClickHouse
  readonly logger: Logger
  /** Null: nobody here can check keys. */
  readonly authenticate: Authenticate | null
}

/** Where statements of analysts go, and for the engine in process the port they may come by. */
export async function openAnalysts(deps: AnalystDeps, onStop: OnStop): Promise<AnalystDesk> {
  const { target, apiConnection } = deps
  // The views on a server are made by `npm run analysts`, and it has a port of its own.
  const isEmbedded = target.kind === 'embedded'
  const sql = isEmbedded ? await openAnalystSql(target) : openServerAnalystSql(target, apiConnection)
  const desk = openAnalystDesk({ sql })
  onStop(() => desk.close())
  if (isEmbedded) await openAnalystPort(desk, deps, onStop)
  return desk
}

async function openAnalystPort(
  desk: AnalystDesk,
  { config, logger, authenticate }: AnalystDeps,
  onStop: OnStop,
): Promise<void> {
  const isLocal = config.api.mode === 'local'
  if (!isLocal && authenticate === null) {
    logger.warn('SQL port stays shut: nobody here can check keys; POST /v1/sql answers')
    return
  }
  const access: SqlPortAccess =
    isLocal || authenticate === null ? { kind: 'local', orgId: LOCAL_ORG_ID } : { kind: 'keys', authenticate }
  const port = await openSqlPort({
    desk,
    access,
    port: config.sqlPort,
    host: config.api.host,
    onRequest: (entry) => logger.debug(entry, 'SQL port answered'),
  })
  onStop(() => port.close())
  logger.info({ port: port.port }, 'SQL port listens: read-only, database ecomind')
}

function databaseTarget({ api, loader }: CoreConfig): DatabaseTarget {
  if (api.databaseUrl !== null) return { kind: 'postgres', url: api.databaseUrl }
  return { kind: 'pglite', folder: join(loader.dataDir, 'control') }
}

export function openCoreLog(config: CoreConfig, logger: Logger): Promise<EventLog> {
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
