/**
 * A schema registry of a few lines, with the paths, answers and errors of Confluent's, that can be down, slow, wrong or
 * emptied. It compares schemas letter for letter and takes a field called `must` for an incompatible change.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How it behaves from now on. `gateway`: a proxy that knows of nobody behind it. */
export type Mood = 'well' | 'silent' | 'dripping' | 'nonsense' | 'html' | 'gateway' | 'broken' | 'refusing'

export interface SmallRegistry {
  readonly url: string
  mood: Mood
  /** Of the subject that is asked for; null: it has none of its own yet. */
  level: string | null
  /** Schema texts by id, of every subject. */
  readonly schemas: Map<number, string>
  /** Method and path of every request. */
  readonly requests: string[]
  /** Authorization headers of every request. */
  readonly signIns: (string | undefined)[]
  /** Nobody listens any more, until `start`. */
  stop(): Promise<void>
  start(): Promise<void>
}

export async function startSmallRegistry(): Promise<SmallRegistry> {
  let server: Server | null = null
  let port = 0
  const timers = new Set<NodeJS.Timeout>()
  const start = async (): Promise<void> => {
    server = createServer((request, response) => void serve(registry, request, response, timers))
    await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
  }
  await start()
  const registry: SmallRegistry = {
    url: `http://127.0.0.1:${port}/base`,
    mood: 'well',
    level: null,
    schemas: new Map(),
    requests: [],
    signIns: [],
    start,
    stop: async () => {
      for (const timer of timers) clearInterval(timer)
      server?.closeAllConnections()
      await new Promise((resolve) => server?.close(resolve))
    },
  }
  return registry
}

async function serve(
  registry: SmallRegistry,
  request: IncomingMessage,
  response: ServerResponse,
  timers: Set<NodeJS.Timeout>,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  const path = (request.url ?? '').replace('/base', '')
  registry.requests.push(`${request.method} ${path}`)
  registry.signIns.push(request.headers.authorization)
  const text = (status: number, body: string) => response.writeHead(status).end(body)
  switch (registry.mood) {
    case 'silent':
      return
    case 'dripping':
      response.writeHead(200, { 'content-type': 'application/json' })
      timers.add(setInterval(() => response.write(' '), 20))
      return
    case 'nonsense':
      return void text(200, '{"id":"seven","schema":"{"}')
    case 'html':
      return void text(200, '<html>welcome</html>')
    case 'gateway':
      return void text(404, 'default backend - 404')
    case 'broken':
      return void text(500, '{"error_code":50001,"message":"Error in the backend data store"}')
    case 'refusing':
      return void text(401, '{"error_code":401,"message":"Unauthorized"}')
    case 'well': {
      const { status = 200, ...body } = answer(registry, request.method ?? '', path, Buffer.concat(chunks).toString())
      response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' }).end(JSON.stringify(body))
    }
  }
}

type Answer = { readonly status?: number } & Record<string, unknown>

function answer(registry: SmallRegistry, method: string, path: string, body: string): Answer {
  const { schemas } = registry
  const id = /^\/schemas\/ids\/(\d+)$/.exec(path)?.[1]
  if (id !== undefined) {
    const schema = schemas.get(Number(id))
    return schema === undefined ? { status: 404, error_code: 40403, message: `Schema ${id} not found` } : { schema }
  }
  if (path.startsWith('/config/')) {
    if (method === 'PUT') registry.level = (JSON.parse(body) as { compatibility: string }).compatibility
    if (registry.level === null) return { status: 404, error_code: 40401, message: 'Subject not found.' }
    return { compatibilityLevel: registry.level }
  }
  const { schema } = JSON.parse(body) as { schema: string }
  const found = [...schemas].find(([, text]) => text === schema)?.[0]
  if (!path.endsWith('/versions')) {
    return found === undefined ? { status: 404, error_code: 40403, message: 'Schema not found' } : { id: found }
  }
  if (found !== undefined) return { id: found }
  const isRefused = schema.includes('"must"') || [...schemas.values()].some((text) => text.includes('"must"'))
  if (isRefused) return { status: 409, error_code: 409, message: 'READER_FIELD_MISSING_DEFAULT_VALUE: must' }
  const next = Math.max(0, ...schemas.keys()) + 1
  schemas.set(next, schema)
  return { id: next }
}
