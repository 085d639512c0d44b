/** An HTTP server that answers as a test says and keeps what it was sent. */

import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface SeenRequest {
  readonly headers: IncomingMessage['headers']
  readonly url: URL
  readonly body: Buffer
}

export interface ScriptedServer {
  readonly url: string
  readonly seen: readonly SeenRequest[]
  close(): Promise<void>
}

export type Script = (request: SeenRequest, response: ServerResponse) => void

export async function openScriptedServer(script: Script, tls?: 'server-only' | 'mutual'): Promise<ScriptedServer> {
  const seen: SeenRequest[] = []
  const listener: RequestListener = async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const one = { headers: request.headers, url: new URL(request.url ?? '/', 'http://x'), body: Buffer.concat(chunks) }
    seen.push(one)
    script(one, response)
  }
  const server =
    tls === undefined
      ? createServer(listener)
      : createSecureServer(
          {
            key: certificate('server.key.pem'),
            cert: certificate('server.pem'),
            ...(tls === 'mutual' ? { ca: certificate('ca.pem'), requestCert: true } : {}),
          },
          listener,
        )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    seen,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Of an authority made for these tests; its own key was thrown away. */
export function certificate(name: string): Buffer {
  return readFileSync(new URL(`./certificates/${name}`, import.meta.url))
}
