/** Questions to the serving API; every answer is checked against its zod shape. */
import { type ReconciliationItem, reconciliationAnswer, type UsageAnswer, usageAnswer } from '@ecomind/schemas'
import type { z } from 'zod'

export type Query = Readonly<Record<string, string | number | readonly string[]>>

export function toUrl(apiUrl: string, path: string, query: Query = {}): string {
  const url = new URL(path, apiUrl)
  for (const [key, value] of Object.entries(query))
    for (const one of Array.isArray(value) ? value : [value]) url.searchParams.append(key, String(one))
  return url.href
}

/** @throws Error unless the answer is a 200 of this shape */
export async function getJson<S extends z.ZodType>(apiUrl: string, path: string, shape: S, query: Query = {}) {
  const url = toUrl(apiUrl, path, query)
  const answer = await fetch(url, { signal: AbortSignal.timeout(60_000) })
  const text = await answer.text()
  if (answer.status !== 200) throw new Error(`get ${url}: ${answer.status}: ${text.slice(0, 500)}`)
  const parsed = shape.safeParse(JSON.parse(text))
  if (!parsed.success) throw new Error(`get ${url}: not the promised shape: ${parsed.error.message}`)
  return parsed.data
}

const PAGES_MAX = 10_000

/** All pages of /v1/usage: the first answer with the items of every page. */
export async function getUsage(apiUrl: string, query: Query): Promise<UsageAnswer> {
  const first = await getJson(apiUrl, '/v1/usage', usageAnswer, query)
  const items = [...first.items]
  let cursor = first.next_cursor
  for (let page = 1; cursor !== undefined; page++) {
    if (page > PAGES_MAX) throw new Error(`page through /v1/usage: more than ${PAGES_MAX} pages`)
    const next = await getJson(apiUrl, '/v1/usage', usageAnswer, { ...query, cursor })
    items.push(...next.items)
    cursor = next.next_cursor
  }
  return { ...first, items }
}

export interface Reconciliation {
  readonly balanced: boolean
  readonly accepted: number
  readonly stored: number
  readonly duplicate: number
  readonly quarantined: number
  readonly inFlight: number
}

const HOUR_MS = 3_600_000

/** /v1/reconciliation of a day back and two hours ahead, added up: arrivals are of the edges' clocks, which may be fast. */
export async function getReconciliation(apiUrl: string, orgId: string): Promise<Reconciliation> {
  const [from, to] = [-24, 2].map((hours) => new Date(Date.now() + hours * HOUR_MS).toISOString()) as [string, string]
  const items: ReconciliationItem[] = []
  let balanced = true
  let cursor: string | undefined
  do {
    const query = { org_id: orgId, from, to, ...(cursor === undefined ? {} : { cursor }) }
    const answer = await getJson(apiUrl, '/v1/reconciliation', reconciliationAnswer, query)
    items.push(...answer.items)
    balanced = balanced && answer.balanced && answer.items.every((i) => i.balanced)
    cursor = answer.next_cursor
  } while (cursor !== undefined)
  const add = (pick: (i: ReconciliationItem) => number): number => items.reduce((sum, i) => sum + pick(i), 0)
  return {
    balanced,
    accepted: add((i) => i.accepted),
    stored: add((i) => i.stored),
    duplicate: add((i) => i.duplicate),
    quarantined: add((i) => i.quarantined),
    inFlight: add((i) => i.in_flight),
  }
}
