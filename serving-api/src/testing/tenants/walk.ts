/**
 * The same request twice: once with things of another organisation, once with things that nobody has. Nobody may be able
 * to tell the two answers apart, and no answer may hold what is the other organisation's.
 */
import type { Route } from '../../http/route.ts'
import { ask, type Signs, wantedOf } from './ask.ts'
import { findLeaks, type SeenAnswer, without } from './find-leaks.ts'
import { requestOf } from './requests.ts'
import { keyOf, type RouteRequest } from './route-request.ts'
import { phantomOf, type Tenant, type Things } from './tenant.ts'

/** Whoever comes to these is told the same: a sign-in page has to know where to send someone. */
const TOLD_TO_EVERYONE = /^(?:GET|POST) \/v1\/auth\/(?:methods$|(?:oidc|saml)\/)/
/** What the asker said before comes up again there. */
const HISTORY = /^GET \/v1\/(?:audits(?:\/export|\/verify|\/heads)?|sql\/queries)$/
/** Of the process and its day, not of an organisation. */
export const OF_THE_PROCESS = /^GET \/(?:metrics|health|docs|v1\/openapi\.json)$/
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
/** Times that pass although the clock of the API stands still. */
const UNEQUAL_TEXTS = /"(?:elapsed|last_used_at|last_seen_at)": ?[^,}\s]+|: heartbeat\n\n/g
const UNEQUAL_HEADERS: ReadonlySet<string> = new Set(['date', 'set-cookie', 'content-disposition'])

/** A part of a request that names something: `path.id`, `query.cursor`, `body.ids`, or all `headers`. */
export type Field = string

/** The parts in which the requests of two organisations differ. */
export function fieldsOf(route: Route, own: Things, foreign: Things): readonly Field[] {
  const [a, b] = [requestOf(route, own), requestOf(route, foreign)]
  const differing = (part: 'path' | 'query' | 'body'): readonly Field[] => {
    const [mine, theirs] = [a[part], b[part]]
    if (mine === null || theirs === null || typeof mine === 'string' || typeof theirs === 'string') return []
    const names = Object.keys(mine).filter((name) => JSON.stringify(mine[name]) !== JSON.stringify(theirs[name]))
    return names.map((name) => `${part}.${name}`)
  }
  return [...differing('path'), ...differing('query'), ...differing('body'), 'headers']
}

/** Whether the request with these parts exchanged leaves the asker's own things alone, so that it can be repeated. */
export function isRepeatable(route: Route, fields: readonly Field[]): boolean {
  if (fields.length === 0) return false
  const inPath = (route.path.match(/:\w+/g) ?? []).map((name) => `path.${name.slice(1)}`)
  return (
    route.method === 'get' || (inPath.every((field) => fields.includes(field)) && fields.some((f) => f !== 'headers'))
  )
}

export function exchanged(own: RouteRequest, foreign: RouteRequest, fields: readonly Field[]): RouteRequest {
  const part = <T>(name: 'path' | 'query' | 'body'): T => {
    const [mine, theirs] = [own[name], foreign[name]]
    if (mine === null || theirs === null || typeof mine === 'string' || typeof theirs === 'string') return mine as T
    const entries = Object.keys(mine).map((n) => [n, (fields.includes(`${name}.${n}`) ? theirs : mine)[n]])
    return Object.fromEntries(entries) as T
  }
  const headers = fields.includes('headers') ? foreign.headers : {}
  return { method: own.method, path: part('path'), query: part('query'), body: part('body'), headers }
}

export interface Walk {
  readonly url: string
  readonly route: Route
  /** HEAD or OPTIONS in place of the route's own. */
  readonly method?: string
  readonly signs: Signs
  readonly asker: Things
  readonly foreign: Things
  readonly fields: readonly Field[]
  readonly others: readonly Tenant[]
  /** A made-up cursor begins at another place of the asker's own list: its pages differ, and may not tell of others. */
  readonly isForged?: boolean
}

/** What an organisation could not bear to read elsewhere. */
export function secretsOf({ things, keys }: Tenant): readonly string[] {
  const { mark, keyId, overrideId, runId, oidcId, samlId, issuerId, sessionId } = things
  return [mark, keyId, overrideId, runId, oidcId, samlId, issuerId, sessionId, ...Object.values(keys)]
}

