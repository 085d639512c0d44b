/** One request as it goes over the wire, and all that comes back. Of a stream the first message is read. */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import type { SeenAnswer } from './find-leaks.ts'
import type { RouteRequest } from './route-request.ts'

/** What an asker shows; empty: nobody. */
export type Signs = Readonly<Record<string, string>>

export interface Wanted {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

export function wantedOf(routePath: string, request: RouteRequest): Wanted {
  const path = routePath.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(request.path[name] ?? ''))
  const pairs = Object.entries(request.query).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((text) => `${name}=${encodeURIComponent(text)}`),
  )
  const { body } = request
  const type = typeof body === 'string' ? 'application/x-www-form-urlencoded' : 'application/json'
  return {
    method: request.method,
    target: pairs.length === 0 ? path : `${path}?${pairs.join('&')}`,
    headers: { ...request.headers, ...(body === null ? {} : { 'content-type': type }) },
    body: body === null || typeof body === 'string' ? body : JSON.stringify(body),
  }
}

export function ask(url: string, { method, target, headers, body }: Wanted, signs: Signs): Promise<SeenAnswer> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest(`${url}${target}`, {
      method,
      headers: { ...headers, ...signs, ...(body === null ? {} : { 'content-length': Buffer.byteLength(body) }) },
    })
    asked.once('error', reject)
    asked.once('response', (answer) => read(answer).then(resolve, reject))
    asked.end(body ?? undefined)
  })
}

async function read(answer: IncomingMessage): Promise<SeenAnswer> {
  const isStream = String(answer.headers['content-type']).startsWith('text/event-stream')
  const chunks: Buffer[] = []
  for await (const chunk of answer) {
    chunks.push(chunk as Buffer)
    // The end of the first message; leaving the loop ends the connection.
    if (isStream && /data:[^\n]*\n\n/.test(Buffer.concat(chunks).toString('utf8'))) break
  }
  const headers = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]))
  return { status: answer.statusCode ?? 0, headers, body: Buffer.concat(chunks) }
}
