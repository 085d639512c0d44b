/**
 * Calls addresses that an administrator of an organisation named: TLS only, public addresses only (checked on the address
 * that is connected to, so that a name can't change its mind in between), no redirects, bounded in time and size.
 */
import { lookup } from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { kindOfAddress } from './address-rules.ts'

export interface OutboundRules {
  /** RFC 1918 and RFC 4193 networks may be called. */
  readonly allowPrivate: boolean
  /** This machine may be called, without TLS too. */
  readonly allowLoopback: boolean
}

export class OutboundError extends Error {
  override readonly name = 'OutboundError'
}

export type GuardedFetch = (
  url: string | URL,
  init?: {
    readonly method?: string | undefined
    readonly headers?: Headers | Readonly<Record<string, string>> | undefined
    readonly body?: unknown
    readonly signal?: AbortSignal | null | undefined
  },
) => Promise<Response>

const TIMEOUT_MS = 10_000
const ANSWER_BYTES_MAX = 1_048_576
/** Answers that have no body by definition; `Response` refuses one. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304])

/** The result @throws OutboundError for an address that may not be called, or that gives no answer within the limits */
export function guardedFetch(rules: OutboundRules): GuardedFetch {
  return async (url, init = {}) => {
    const target = new URL(url)
    checkUrl(target, rules)
    const body = bodyOf(init.body)
    const timeout = AbortSignal.timeout(TIMEOUT_MS)
    const signal = init.signal == null ? timeout : AbortSignal.any([init.signal, timeout])
    const headers = Object.fromEntries(new Headers(init.headers as Record<string, string> | undefined))
    const options = {
      method: init.method ?? 'GET',
      headers,
      signal,
      lookup: guardedLookup(rules),
      agent: false,
    } as const
    return await new Promise((resolve, reject) => {
      const refuse = (cause: Error) =>
        reject(
          cause instanceof OutboundError
            ? cause
            : new OutboundError(`call ${target.host}: ${cause.message}`, { cause }),
        )
      const request = (target.protocol === 'https:' ? https : http).request(target, options, (answer) => {
        readAnswer(answer, target).then(resolve, refuse)
      })
      request.once('error', refuse)
      request.end(body)
    })
  }
}

function checkUrl(target: URL, rules: OutboundRules): void {
  const host = target.hostname.replace(/^\[|\]$/g, '')
  const isLoopback = host === 'localhost' || (isIP(host) !== 0 && kindOfAddress(host) === 'loopback')
  if (target.username !== '' || target.password !== '')
    throw new OutboundError('call: an address with a password in it')
  if (target.protocol !== 'https:' && !(target.protocol === 'http:' && isLoopback && rules.allowLoopback))
    throw new OutboundError(`call ${target.host}: ${target.protocol} is not https:`)
  if (isIP(host) !== 0) checkAddress(host, rules)
}

/** @throws OutboundError */
function checkAddress(address: string, rules: OutboundRules): void {
  const kind = kindOfAddress(address)
  if (kind === 'public' || (kind === 'private' && rules.allowPrivate) || (kind === 'loopback' && rules.allowLoopback))
    return
  throw new OutboundError('call: the address is not on the public network')
}

function guardedLookup(rules: OutboundRules): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, '')
        return
      }
      try {
        for (const { address } of found) checkAddress(address, rules)
      } catch (refusal) {
        callback(refusal as Error, '')
        return
      }
      const [first] = found
      if (options.all === true) callback(null, found)
      else callback(null, first?.address ?? '', first?.family ?? 0)
    })
  }
}

async function readAnswer(answer: http.IncomingMessage, target: URL): Promise<Response> {
  const status = answer.statusCode ?? 0
  if (status >= 300 && status < 400) {
    answer.destroy()
    throw new OutboundError(`call ${target.host}: answers with a redirect, which is not followed`)
  }
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > ANSWER_BYTES_MAX) throw new OutboundError(`call ${target.host}: more than ${ANSWER_BYTES_MAX} bytes`)
    chunks.push(chunk)
  }
  const headers = new Headers()
  for (const [name, value] of Object.entries(answer.headers))
    for (const one of [value ?? []].flat()) headers.append(name, one)
  return new Response(WITHOUT_BODY.has(status) ? null : Buffer.concat(chunks), { status, headers })
}

function bodyOf(body: unknown): string | Uint8Array | undefined {
  if (body === undefined || body === null) return undefined
  if (typeof body === 'string' || body instanceof Uint8Array) return body
  if (body instanceof URLSearchParams) return body.toString()
  throw new TypeError('call: a body of text or bytes is wanted')
}
