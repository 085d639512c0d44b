/** Reads a request of ClickHouse's HTTP interface. Parameters that set what we decide ourselves are ignored. */
import type { IncomingMessage } from 'node:http'
import { OUTPUT_SETTINGS } from './analyst-settings.ts'
import type { AnalystQuestion } from './analyst-sql.ts'
import { AnalystError, SYNTAX_ERROR } from './canonical-statement.ts'

export interface SqlRequest extends AnalystQuestion {
  readonly kind: 'query'
  readonly params: Readonly<Record<string, string>>
  readonly outputSettings: Readonly<Record<string, string>>
  /** The client's own, if it is a plain one. */
  readonly queryId: string | null
  /** The client may be sent gzip. */
  readonly compress: boolean
}

export type ReadRequest =
  | SqlRequest
  | { readonly kind: 'ping' }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'method' }

const PARAM_NAME = /^param_([A-Za-z_]\w{0,63})$/
const QUERY_ID = /^[\w-]{1,64}$/
const PARAMS_MAX = 100

/** @throws AnalystError for bodies that are too large or not text */
export async function readRequest(request: IncomingMessage, maxBodyBytes: number): Promise<ReadRequest> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const method = request.method ?? 'GET'
  if (method !== 'GET' && method !== 'POST' && method !== 'HEAD') return { kind: 'method' }
  if (url.pathname === '/ping') return { kind: 'ping' }
  if (url.pathname !== '/' && url.pathname !== '/query') return { kind: 'not-found' }
  const body = await readBody(request, maxBodyBytes)
  const text = [url.searchParams.get('query') ?? '', body].filter((part) => part.trim() !== '').join('\n')
  if (text === '') return method === 'POST' ? emptyQuery() : { kind: 'ping' }
  if (text.length > maxBodyBytes) throw tooLarge(maxBodyBytes)
  checkDatabase(url, request)
  return {
    kind: 'query',
    text,
    params: paramsOf(url),
    paramForm: 'escaped',
    outputSettings: outputSettingsOf(url),
    defaultFormat: url.searchParams.get('default_format') ?? headerOf(request, 'x-clickhouse-format') ?? 'TabSeparated',
    queryId: queryIdOf(url),
    compress: url.searchParams.get('enable_http_compression') === '1',
  }
}

function emptyQuery(): never {
  throw new AnalystError(SYNTAX_ERROR, 'empty query')
}

function tooLarge(maxBodyBytes: number): AnalystError {
  return new AnalystError(131, `the statement is longer than ${maxBodyBytes} bytes`)
}

async function readBody(request: IncomingMessage, maxBodyBytes: number): Promise<string> {
  if (request.headers['content-encoding'] !== undefined && request.headers['content-encoding'] !== 'identity') {
    throw new AnalystError(SYNTAX_ERROR, 'send the statement without content-encoding')
  }
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw tooLarge(maxBodyBytes)
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBodyBytes) throw tooLarge(maxBodyBytes)
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new AnalystError(SYNTAX_ERROR, 'the statement is not UTF-8')
  }
}

/** There is one database; drivers that say nothing say `default`. */
function checkDatabase(url: URL, request: IncomingMessage): void {
  const name = url.searchParams.get('database') ?? headerOf(request, 'x-clickhouse-database') ?? 'ecomind'
  if (name !== 'ecomind' && name !== 'default') throw new AnalystError(81, 'the only database is ecomind')
  if (url.searchParams.get('compress') === '1' || url.searchParams.get('decompress') === '1') {
    throw new AnalystError(SYNTAX_ERROR, "ClickHouse's own compression is not served; use enable_http_compression=1")
  }
}

function paramsOf(url: URL): Readonly<Record<string, string>> {
  const params: Record<string, string> = {}
  for (const [key, value] of url.searchParams) {
    const name = PARAM_NAME.exec(key)?.[1]
    if (name !== undefined) params[name] = value
    if (Object.keys(params).length > PARAMS_MAX)
      throw new AnalystError(SYNTAX_ERROR, `more than ${PARAMS_MAX} parameters`)
  }
  return params
}

function outputSettingsOf(url: URL): Readonly<Record<string, string>> {
  const settings: Record<string, string> = {}
  for (const [name, form] of OUTPUT_SETTINGS) {
    const value = url.searchParams.get(name)
    if (value !== null && form.test(value)) settings[name] = value
  }
  return settings
}

function queryIdOf(url: URL): string | null {
  const id = url.searchParams.get('query_id')
  return id !== null && QUERY_ID.test(id) ? id : null
}

function headerOf(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name]
  return typeof value === 'string' ? value : null
}
