/** Servers of a few lines that answer as the real ones do, rightly or wrongly. */
import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { onTestFinished } from 'vitest'

/** Listens on a free port until the test is over. `answer` null: takes everything, says nothing. */
export async function tcpServer(answer: ((bytes: Buffer) => Uint8Array | null) | null): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    let bytes: Buffer = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      const said = answer?.(bytes) ?? null
      if (said === null) return
      bytes = Buffer.alloc(0)
      socket.write(said)
    })
    onTestFinished(() => void socket.destroy())
  })
  return await listen(server)
}

export interface HttpAnswer {
  readonly status?: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Texts go as they are, everything else as JSON. */
export async function httpServer(
  answer: (path: string, body: string, request: IncomingMessage) => HttpAnswer,
): Promise<number> {
  const server = createHttpServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const said = answer(request.url ?? '/', Buffer.concat(chunks).toString(), request)
    response.writeHead(said.status ?? 200, said.headers)
    response.end(typeof said.body === 'string' ? said.body : JSON.stringify(said.body))
  })
  server.keepAliveTimeout = 1
  onTestFinished(() => server.closeAllConnections())
  return await listen(server)
}

/** A port that nobody listens on now. */
export async function closedPort(): Promise<number> {
  const server = createServer()
  const port = await bound(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function listen(server: Server): Promise<number> {
  onTestFinished(() => void server.close())
  return await bound(server)
}

function bound(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
