/** Which address does what; everything else is told so. */
import type { Logger } from 'pino'
import type { Cors } from './cors.ts'
import { type Refusal, refusalBody, statusLine, statusOf } from './errors.ts'
import type { EdgeHealth } from './health.ts'
import type { Exchange, HeaderList } from './http-server.ts'
import { isLocalHost } from './local-host.ts'
import type { EdgeMetrics } from './metrics.ts'
import { requestIdOf } from './request-id.ts'

export interface RouteDeps {
  readonly ingest: (exchange: Exchange) => void
  readonly health: EdgeHealth
  readonly metrics: EdgeMetrics
  readonly cors: Cors
  readonly logger: Logger
  /** Local mode answers under the names of this machine only. */
  readonly localNamesOnly: boolean
}

export function route(deps: RouteDeps, exchange: Exchange): void {
  const { method, path, host } = exchange.head
  if (deps.localNamesOnly && !isLocalHost(host)) {
    refuse(deps, exchange, FOREIGN_HOST)
    return
  }
  const address = ADDRESSES.get(path)
  if (address === undefined) {
    refuse(deps, exchange, { code: 'not_found', message: 'find address: there is nothing here; try POST /v1/ingest' })
  } else if (address.methods.includes(method)) {
    address.answer(deps, exchange)
  } else if (method === 'OPTIONS') {
    preflight(deps, exchange, allowOf(address))
  } else {
    const allow = allowOf(address)
    refuse(deps, exchange, { code: 'method_not_allowed', message: `use address: ${allow} is wanted`, allow })
  }
}

/** What went wrong stands in the log alone, under the id that the client is given. */
export function routeFailed(deps: RouteDeps, exchange: Exchange, fault: unknown): void {
  const requestId = requestIdOf(exchange.head.requestId)
  deps.logger.error({ requestId, fault: fault instanceof Error ? fault.stack : String(fault) }, 'request failed')
  if (exchange.open) refuse(deps, exchange, FAULT, requestId)
}

const FAULT: Refusal = { code: 'internal', message: 'answer request: a fault of the edge; it is in its log' }

const FOREIGN_HOST: Refusal = {
  code: 'forbidden',
  message: 'read host: local mode answers under the names localhost and 127.0.0.1 only',
}

interface Address {
  readonly methods: readonly string[]
  readonly answer: (deps: RouteDeps, exchange: Exchange) => void
}

const ADDRESSES: ReadonlyMap<string, Address> = new Map([
  ['/v1/ingest', { methods: ['POST'], answer: (deps, exchange) => deps.ingest(exchange) }],
  ['/health', { methods: ['GET', 'HEAD'], answer: answerLater(answerHealth) }],
  ['/metrics', { methods: ['GET', 'HEAD'], answer: answerLater(answerMetrics) }],
] satisfies [string, Address][])

const allowOf = (address: Address): string => [...address.methods, 'OPTIONS'].join(', ')

function preflight(deps: RouteDeps, exchange: Exchange, allow: string): void {
  answer(deps, exchange, 204, ['allow', allow, ...deps.cors.preflightFor(exchange.head.origin)], '')
}

function answerLater(work: (deps: RouteDeps, exchange: Exchange) => Promise<void>): Address['answer'] {
  return (deps, exchange) => {
    work(deps, exchange).catch((error: unknown) => exchange.fail(error))
  }
}

async function answerHealth(deps: RouteDeps, exchange: Exchange): Promise<void> {
  const health = await deps.health.read()
  answer(deps, exchange, health.status === 'down' ? 503 : 200, JSON_HEADERS, JSON.stringify(health))
}

async function answerMetrics(deps: RouteDeps, exchange: Exchange): Promise<void> {
  const { registry } = deps.metrics
  const text = await registry.metrics()
  answer(deps, exchange, 200, ['content-type', registry.contentType, 'cache-control', 'no-store'], text)
}

const JSON_HEADERS: HeaderList = ['content-type', 'application/json', 'cache-control', 'no-store']

function refuse(
  deps: RouteDeps,
  exchange: Exchange,
  refusal: Refusal,
  requestId = requestIdOf(exchange.head.requestId),
): void {
  const allow = refusal.allow === undefined ? [] : ['allow', refusal.allow]
  const headers = [
    'content-type',
    'application/json',
    'x-request-id',
    requestId,
    ...allow,
    ...deps.cors.headersFor(exchange.head.origin),
  ]
  deps.metrics.countRefusal(refusal.code)
  answer(deps, exchange, statusOf(refusal), headers, refusalBody(refusal, requestId, null))
}

function answer(deps: RouteDeps, exchange: Exchange, status: number, headers: HeaderList, body: string): void {
  deps.metrics.countStatus(status)
  exchange.answer(statusLine(status), headers, body)
}
