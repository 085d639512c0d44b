/**
 * Who asks, as ClickHouse's clients say it: a bearer key, HTTP Basic, or the headers `X-ClickHouse-User` and
 * `X-ClickHouse-Key`. The name is the organisation, the password a key. Keys in the address are refused: addresses end up
 * in the logs of proxies and in histories.
 */
import type { IncomingMessage } from 'node:http'
import { AnalystError, AUTHENTICATION_FAILED } from './canonical-statement.ts'

export interface Credentials {
  /** Null when only a key was sent. */
  readonly orgId: string | null
  readonly key: string
}

export interface AnalystPrincipal {
  readonly orgId: string
  readonly keyId: string
}

/** Null where nobody is known by these credentials. @throws AnalystError ACCESS_DENIED for a key without the right to read */
export type Authenticate = (credentials: Credentials) => Promise<AnalystPrincipal | null>

/** @throws AnalystError when there are none, or more than one kind */
export function readCredentials(request: IncomingMessage): Credentials {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (url.searchParams.has('password') || url.searchParams.has('user'))
    throw refused('user and password are not taken from the address, where they end up in logs: send them as headers')
  const authorization = request.headers.authorization
  const user = textOf(request.headers['x-clickhouse-user'])
  const key = textOf(request.headers['x-clickhouse-key'])
  if (authorization === undefined) {
    if (key === null) throw refused('a key is needed: the organisation as user, the key as password')
    return { orgId: user, key }
  }
  if (user !== null || key !== null) throw refused('credentials were sent in two ways; send them in one')
  return readAuthorization(authorization)
}

function readAuthorization(header: string): Credentials {
  const [, scheme = '', value = ''] = /^(\w+) +(\S+) *$/.exec(header) ?? []
  if (scheme.toLowerCase() === 'bearer') return { orgId: null, key: value }
  if (scheme.toLowerCase() !== 'basic') throw refused('of Authorization, Bearer and Basic are known')
  const text = Buffer.from(value, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 1 || colon === text.length - 1) throw refused('HTTP Basic needs the organisation and a key')
  return { orgId: text.slice(0, colon), key: text.slice(colon + 1) }
}

function textOf(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && header !== '' ? header : null
}

function refused(why: string): AnalystError {
  return new AnalystError(AUTHENTICATION_FAILED, `Authentication failed: ${why}`)
}
