/**
 * ClickHouse's HTTP interface over the engine in this process, read-only: `curl`, `@clickhouse/client` and BI tools ask
 * it as they would ask a server. Statements go through AnalystSql; nothing else of the engine can be reached from here.
 */
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzip } from 'node:zlib'
import type { AnalystDesk } from './analyst-desk.ts'
import { errorNameOf } from './analyst-errors.ts'
import type { AnalystAnswer } from './analyst-sql.ts'
import { ACCESS_DENIED, AnalystError, AUTHENTICATION_FAILED } from './canonical-statement.ts'
import { OUTPUT_FORMATS } from './output-formats.ts'
import { type Authenticate, type Credentials, readCredentials } from './sql-port-credentials.ts'
import { readRequest, type SqlRequest } from './sql-port-request.ts'

/** Whose port it is: one organisation's, without keys and for this machine only, or everybody's who has a key. */
export type SqlPortAccess =
  | {
      readonly kind: 'local'
      readonly orgId: string
      /** Names a request may come for, besides this machine's; guards against pages that rebind a name to 127.0.0.1. */
      readonly hostNames?: readonly string[]
    }
  | { readonly kind: 'keys'; readonly authenticate: Authenticate }

export interface SqlPortOptions {
  readonly desk: AnalystDesk
  readonly access: SqlPortAccess
  /** 0 takes any free port. */
  readonly port: number
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Bytes of one request's body; default 262,144, ClickHouse's own bound for a statement. */
  readonly maxBodyBytes?: number
  /** How long a client may take to send a request or to take an answer, in milliseconds; default 30,000. */
  readonly clientTimeoutMs?: number
  /** Told of every request: no text of statements, no values. */
  readonly onRequest?: (entry: SqlPortLogEntry) => void
}

export interface SqlPortLogEntry {
  readonly queryId: string
  /** Null when nobody was let in. */
  readonly orgId: string | null
  readonly keyId: string | null
  readonly status: number
  readonly errorCode: number | null
  readonly elapsedMs: number
  readonly answerBytes: number
}

export interface SqlPort {
  readonly port: number
  /** Ends idle connections and waits for statements under way. The desk stays open. */
  close(): Promise<void>
}

const LOCAL_NAMES = ['localhost', '127.0.0.1', '[::1]']

/** @throws Error when the port is taken */
export async function openSqlPort(options: SqlPortOptions): Promise<SqlPort> {
  const underWay = new Set<Promise<unknown>>()
  const server = createServer((request, response) => {
    void serve(options, underWay, request, response)
  })
  const timeoutMs = options.clientTimeoutMs ?? 30_000
  server.requestTimeout = timeoutMs
  server.headersTimeout = timeoutMs
  await listen(server, options.port, options.host ?? '127.0.0.1')
  const { port } = server.address() as AddressInfo
  return {
    port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      await Promise.allSettled(underWay)
      await Promise.race([closed, pause(1000)])
      server.closeAllConnections()
      await closed
    },
  }
}

interface Asker {
  readonly orgId: string
  readonly orgIds: readonly string[]
  readonly keyId: string | null
}

async function serve(
  options: SqlPortOptions,
  underWay: Set<Promise<unknown>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const start = performance.now()
  const queryId = randomUUID()
  let asker: Asker | null = null
  let errorCode: number | null = null
  let answerBytes = 0
  try {
    if (options.access.kind === 'local') checkHost(request, options.access.hostNames ?? [])
    const asked = await readRequest(request, options.maxBodyBytes ?? 262_144)
    if (asked.kind === 'query') {
      asker = await askerOf(request, options.access)
      const work = answerQuery(options, asker, request, response, asked, asked.queryId ?? queryId)
      underWay.add(work)
      answerBytes = await work.finally(() => underWay.delete(work))
    } else answerBytes = sendOther(response, asked.kind)
  } catch (cause) {
    const error = cause instanceof AnalystError ? cause : new AnalystError(1002, 'the request failed')
    errorCode = error.code
    sendError(response, error, queryId)
  }
  const elapsedMs = performance.now() - start
  const who = { orgId: asker?.orgId ?? null, keyId: asker?.keyId ?? null }
  options.onRequest?.({ queryId, ...who, status: response.statusCode, errorCode, elapsedMs, answerBytes })
}

/** Ping says that it lives to whoever asks, as a server does. */
function sendOther(response: ServerResponse, kind: 'ping' | 'not-found' | 'method'): number {
  if (kind === 'ping') return sendText(response, 200, 'Ok.\n')
  if (kind === 'not-found') return sendText(response, 404, 'There is no such path; ask with /?query=...\n')
  return sendText(response, 405, 'Only GET, HEAD and POST are served\n')
}