let requests = 0
/** Each from an address of its own, so that their tries to sign in are not counted together. */
export function nextAddress(): string {
  requests++
  return `10.${(requests >> 16) & 255}.${(requests >> 8) & 255}.${requests & 255}`
}

/** Every fault of the two answers, each in a sentence; empty: nothing leaks. */
export async function walk(step: Walk): Promise<readonly string[]> {
  const phantom = phantomOf(step.foreign)
  const [told, saidOfForeign] = await askWith(step, step.foreign)
  const [untold, saidOfPhantom] = await askWith(step, phantom)
  return faultsOf(step, { answer: told, said: saidOfForeign }, { answer: untold, said: saidOfPhantom })
}

async function askWith(step: Walk, things: Things): Promise<readonly [SeenAnswer, readonly string[]]> {
  const own = requestOf(step.route, step.asker)
  const request = { ...exchanged(own, requestOf(step.route, things), step.fields) }
  const wanted = wantedOf(step.route.path, step.method === undefined ? request : { ...request, method: step.method })
  const text = JSON.stringify(request)
  const said = textsOf(things).filter((value) => text.includes(JSON.stringify(value).slice(1, -1)))
  const signs = { ...step.signs, 'x-request-id': 'walk', 'x-forwarded-for': nextAddress() }
  return [await ask(step.url, wanted, signs), said]
}

interface Heard {
  readonly answer: SeenAnswer
  readonly said: readonly string[]
}

/** Pure: what is wrong with the answers to the request with things of others, and to that with things of nobody. */
export function faultsOf(
  { route, method, fields, others, foreign, isForged = false }: Omit<Walk, 'url' | 'signs' | 'asker'>,
  told: Heard,
  untold: Heard,
): readonly string[] {
  const key = keyOf(route)
  const name = `${method ?? ''} ${key} with foreign ${fields.join(', ')}`
  const toldToAll = TOLD_TO_EVERYONE.test(key) ? [foreign.oidcId, foreign.samlId, `told-${foreign.mark}`] : []
  const said = [...told.said, ...toldToAll, ...(HISTORY.test(key) ? others.flatMap((o) => textsOf(o.things)) : [])]
  const leaks = findLeaks(told.answer, { secrets: others.flatMap(secretsOf), said })
  const faults = leaks.map((leak) => `${name} tells ${leak}: ${shorten(told.answer)}`)
  if (told.answer.status >= 500 && !TOLD_TO_EVERYONE.test(key))
    faults.push(`${name} answers ${told.answer.status}: ${shorten(told.answer)}`)
  if (isForged || TOLD_TO_EVERYONE.test(key) || OF_THE_PROCESS.test(key)) return faults
  const [a, b] = [comparable(key, route, told), comparable(key, route, untold)]
  if (a !== b) faults.push(`${name} is answered otherwise than for things that nobody has: ${differenceOf(a, b)}`)
  return faults
}

function comparable(key: string, route: Route, { answer, said }: Heard): string {
  const isWritten = !SAFE_METHODS.has(route.method.toUpperCase()) && answer.status < 300
  if (isWritten || HISTORY.test(key)) return String(answer.status)
  const headers = Object.entries(answer.headers).filter(([name]) => !UNEQUAL_HEADERS.has(name))
  const body = answer.body.toString('latin1').replaceAll(UNEQUAL_TEXTS, '')
  return without(`${answer.status} ${JSON.stringify(headers)} ${body}`, said, '<said>')
}

/** Where two texts part, and a little of each. */
export function differenceOf(a: string, b: string): string {
  const length = Math.max(a.length, b.length)
  const at = Array.from({ length }, (_, i) => i).find((i) => a[i] !== b[i]) ?? length
  const around = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 80), at + 120))
  return `${around(a)} and ${around(b)}`
}

/** All but the mark: it is part of everything, and never said alone. */
export function textsOf({ mark: _mark, cursors, ...texts }: Things): readonly string[] {
  return [...Object.values(texts), ...Object.values(cursors)]
}

const shorten = ({ status, body }: SeenAnswer): string => `${status} ${body.toString('utf8').slice(0, 400)}`
