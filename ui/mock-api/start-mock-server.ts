/** The built page over the mock API, for browser tests: the same strict content policy as the real server sends. */
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { createMockApi, MOCK_DEFAULTS, type MockApi, type MockOptions } from './handle-request.ts'
import { asSomeone, scenarioOfCookie } from './scenarios.ts'

export interface MockServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  readonly api: MockApi
  close(): Promise<void>
}

export interface MockServerOptions extends Partial<MockOptions> {
  /** Folder of the built page. */
  readonly distDir: string
}

/** No inline script, no inline style, nothing from elsewhere. */
export const CONTENT_POLICY =
  "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'"

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

const SIGN_IN_SLOT = '<meta name="ecomind-sign-in" content=""'

/** Addresses without a dot are pages. `signInNeeded` is written into them, as the real server does. */
async function sendFile(distDir: string, path: string, signInNeeded: boolean, response: ServerResponse): Promise<void> {
  const isPage = !path.includes('.')
  const name = isPage ? 'index.html' : normalize(path).replace(/^[/\\]+/, '')
  try {
    const file = await readFile(join(distDir, name))
    const bytes =
      isPage && signInNeeded ? file.toString('utf8').replace(SIGN_IN_SLOT, SIGN_IN_SLOT.replace('""', '"yes"')) : file
    response.writeHead(200, {
      'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
      'content-security-policy': CONTENT_POLICY,
    })
    response.end(bytes)
  } catch {
    response.writeHead(404, { 'content-type': 'text/plain' })
    response.end('not found')
  }
}

function isWithSignIn(request: IncomingMessage): boolean {
  const scenario = scenarioOfCookie(request.headers.cookie)
  return scenario !== undefined && asSomeone(scenario) !== undefined
}

export async function startMockServer(options: MockServerOptions): Promise<MockServer> {
  const { distDir, ...given } = options
  const api = createMockApi({ ...MOCK_DEFAULTS, ...given })
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://mock').pathname
    api
      .handle(request, response)
      .then((handled) => (handled ? undefined : sendFile(distDir, path, isWithSignIn(request), response)))
      .catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    api,
    close: () =>
      new Promise((resolve) => {
        api.close()
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
