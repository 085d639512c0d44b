/** Puts the edge together and starts it. */
import { randomBytes } from 'node:crypto'
import type { EventLog } from '@ecomind/event-log'
import type { SchemaIds } from '@ecomind/schemas/registry'
import type { Logger } from 'pino'
import packageJson from '../package.json' with { type: 'json' }
import { type Authorise, authoriseLocally } from './authorise.ts'
import type { EdgeConfig } from './config.ts'
import { createCors } from './cors.ts'
import { createFaultPoint } from './fault-point.ts'
import { GroupCommit } from './group-commit.ts'
import { EdgeHealth } from './health.ts'
import { type HttpServer, openHttpServer } from './http-server.ts'
import { InFlightBudget } from './in-flight-budget.ts'
import { type IngestDeps, ingest } from './ingest.ts'
import type { KeyCheck } from './keys/open-key-check.ts'
import { type LoadedEngine, loadUws } from './load-uws.ts'
import { EdgeMetrics } from './metrics.ts'
import type { AppendOutcome } from './partition-group.ts'
import { type RouteDeps, route, routeFailed } from './routes.ts'
import { SlowBodies } from './slow-bodies.ts'
import { uuidV7 } from './uuid-v7.ts'

export interface EdgeDeps {
  /** Stays the caller's: close it after `stop`. */
  readonly log: Pick<EventLog, 'append' | 'partitions' | 'stats'>
  readonly logger: Logger
  /** For /health and metrics; absent or null: without a schema registry. */
  readonly schemaIds?: Pick<SchemaIds, 'health' | 'isUp'> | null
  /** Epoch milliseconds; default `Date.now`. */
  readonly nowMs?: () => number
  /** Needed in production mode and there only. Stays the caller's: stop it after `stop`. */
  readonly keyCheck?: KeyCheck | null
}

export interface RunningEdge {
  readonly port: number
  readonly httpEngine: LoadedEngine['name']
  /**
   * Takes no new connections, answers what is under way (for at most `config.drainMs`), makes durable what it took,
   * then cuts the connections. Can be called twice.
   */
  stop(): Promise<void>
}

/** Slowest body that is still waited for. */
const BODY_BYTES_PER_SECOND_MIN = 16 * 1024

/** @throws Error that names EDGE_PORT when the port cannot be had, or when production mode has no key check */
export async function startEdge(config: EdgeConfig, deps: EdgeDeps): Promise<RunningEdge> {
  const { log, logger, nowMs = Date.now, keyCheck = null, schemaIds = null } = deps
  let stopping = false
  let server: HttpServer | null = null
  const engine = loadEngine(config, logger)
  const isStopping = () => stopping
  const budget = new InFlightBudget(config.inFlightBytesMax)
  const slow = new SlowBodies(Math.max(25, config.bodyStallMs / 10), nowMs)
  const cors = createCors(config.corsOrigins)
  const metrics = new EdgeMetrics({
    bytesInFlight: () => budget.bytes,
    bytesUncommitted: () => commit.bytes,
    openRequests: () => server?.openExchanges ?? 0,
    ...(schemaIds === null ? {} : { registryUp: () => Number(schemaIds.isUp()) }),
    ...(keyCheck === null ? {} : { keys: keyCheck.gauges }),
  })
  const health = new EdgeHealth({
    mode: config.mode,
    version: packageJson.version,
    log,
    schemaIds,
    keyCheck,
    isStopping,
    bytesInFlight: () => budget.bytes,
    bytesInFlightMax: budget.limitBytes,
  })
  const reportFailure = createFailureReport(logger, nowMs)
  const commit = new GroupCommit({
    log,
    edgeId: `edge-${randomBytes(4).toString('hex')}`,
    delayMs: config.flushDelayMs,
    maxBytes: config.flushBytes,
    nowMs,
    faultPoint: createFaultPoint(config.faultPoint),
    onAppend: (outcome) => {
      metrics.observeAppend(outcome)
      health.noteAppend(outcome.failure)
      if (outcome.failure !== null) reportFailure(outcome)
    },
  })
  const ingestDeps: IngestDeps = {
    authorise: authoriseOf(config, keyCheck),
    limits: limitsOf(config),
    budget,
    slow,
    commit,
    cors,
    metrics,
    nowMs,
    newEventId: () => uuidV7(nowMs()),
    isStopping,
  }
  const routes: RouteDeps = {
    ingest: (exchange) => ingest(ingestDeps, exchange),
    health,
    metrics,
    cors,
    logger,
    localNamesOnly: config.mode === 'local',
  }
  const listening = await openHttpServer({
    uws: engine.uws,
    host: config.host,
    port: config.port,
    handle: (exchange) => route(routes, exchange),
    failed: (exchange, fault) => routeFailed(routes, exchange, fault),
  })
  server = listening
  const drain = async () => {
    stopping = true
    listening.stopListening()
    await Promise.race([listening.idle(), pause(config.drainMs)])
    await commit.drain()
    slow.stop()
    listening.close()
  }
  return { port: listening.port, httpEngine: engine.name, stop: onceOnly(drain) }
}

function onceOnly(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null
  return () => {
    done ??= work()
    return done
  }
}

/** Never by default: an edge in production that checks no keys would take anybody's events. */
function authoriseOf({ mode }: EdgeConfig, keyCheck: KeyCheck | null): Authorise {
  if ((mode === 'production') !== (keyCheck !== null))
    throw new Error('start the edge: production mode needs a key check, local mode none')
  return keyCheck?.authorise ?? authoriseLocally
}

function limitsOf(config: EdgeConfig): IngestDeps['limits'] {
  return {
    maxBytes: config.bodyBytesMax,
    stallMs: config.bodyStallMs,
    minBytesPerStall: Math.floor((BODY_BYTES_PER_SECOND_MIN * config.bodyStallMs) / 1000),
    eventsMax: config.eventsMax,
    tsAgeMsMax: config.tsAgeMsMax,
    tsAheadMsMax: config.tsAheadMsMax,
  }
}

function loadEngine(config: EdgeConfig, logger: Logger): LoadedEngine {
  const engine = loadUws(config.httpEngine)
  if (engine.warning !== null) logger.warn(engine.warning)
  return engine
}

/** One line a second at most: a log that is full refuses every append. */
function createFailureReport(logger: Logger, nowMs: () => number): (outcome: AppendOutcome) => void {
  let nextMs = 0
  let unreported = 0
  return ({ failure, events }) => {
    unreported++
    if (nowMs() < nextMs) return
    nextMs = nowMs() + 1000
    logger.warn({ failure: (failure as Error).message, events, failures: unreported }, 'append failed; clients got 503')
    unreported = 0
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}
