/** The built page over the mock API, for browser tests: the same strict content policy as the real server sends. */
import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { createMockApi, MOCK_DEFAULTS, type MockApi, type MockOptions } from './handle-request.ts'

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

async function sendFile(distDir: string, path: string, response: ServerResponse): Promise<void> {
  const name = path === '/' ? 'index.html' : normalize(path).replace(/^[/\\]+/, '')
  try {
    const bytes = await readFile(join(distDir, name))
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

export async function startMockServer(options: MockServerOptions): Promise<MockServer> {
  const { distDir, ...given } = options
  const api = createMockApi({ ...MOCK_DEFAULTS, ...given })
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://mock').pathname
    api
      .handle(request, response)
      .then((handled) => (handled ? undefined : sendFile(distDir, path, response)))
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