async function answerQuery(
  { desk, clientTimeoutMs = 30_000 }: SqlPortOptions,
  asker: Asker,
  request: IncomingMessage,
  response: ServerResponse,
  asked: SqlRequest,
  queryId: string,
): Promise<number> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const result = await desk.run(asked, { ...asker, queryId, gone: gone.signal })
  // Only now is it the client's turn again: a statement may wait and run for longer than a client may dawdle.
  response.setTimeout(clientTimeoutMs, () => response.destroy())
  return await sendAnswer(request, response, asked, result, queryId)
}

/**
 * Records that can't be decoded name no organisation; in local mode they can only be its own.
 * One sentence for whoever is not let in, whatever was wrong, so that nobody learns which organisations there are.
 */
async function askerOf(request: IncomingMessage, access: SqlPortAccess): Promise<Asker> {
  if (access.kind === 'local') return { orgId: access.orgId, orgIds: [access.orgId, ''], keyId: null }
  const credentials: Credentials = readCredentials(request)
  const principal = await access.authenticate(credentials)
  if (principal === null || (credentials.orgId !== null && credentials.orgId !== principal.orgId))
    throw new AnalystError(AUTHENTICATION_FAILED, 'Authentication failed: the key is not known for this organisation')
  return { ...principal, orgIds: [principal.orgId] }
}

function checkHost(request: IncomingMessage, hostNames: readonly string[]): void {
  const name = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase()
  if (![...LOCAL_NAMES, ...hostNames].includes(name))
    throw new AnalystError(ACCESS_DENIED, 'this host name is not served')
}

async function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  asked: SqlRequest,
  result: AnalystAnswer,
  queryId: string,
): Promise<number> {
  const zipped = asked.compress && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  const body = zipped ? await gzipped(result.bytes) : result.bytes
  response.writeHead(200, {
    ...commonHeaders(queryId),
    'content-type': OUTPUT_FORMATS.get(result.format) ?? 'application/octet-stream',
    'content-length': body.byteLength,
    'x-clickhouse-format': result.format,
    'x-clickhouse-summary': JSON.stringify({
      // Of the answer: what was read to make it counts rows of others.
      read_rows: String(result.rows),
      read_bytes: String(result.bytes.byteLength),
      written_rows: '0',
      written_bytes: '0',
      elapsed_ns: String(Math.round(result.elapsedSeconds * 1e9)),
    }),
    ...(zipped ? { 'content-encoding': 'gzip' } : {}),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
  return body.byteLength
}

function commonHeaders(queryId: string): Record<string, string> {
  return {
    'x-clickhouse-query-id': queryId,
    'x-clickhouse-timezone': 'UTC',
    'x-clickhouse-server-display-name': 'ecomind',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  }
}

function sendText(response: ServerResponse, status: number, text: string): number {
  response.writeHead(status, { 'content-type': 'text/plain; charset=UTF-8', 'x-content-type-options': 'nosniff' })
  response.end(text)
  return Buffer.byteLength(text)
}

/** In the words that ClickHouse's drivers read: `Code: 62. DB::Exception: ... (SYNTAX_ERROR)`. */
function sendError(response: ServerResponse, error: AnalystError, queryId: string): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const text = `Code: ${error.code}. DB::Exception: ${error.message}. (${errorNameOf(error.code)}) (version 26.7 ecomind)\n`
  response.writeHead(statusOf(error.code), {
    ...commonHeaders(queryId),
    'content-type': 'text/plain; charset=UTF-8',
    'x-clickhouse-exception-code': String(error.code),
    // What is left of a refused body is not read; the connection can't be used again.
    ...(error.code === 131 ? { connection: 'close' } : {}),
    ...(error.code === AUTHENTICATION_FAILED ? { 'www-authenticate': 'Basic realm="ecomind"' } : {}),
    ...(error.code === 202 ? { 'retry-after': '1' } : {}),
  })
  response.end(text)
}

/** As the server's HTTPHandler does. */
function statusOf(code: number): number {
  if (code === AUTHENTICATION_FAILED) return 401
  if (code === ACCESS_DENIED) return 403
  if (code === 60 || code === 46 || code === 47 || code === 73 || code === 81) return 404
  if (code === 159) return 408
  if (code === 131) return 413
  if (code === 202) return 503
  if (code === 394) return 499
  if (code === 241 || code === 396 || code === 158) return 500
  return code >= 1000 ? 500 : 400
}

async function gzipped(bytes: Uint8Array): Promise<Uint8Array> {
  return await new Promise((resolve, reject) => {
    gzip(bytes, { level: 1 }, (error, zipped) => (error === null ? resolve(zipped) : reject(error)))
  })
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}
