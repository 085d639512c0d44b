/** Opens the stores, brings the tables up to date, starts loader, API and SQL port; the returned stop runs in reverse. */
import { readFileSync } from 'node:fs'
import { stampSchemaId } from '@ecomind/event-log'
import { authenticateAnalyst, openControl, startApi } from '@ecomind/serving-api'
import { armFaultPoint, startLoader } from '@ecomind/stream-jobs'
import type { Logger } from 'pino'
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { CoreConfig } from './config.ts'
import { databaseHealth, inFlightOf, logHealth, measureMemory } from './core-health.ts'
import { readDefined, readModel, readSet } from './factor-sets.ts'
import { followOverrides } from './follow-overrides.ts'
import { guardRollups, repairDays } from './guard-rollups.ts'
import { localKeyRing } from './local-key-ring.ts'
import { openPrivacy } from './open-privacy.ts'
import { openRecomputations } from './open-recomputations.ts'
import { coreRegistryHealth, openCoreRegistry } from './open-registry.ts'
import {
  beginControl,
  clickhouseTarget,
  joinOtherJobs,
  type OnStop,
  oneAtATime,
  openAnalysts,
  openCoreLog,
  openTables,
} from './open-stores.ts'
import { publishApplied } from './publish-applied.ts'

export interface CoreDeps {
  readonly logger: Logger
  /** Folder of the built page; null: the API only. */
  readonly uiDir: string | null
  /** Told to the person at the terminal while the core boots. */
  readonly progress: (text: string) => void
  /** Told to that person alone, and kept in no log; absent: there is nobody. */
  readonly tellOperator?: (text: string) => void
}

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
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  measureMemory(registry)
  const core = { config, deps, registry, onStop }
  const stores = await openStores(core)
  const work = await startWork(core, stores)
  // The API comes last: its /health is what says that all of this is up.
  await startServing(core, stores, work)
}

interface Core {
  readonly config: CoreConfig
  readonly deps: CoreDeps
  readonly registry: Registry
  readonly onStop: OnStop
}

type Stores = Awaited<ReturnType<typeof openStores>>
type Work = Awaited<ReturnType<typeof startWork>>

async function openStores({ config, deps, registry, onStop }: Core) {
  const { logger, progress } = deps
  const opening = beginControl(config, onStop)
  const target = clickhouseTarget(config)
  const tables = await oneAtATime(config, () => openTables(target, progress, onStop))
  progress('opening the control store')
  const database = await opening
  const factors = await followOverrides({ clickhouse: tables.apiConnection, base: tables.set, logger, database })
  onStop(() => factors.stop())
  progress('opening the log')
  const schemaIds = await openCoreRegistry(config, { logger, registry }, onStop)
  const plainLog = await openCoreLog(config, logger)
  const log = schemaIds === null ? plainLog : stampSchemaId(plainLog, schemaIds)
  onStop(() => log.close())
  return { target, ...tables, database, factors, log, schemaIds }
}

/** The loader, and the work on what it has loaded. */
async function startWork(core: Core, stores: Stores) {
  const { config, deps, registry, onStop } = core
  const { logger } = deps
  const { target, apiConnection, upkeepConnection, set, database, factors, log } = stores
  const loader = await startLoading(core, stores)
  const stopLoader = () => loader.stop()
  // For a start that fails in one of the next lines.
  onStop(stopLoader)
  onStop(guardRollups({ clickhouse: upkeepConnection, loader, logger, registry }))
  const loadSet = async (id: string) => (id === set.id ? set : await readDefined(apiConnection, id))
  onStop(publishApplied({ clickhouse: apiConnection, loadSet, logger }))
  const shared = { target, loader, database, factors, logger }
  const recomputations = await openRecomputations(shared, onStop)
  const dedupeDays = config.loader.loader.retentionDays
  const erasures = await openPrivacy({ ...shared, log, dedupeDays, version: VERSION }, onStop)
  // The loader stops first: rollup work that waits for an open batch is refused then instead of waiting on.
  onStop(stopLoader)
  return { loader, recomputations, erasures }
}

async function startLoading({ config, deps, registry, onStop }: Core, stores: Stores) {
  const { logger, progress } = deps
  const { loaderConnection, upkeepConnection, factors, log, schemaIds } = stores
  const others = await joinOtherJobs(config, logger, onStop)
  progress('starting the loader')
  return await startLoader({
    log,
    clickhouse: loaderConnection,
    models: {
      get running() {
        return factors.model()
      },
      load: (id) => readModel(loaderConnection, id),
    },
    ...(schemaIds === null ? {} : { schemas: schemaIds }),
    dedupeDir: config.loader.dedupeDir,
    ...(config.loader.kafka === null ? {} : { topic: config.loader.kafka.topic }),
    settings: config.loader.loader,
    ...(others === null ? {} : { others }),
    logger,
    registry,
    repairRollups: (days) => repairDays(upkeepConnection, days, logger),
    faultPoint: armFaultPoint(config.loader.fault),
  })
}

async function startServing({ config, deps, registry, onStop }: Core, stores: Stores, work: Work): Promise<void> {
  const { logger, progress, tellOperator } = deps
  const { target, apiConnection, set, database, factors, log, schemaIds } = stores
  const { loader, recomputations, erasures } = work
  const apiConfig = { ...config.api, keyRing: config.api.keyRing ?? (await localKeyRing(config.loader.dataDir)) }
  const operator = tellOperator === undefined ? {} : { tellOperator }
  const control = await openControl({ database, nowMs: Date.now, logger, ...operator }, apiConfig)
  const authenticate = control.keys === null ? null : authenticateAnalyst(control.keys.known)
  const analysts = await openAnalysts({ config, target, apiConnection, logger, authenticate }, onStop)
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
      erasures,
      analysts,
      control,
      // On Kafka other jobs may have a share of the partitions: the table knows the watermark of all.
      ...(config.loader.kafka === null ? { watermark: () => loader.watermark() } : {}),
      inFlight: async (orgIds) => inFlightOf(loader, orgIds),
      healthChecks: {
        loader: async () => ({ ...loader.health() }),
        log: () => logHealth(log),
        database: () => databaseHealth(database),
        ...(schemaIds === null ? {} : { schema_registry: async () => coreRegistryHealth(schemaIds) }),
      },
      replayLog: log,
      ...(schemaIds === null ? {} : { schemas: schemaIds }),
      uiDir: deps.uiDir,
      edgeUrl: `http://localhost:${config.edgePort}`,
    },
    apiConfig,
  )
  onStop(() => api.stop())
}
