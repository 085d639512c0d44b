/**
 * A small HTTP front over the engine in this process that also writes, for tests of the HTTP client only: no server binary
 * can be had here. It speaks as much of ClickHouse's HTTP interface as HttpClickHouse uses: gzip both ways, exceptions as
 * status and header, log-in. It has no walls at all and leaves the settings in an address alone. Faults are armed by tests
 * (front-faults.ts).
 */
import { rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { Session } from 'chdb'
import { bindParams } from '../bind-params.ts'
import { parseErrorCode } from '../engine-errors.ts'
import { type ArmedFaults, noFaults } from './front-faults.ts'

export interface WriteFront {
  readonly url: string
  close(): Promise<void>
}

export interface FrontOptions {
  readonly dataDir: string
  readonly spoolDir: string
  /** Default: a free one. */
  readonly port?: number
  readonly faults?: ArmedFaults
  /** What to run in place of a statement, in this order; the last one's answer counts. Default: the statement itself. */
  readonly rewrite?: (text: string) => readonly string[]
  /** `name:password` that every request must carry; default: anybody. */
  readonly login?: string
  /** Over TLS; with `ca` it wants a certificate of that authority from the client. */
  readonly tls?: { readonly key: Buffer; readonly cert: Buffer; readonly ca?: Buffer }
}

export async function openWriteFront(options: FrontOptions): Promise<WriteFront> {
  const listener: RequestListener = (request, response) => {
    void answer(request, response, options).catch(() => response.destroy())
  }
  const { tls } = options
  const server =
    tls === undefined
      ? createServer(listener)
      : createSecureServer({ ...tls, requestCert: tls.ca !== undefined }, listener)
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const INSERT = /^(INSERT INTO ecomind(?:_in)?\.(\w+)) (SETTINGS [\s\S]*) FORMAT Native$/
const ANSWER_FORMAT = /\nFORMAT (\w+)\s*$/
let spoolCounter = 0

async function answer(request: IncomingMessage, response: ServerResponse, options: FrontOptions): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const body = await bodyOf(request)
  if (!isLoggedIn(request, options.login)) {
    refuse(response, 403, 516, 'Code: 516. DB::Exception: Authentication failed. (AUTHENTICATION_FAILED)')
    return
  }
  const inUrl = (url.searchParams.get('query') ?? '').trim()
  const insert = INSERT.exec(inUrl)
  const file = join(options.spoolDir, `front-${process.pid}-${spoolCounter++}.native`)
  const text = insert === null ? (inUrl === '' ? body.toString() : `${inUrl}\n${body}`) : insertFrom(file, insert)
  const faults = options.faults ?? noFaults
  const step = { table: insert?.[2] ?? null, text, response }
  if (await faults.before(step)) return
  try {
    if (insert !== null) await writeFile(file, body)
    faults.during(step)
    let result: Buffer = Buffer.alloc(0)
    for (const one of options.rewrite?.(text) ?? [text]) {
      result = await run(options.dataDir, one, paramsOf(url))
    }
    if (await faults.after(step)) return
    send(response, request, url, result)
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause)
    refuse(response, 500, parseErrorCode(words), `${words} (version 26.7 test)`)
  } finally {
    await rm(file, { force: true })
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
}

const insertFrom = (file: string, [, into, , settings]: RegExpExecArray): string =>
  `${into} SELECT * FROM file('${file}', 'Native') ${settings}`

function paramsOf(url: URL): Record<string, string> {
  return Object.fromEntries(
    [...url.searchParams].flatMap(([k, v]) => (k.startsWith('param_') ? [[k.slice(6), v] as const] : [])),
  )
}

async function run(dataDir: string, text: string, params: Record<string, string>): Promise<Buffer> {
  const format = ANSWER_FORMAT.exec(text)?.[1] ?? 'TabSeparated'
  const session = new Session(dataDir)
  try {
    const plain = text.replace(ANSWER_FORMAT, '')
    const result = await session.queryAsync(bindParams(plain, params, 'escaped'), { format })
    return Buffer.from(result.bytes())
  } finally {
    session.close()
  }
}

function send(response: ServerResponse, request: IncomingMessage, url: URL, body: Buffer): void {
  const gzip = url.searchParams.get('enable_http_compression') === '1' && request.headers['accept-encoding'] === 'gzip'
  if (gzip) response.setHeader('content-encoding', 'gzip')
  response.end(gzip ? gzipSync(body) : body)
}

function refuse(response: ServerResponse, status: number, code: number | null, words: string): void {
  response.statusCode = status
  if (code !== null) response.setHeader('x-clickhouse-exception-code', String(code))
  response.end(words)
}

function isLoggedIn(request: IncomingMessage, login: string | undefined): boolean {
  if (login === undefined) return true
  const basic = request.headers.authorization?.replace(/^Basic /, '')
  return basic !== undefined && Buffer.from(basic, 'base64').toString() === login
}
