/**
 * ClickHouse's HTTP interface over the engine in this process, read-only: `curl`, `@clickhouse/client` and BI tools ask
 * it as they would ask a server. Statements go through AnalystSql; nothing else of the engine can be reached from here.
 */
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzip } from 'node:zlib'
import { errorNameOf } from './analyst-errors.ts'
import { type AnalystAnswer, type AnalystLimits, type AnalystSql, openAnalystSql } from './analyst-sql.ts'
import { AnalystError } from './canonical-statement.ts'
import { OUTPUT_FORMATS } from './output-formats.ts'
import { readRequest, type SqlRequest } from './sql-port-request.ts'
import { TurnQueue } from './turn-queue.ts'

export interface SqlPortOptions {
  readonly dataDir: string
  readonly spoolDir: string
  /** 0 takes any free port. */
  readonly port: number
  /** Default 127.0.0.1. */
  readonly host?: string
  readonly limits?: AnalystLimits
  /** Bytes of one request's body; default 262,144, ClickHouse's own bound for a statement. */
  readonly maxBodyBytes?: number
  /** Statements that run at a time; default 2. More wait, */
  readonly maxRunning?: number
  /** at most so many; default 16. Beyond that a client is told to come later. */
  readonly maxWaiting?: number
  /** How long a client may take to send a request or to take an answer, in milliseconds; default 30,000. */
  readonly clientTimeoutMs?: number
  /** Names a request may come for, besides this machine's; guards against pages that rebind a name to 127.0.0.1. */
  readonly hostNames?: readonly string[]
  /** Told of every request: no text of statements, no values. */
  readonly onRequest?: (entry: SqlPortLogEntry) => void
}

export interface SqlPortLogEntry {
  readonly queryId: string
  readonly status: number
  readonly errorCode: number | null
  readonly elapsedMs: number
  readonly answerBytes: number
}

export interface SqlPort {
  readonly port: number
  /** Ends idle connections, waits for statements under way, frees the engine. */
  close(): Promise<void>
}

const LOCAL_NAMES = ['localhost', '127.0.0.1', '[::1]']

/** @throws ClickHouseError when the engine can't be opened, Error when the port is taken */
export async function openSqlPort(options: SqlPortOptions): Promise<SqlPort> {
  const sql = await openAnalystSql(options, options.limits)
  const queue = new TurnQueue(options.maxRunning ?? 2, options.maxWaiting ?? 16)
  const server = createServer((request, response) => {
    void serve({ options, sql, queue }, request, response)
  })
  const timeoutMs = options.clientTimeoutMs ?? 30_000
  server.requestTimeout = timeoutMs
  server.headersTimeout = timeoutMs
  try {
    await listen(server, options.port, options.host ?? '127.0.0.1')
  } catch (cause) {
    await sql.close()
    throw cause
  }
  const { port } = server.address() as AddressInfo
  return {
    port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      await queue.idle()
      await Promise.race([closed, pause(1000)])
      server.closeAllConnections()
      await closed
      await sql.close()
    },
  }
}

interface Context {
  readonly options: SqlPortOptions
  readonly sql: AnalystSql
  readonly queue: TurnQueue
}

async function serve(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const start = performance.now()
  const queryId = randomUUID()
  let errorCode: number | null = null
  let answerBytes = 0
  try {
    answerBytes = await answer(context, request, response, queryId)
  } catch (cause) {
    const error = cause instanceof AnalystError ? cause : new AnalystError(1002, 'the request failed')
    errorCode = error.code
    sendError(response, error, queryId)
  }
  const elapsedMs = performance.now() - start
  context.options.onRequest?.({ queryId, status: response.statusCode, errorCode, elapsedMs, answerBytes })
}

async function answer(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
  queryId: string,
): Promise<number> {
  checkHost(request, context.options)
  const asked = await readRequest(request, context.options.maxBodyBytes ?? 262_144)
  if (asked.kind === 'ping') return sendText(response, 200, 'Ok.\n')
  if (asked.kind === 'not-found') return sendText(response, 404, 'There is no such path; ask with /?query=...\n')
  if (asked.kind === 'method') return sendText(response, 405, 'Only GET, HEAD and POST are served\n')
  const id = asked.queryId ?? queryId
  const result = await context.queue.run(
    () => context.sql.run(asked),
    () => response.destroyed,
  )
  // Only now is it the client's turn again: a statement may wait and run for longer than a client may dawdle.
  response.setTimeout(context.options.clientTimeoutMs ?? 30_000, () => response.destroy())
  return await sendAnswer(request, response, asked, result, id)
}

function checkHost(request: IncomingMessage, options: SqlPortOptions): void {
  const name = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase()
  const allowed = [...LOCAL_NAMES, ...(options.hostNames ?? [])]
  if (!allowed.includes(name)) throw new AnalystError(497, 'this host name is not served')
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
  const summary = { read_rows: String(result.rowsRead), read_bytes: String(result.bytesRead) }
  response.writeHead(200, {
    ...commonHeaders(queryId),
    'content-type': OUTPUT_FORMATS.get(result.format) ?? 'application/octet-stream',
    'content-length': body.byteLength,
    'x-clickhouse-format': result.format,
    'x-clickhouse-summary': JSON.stringify({
      ...summary,
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
    ...(error.code === 202 ? { 'retry-after': '1' } : {}),
  })
  response.end(text)
}

/** As the server's HTTPHandler does. */
function statusOf(code: number): number {
  if (code === 497) return 403
  if (code === 60 || code === 46 || code === 47 || code === 73 || code === 81) return 404
  if (code === 159) return 408
  if (code === 131) return 413
  if (code === 202) return 503
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
