/** Who has a key or a session, at the doors of a product in production mode. */
import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { Product } from './product.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: Readonly<Record<string, unknown>>
}

export interface MadeKey {
  readonly id: string
  readonly secret: string
}

export const bearer = (secret: string): Record<string, string> => ({ authorization: `Bearer ${secret}` })
export const basic = (user: string, secret: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`,
})

/** `body`: an object is sent as JSON. */
export async function send(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>> = {},
  body?: unknown,
): Promise<Answer> {
  const isText = typeof body === 'string'
  const answer = await fetch(url, {
    method,
    headers: { ...(body === undefined || isText ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, text, json: parsed(text) }
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}

export async function makeKey(
  product: Pick<Product, 'apiUrl'>,
  signs: Readonly<Record<string, string>>,
  scope: 'ingest' | 'read' | 'admin',
): Promise<MadeKey> {
  const answer = await send('POST', `${product.apiUrl}/v1/keys`, signs, { name: `${scope} of a test`, scopes: [scope] })
  expect(answer.status, answer.text).toBe(201)
  return answer.json as unknown as MadeKey
}

/** One event; `orgId` as an event may state it. */
export async function sendEvent(
  product: Pick<Product, 'edgeUrl'>,
  secret: string | null,
  userId: string,
  orgId?: string,
): Promise<Answer> {
  const event = {
    event_id: randomUUID(),
    user_id: userId,
    provider: 'openai',
    model: 'gpt-4o',
    tokens_in: 1000,
    tokens_out: 10,
    ts: Date.now(),
    ...(orgId === undefined ? {} : { org_id: orgId }),
  }
  return await send('POST', `${product.edgeUrl}/v1/ingest`, secret === null ? {} : bearer(secret), event)
}

/** What a browser shows after a sign-in by password: cookie, origin and token. */
export async function signIn(
  product: Pick<Product, 'ports'>,
  email: string,
  password: string,
): Promise<Readonly<Record<string, string>>> {
  const origin = `http://localhost:${product.ports.api}`
  const answer = await send('POST', `${origin}/v1/auth/login`, { origin }, { email, password })
  expect(answer.status, answer.text).toBe(200)
  return sessionOf(answer, origin)
}

export function sessionOf({ headers, json }: Answer, origin: string): Readonly<Record<string, string>> {
  const cookie = headers.getSetCookie().map((line) => line.split(';')[0] ?? '')
  return { cookie: cookie.join('; '), origin, 'x-csrf-token': String(json['csrf_token']) }
}
