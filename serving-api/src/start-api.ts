/** Composes the serving API and listens. The process that owns the database passes everything in and stops it again. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AnalystDesk, type ClickHouse, remakeProjections } from '@ecomind/clickhouse'
import type { EventLog } from '@ecomind/event-log'
import { LOADER_GROUP } from '@ecomind/schemas'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { createApp } from './app.ts'
import { type AuditDesk, openAuditDesk } from './audit/audit-desk.ts'
import type { ApiConfig } from './config.ts'
import type { ApiContext, HealthCheck, InFlightHour, ReplaySchemas } from './context.ts'
import { type ControlPlane, openControl } from './control.ts'
import type { Database } from './database/database.ts'
import { FactorLibrary, type LoadFactorSet } from './factor-library.ts'
import { answerBrokenRequests } from './http/broken-requests.ts'
import { readWatermark } from './installation.ts'
import type { EdgeNews } from './keys/edge-news.ts'
import { LiveHub } from './live/live-hub.ts'
import type { RunningFactors } from './overrides/running-factors.ts'
import type { Erasures } from './privacy/erasures.ts'
import type { Recomputations } from './recomputation/recomputations.ts'
import { ScopeKeeper } from './scope.ts'
import { RankingMemory } from './usage/ranking-memory.ts'
import { reportBasis } from './usage/report-basis.ts'

export interface ApiDeps {
  /** A connection of role `api`, not shared with the loader or analysts; not closed by the API. */
  readonly clickhouse: ClickHouse
  readonly logger: Logger
  readonly registry: Registry
  readonly version: string
  /** Factor sets by id; null when there is no such set. */
  readonly loadFactorSet: LoadFactorSet
  /** Control store and running factors; absent: /v1/factors answers database_unavailable. Not closed by the API. */
  readonly database?: Database
  readonly runningFactors?: RunningFactors
  /** Absent: opened from the control store and the settings. */
  readonly control?: ControlPlane
  /** Absent: recomputations are refused, and every answer holds all generations. Not stopped by the API. */
  readonly recomputations?: Recomputations
  /** Absent: erasures are refused. Not stopped by the API. */
  readonly erasures?: Erasures
  /** Where statements of analysts go; absent: they are refused. Not closed by the API. */
  readonly analysts?: AnalystDesk | null
  /** Global watermark, epoch milliseconds. Absent: read from the table `watermarks`. */
  readonly watermark?: () => number | null
  /** Durable in the log and not loaded yet, without replays. */
  readonly inFlight: (orgIds: readonly string[]) => Promise<readonly InFlightHour[]>
  /** States of the other parts of the process, by name; `clickhouse` is added here. */
  readonly healthChecks: Readonly<Record<string, () => Promise<HealthCheck>>>
  /** Null: replays are refused with `log_unavailable`. */
  readonly replayLog: Pick<EventLog, 'append' | 'partitions'> | null
  /** Where schema ids come from a registry; absent: ids of the schemas folder. */
  readonly schemas?: ReplaySchemas
  /** Folder of the built pages; null: the API only. */
  readonly uiDir: string | null
  /** Where clients send events, for the page's example; default: not known. */
  readonly edgeUrl?: string
  readonly nowMs?: () => number
}

export interface RunningApi {
  readonly url: string
  readonly port: number
  /** Ends live connections, lets requests under way finish, then frees the port. Can be called twice. */
  stop(): Promise<void>
}

/** Time that a client has for its head and for its body. */
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 30_000
/** Longer than the idle time of most proxies' own pools would need; short enough that idle sockets go. */
const KEEP_ALIVE_TIMEOUT_MS = 10_000
const CONNECTIONS_MAX = 2_000
/** Requests under way get this long when the process stops. */
const DRAIN_MS = 5_000
const SWEEP_MS = 20

