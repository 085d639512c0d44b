/**
 * Chooses the HTTP engine: native uWebSockets.js where a build loads on this Node version and system, else the
 * JavaScript engine with the same interface. The addon's file is loaded by itself: the JavaScript around it in the npm
 * package would print to the console and put a slow server over node:http in its place.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { jsUws } from './js-http/js-uws.ts'

export interface EngineRequest {
  getMethod(): string
  getUrl(): string
  forEach(visit: (name: string, value: string) => void): void
}

/** `end` and `endWithoutBody` answer; `close` ends the connection behind the answer. */
export interface EngineResponse {
  onAborted(handler: () => void): unknown
  /** The bytes are valid during the call only. */
  onData(handler: (chunk: ArrayBuffer | Buffer, last: boolean) => void): unknown
  cork(write: () => void): unknown
  writeStatus(status: string): EngineResponse
  writeHeader(name: string, value: string): EngineResponse
  end(body: string, close?: boolean): unknown
  endWithoutBody(length?: number, close?: boolean): unknown
}

export type EngineHandler = (response: EngineResponse, request: EngineRequest) => void

export interface EngineApp<S = object> {
  any(pattern: '/*', handler: EngineHandler): unknown
  listen(host: string, port: number, options: number, listening: (socket: S | false) => void): unknown
  close(): unknown
}

/** What the edge uses of uWebSockets.js; `S` stands for a listening socket. */
export interface Uws<S = object> {
  App(): EngineApp<S>
  us_socket_local_port(socket: S): number
  us_listen_socket_close(socket: S): void
}

export interface LoadedEngine {
  readonly name: 'native' | 'javascript'
  readonly uws: Uws
  /** Why it is not the native engine, and what to do about it; null when it is, or when nobody wanted it. */
  readonly warning: string | null
}

export interface EngineChoice {
  /** `javascript` does not look for a native build. */
  readonly engine: 'auto' | 'javascript'
  /** Folder of an official uWebSockets.js release, asked before the package in node_modules. */
  readonly uwsDir?: string | undefined
}

const require = createRequire(import.meta.url)
const ABI = process.versions.modules
const ADDON = `uws_${process.platform}_${process.arch}_${ABI}.node`
const HERE = `Node ${process.versions.node} on ${process.platform} ${process.arch}`

/** Newer releases read this when they are loaded and take heads of 4 KiB at most without it. */
const HEAD_BYTES_MAX = '16384'

export function loadUws(choice: EngineChoice): LoadedEngine {
  const javascript = { name: 'javascript', uws: jsUws as Uws } as const
  if (choice.engine === 'javascript') return { ...javascript, warning: null }
  process.env['UWS_HTTP_MAX_HEADERS_SIZE'] ??= HEAD_BYTES_MAX
  const faults: string[] = []
  for (const folder of addonFolders(choice.uwsDir)) {
    const path = join(folder, ADDON)
    if (!existsSync(path)) continue
    try {
      return { name: 'native', uws: require(path) as Uws, warning: null }
    } catch (error) {
      faults.push((error as Error).message.split('\n', 1)[0] ?? '')
    }
  }
  const why = faults.length > 0 ? faults.join('; ') : `uWebSockets.js has no build for ${HERE} (ABI ${ABI})`
  return { ...javascript, warning: `load the native HTTP engine: ${why}. ${ADVICE}` }
}

const ADVICE =
  'The edge runs on its JavaScript engine, which spends more CPU per request. For native speed take Node 20, or set EDGE_UWS_DIR to an unpacked official uWebSockets.js release that supports this Node version (it wants glibc 2.38: Debian 13, Ubuntu 24.04 or newer)'

/** Official releases have their builds beside the main file, the npm package in `binaries`. */
function addonFolders(uwsDir: string | undefined): string[] {
  const main = dirname(require.resolve('uWebSockets.js'))
  return [...(uwsDir === undefined ? [] : [uwsDir]), main, join(main, '..', 'binaries')]
}