/** @throws Error when the port is taken */
export async function startApi(deps: ApiDeps, config: ApiConfig): Promise<RunningApi> {
  const { nowMs = Date.now, logger, database = null } = deps
  const control = deps.control ?? (await openControl({ database, nowMs, logger }, config))
  const audit = database === null ? null : openAuditDesk({ ...deps, database, keyRing: config.keyRing, nowMs })
  const context = makeContext(deps, config, control, audit)
  const keeper = new ScopeKeeper({
    clickhouse: deps.clickhouse,
    generationMax: (orgId) => deps.recomputations?.generationMax(orgId, undefined) ?? null,
    limits: { maxExecutionMs: config.queryTimeoutMs, maxMemoryBytes: config.queryMemoryBytes },
    questionsMax: config.requestsMax,
    onDamage: once(() => remake(deps)),
    database,
    organisations: control.organisations,
  })
  const app = createApp({
    context,
    keeper,
    authenticate: control.authenticate,
    proxyHops: config.proxyHops,
    isSecure: config.publicUrl.startsWith('https:'),
    uiDir: deps.uiDir,
    edgeUrl: deps.edgeUrl ?? '',
  })
  const server = createServer({ headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS }, app)
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS
  server.maxConnections = CONNECTIONS_MAX + config.liveConnectionsMax
  answerBrokenRequests(server)
  await listen(server, config).catch(async (error: unknown) => {
    await audit?.stop()
    throw error
  })
  const { port } = server.address() as AddressInfo
  deps.logger.info(
    { port, mode: config.mode },
    config.mode === 'local'
      ? 'serving API listens; local mode answers for org_demo without a key'
      : 'serving API listens; it answers to keys and sessions',
  )
  let stopping: Promise<void> | undefined
  return {
    port,
    url: `http://${config.host}:${port}`,
    stop: () => {
      control.stop?.()
      stopping ??= stop(server, context.live, control.keys?.edges ?? null).then(() => audit?.stop())
      return stopping
    },
  }
}

/** For the rest of this process: what is made again is whole, or nothing that a second time would mend. */
function once(work: () => void): () => void {
  let done = false
  return () => {
    if (!done) work()
    done = true
  }
}

function remake({ clickhouse, logger }: Pick<ApiDeps, 'clickhouse' | 'logger'>): void {
  logger.error('sums beside rollups can not be read: answers come from the rows, and the sums are made again')
  remakeProjections(clickhouse).catch((error: Error) => logger.error({ err: error }, 'make sums beside rollups again'))
}

function makeContext(deps: ApiDeps, config: ApiConfig, control: ControlPlane, audit: AuditDesk | null): ApiContext {
  const nowMs = deps.nowMs ?? Date.now
  const { watermark } = deps
  let replays: Promise<unknown> = Promise.resolve()
  const context: Omit<ApiContext, 'live'> = {
    nowMs,
    latenessMs: config.latenessMs,
    mode: config.mode,
    version: deps.version,
    watermarkMs: watermark === undefined ? () => readWatermark(deps.clickhouse, LOADER_GROUP) : async () => watermark(),
    inFlight: deps.inFlight,
    healthChecks: {
      clickhouse: async () => {
        await deps.clickhouse.query({ text: 'SELECT 1 AS one' }, { maxExecutionMs: 2000 })
        return { status: 'ok' }
      },
      ...deps.healthChecks,
    },
    control,
    audit,
    factors: new FactorLibrary(deps.loadFactorSet),
    rankings: new RankingMemory(nowMs),
    runningFactors: deps.runningFactors ?? null,
    recomputations: deps.recomputations ?? null,
    erasures: deps.erasures ?? null,
    exporting: new Set(),
    replayLog: deps.replayLog,
    analysts: deps.analysts ?? null,
    schemas: deps.schemas ?? null,
    replayTurn: (work) => {
      const turn = replays.then(work)
      replays = turn.catch(() => undefined)
      return turn
    },
    logger: deps.logger,
    registry: deps.registry,
  }
  const live = new LiveHub({
    nowMs,
    basis: () => reportBasis(context),
    pollMs: config.livePollMs,
    connectionsMax: config.liveConnectionsMax,
    logger: deps.logger,
  })
  return { ...context, live }
}

async function listen(server: Server, { host, port }: ApiConfig): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function stop(server: Server, live: LiveHub, edges: EdgeNews | null): Promise<void> {
  // Clients that come again and again on one connection would hold it open.
  server.prependListener('request', (_req, res) => res.setHeader('Connection', 'close'))
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  edges?.close()
  await live.close()
  // A connection kept alive becomes idle only when its present request is done.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS)
  const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
  await closed
  clearInterval(sweep)
  clearTimeout(timer)
}
