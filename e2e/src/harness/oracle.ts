/**
 * The oracle: compares the ledger of a test with everything the product says, that is the raw table and every rollup
 * through the SQL port, and the API. It lists differences; an empty list is the only good answer.
 */
import { LOCAL_ORG_ID } from '@ecomind/schemas'
import { getReconciliation, getUsage, type Reconciliation } from './api-client.ts'
import { compareRaw, type StoredEvent } from './compare-raw.ts'
import { type Ledger, type SentEvent, type Sums, sumsByWindow, total } from './ledger.ts'
import type { Product } from './product.ts'
import { querySql } from './sql-client.ts'
import { waitFor } from './wait-for.ts'

export const ROLLUPS = [
  { table: 'usage_1m', seconds: 60 },
  { table: 'usage_15m', seconds: 900 },
  { table: 'usage_1h', seconds: 3_600 },
  { table: 'usage_1d', seconds: 86_400 },
] as const

/** Every column that is a sum and stands in the raw table and in the rollups alike. */
const SUMMED = [
  'tokens_in',
  'tokens_out',
  'tokens_cache_read',
  'tokens_cache_write',
  'tokens_reasoning',
  'kwh',
  'kwh_low',
  'kwh_high',
  'water_l',
  'water_l_low',
  'water_l_high',
  'water_l_onsite',
  'co2_kg',
  'co2_kg_low',
  'co2_kg_high',
  'co2_kg_use',
] as const

export interface Verdict {
  readonly differences: readonly string[]
  readonly lost: number
  readonly doubled: number
  readonly stored: number
  readonly reconciliation: Reconciliation
}

/** Where the product is asked. */
export type Asked = Pick<Product, 'apiUrl' | 'sqlUrl'>

/** Waits until the loader has taken in everything that was answered 202, as the product itself counts it. */
export async function waitSettled(product: Asked, ledger: Ledger, timeoutMs = 120_000): Promise<Reconciliation> {
  let last: Reconciliation | null = null
  return await waitFor(
    'the loader to have caught up',
    async () => {
      last = await getReconciliation(product.apiUrl, LOCAL_ORG_ID)
      const isLoaded = last.inFlight === 0 && last.accepted >= ledger.acknowledgedCopies()
      return isLoaded && (await hasComparedRollups(product.apiUrl)) ? last : null
    },
    { timeoutMs, everyMs: 200 },
  ).catch((error: unknown) => {
    throw new Error(
      `${String(error)}; answered 202: ${ledger.acknowledgedCopies()}, reconciliation: ${JSON.stringify(last)}`,
    )
  })
}

/** After a refused insert or a kill the rollups of the days concerned are compared; the health says until when. */
async function hasComparedRollups(apiUrl: string): Promise<boolean> {
  const health = (await (await fetch(`${apiUrl}/health`)).json()) as {
    checks?: { loader?: { daysToCompare?: number } }
  }
  return health.checks?.loader?.daysToCompare === 0
}

/** Compares everything; the product must run and be settled. */
export async function judge(product: Asked, ledger: Ledger): Promise<Verdict> {
  const differences: string[] = []
  const raw = compareRaw(ledger.entries, await readRaw(product.sqlUrl))
  for (const [kind, found] of Object.entries(raw)) differences.push(...describe(kind, found))
  const events = [...ledger.entries.values()].filter((e) => e.acknowledged > 0).map((e) => e.event)
  for (const { table, seconds } of ROLLUPS)
    differences.push(...(await compareRollup(product.sqlUrl, table, sumsByWindow(events, seconds))))
  differences.push(...(await compareSums(product.sqlUrl)))
  differences.push(...(await compareApi(product.apiUrl, events)))
  differences.push(...(await compareQuarantine(product.sqlUrl, ledger)))
  const reconciliation = await getReconciliation(product.apiUrl, LOCAL_ORG_ID)
  differences.push(...checkReconciliation(reconciliation, ledger, events.length))
  return {
    differences,
    lost: raw.lost.length,
    doubled: raw.doubled.length,
    stored: reconciliation.stored,
    reconciliation,
  }
}

const LISTED_MAX = 20

function describe(kind: string, found: readonly string[]): string[] {
  if (found.length === 0) return []
  const more = found.length > LISTED_MAX ? `, and ${found.length - LISTED_MAX} more` : ''
  return [`usage_events: ${found.length} ${kind}: ${found.slice(0, LISTED_MAX).join('; ')}${more}`]
}

const PAGE_ROWS = 4_000

/** The whole raw table, page by page, because the SQL port limits the rows of an answer. */
export async function readRaw(sqlUrl: string): Promise<StoredEvent[]> {
  const rows: StoredEvent[] = []
  const columns = `event_id, user_id, provider, model, toUnixTimestamp64Milli(ts), tokens_in, tokens_out, tokens_cache_read,
    tokens_reasoning, team_id, project_id`
  for (;;) {
    // Pages by offset over a total order: doubles must not fall between two pages, and rows that are equal in all are alike.
    const page = await querySql(
      sqlUrl,
      `SELECT ${columns} FROM usage_events ORDER BY ${columns} LIMIT ${PAGE_ROWS} OFFSET ${rows.length}`,
    )
    rows.push(...page.map(toStoredEvent))
    if (page.length < PAGE_ROWS) return rows
  }
}

function toStoredEvent(row: readonly unknown[]): StoredEvent {
  const [eventId, userId, provider, model, ts, tokensIn, tokensOut, cacheRead, reasoning, teamId, projectId] = row
  return {
    event_id: String(eventId),
    user_id: String(userId),
    provider: String(provider),
    model: String(model),
    ts: Number(ts),
    tokens_in: Number(tokensIn),
    tokens_out: Number(tokensOut),
    tokens_cache_read: Number(cacheRead),
    tokens_reasoning: Number(reasoning),
    team_id: String(teamId),
    project_id: String(projectId),
  }
}

/** Windows of a rollup against windows of the ledger. */
async function compareRollup(sqlUrl: string, table: string, wanted: ReadonlyMap<number, Sums>): Promise<string[]> {
  const stored = await readWindows(sqlUrl, table)
  return compareWindows(table, stored, wanted)
}

export async function readWindows(sqlUrl: string, table: string): Promise<Map<number, Sums>> {
  const windows = new Map<number, Sums>()
  let after = -1
  for (;;) {
    const page = await querySql(
      sqlUrl,
      `SELECT toUnixTimestamp(window_start) AS w, sum(calls), sum(tokens_in), sum(tokens_out) FROM ${table}
        WHERE toUnixTimestamp(window_start) > ${after} GROUP BY w ORDER BY w LIMIT ${PAGE_ROWS}`,
    )
    for (const [w, calls, tokensIn, tokensOut] of page) {
      after = Number(w)
      windows.set(after, { calls: Number(calls), tokens_in: Number(tokensIn), tokens_out: Number(tokensOut) })
    }
    if (page.length < PAGE_ROWS) return windows
  }
}

export function compareWindows(
  name: string,
  stored: ReadonlyMap<number, Sums>,
  wanted: ReadonlyMap<number, Sums>,
): string[] {
  const differing: string[] = []
  for (const start of new Set([...stored.keys(), ...wanted.keys()])) {
    const [has, wants] = [JSON.stringify(stored.get(start) ?? null), JSON.stringify(wanted.get(start) ?? null)]
    if (has !== wants) differing.push(`${new Date(start * 1000).toISOString()} has ${has}, wanted ${wants}`)
  }
  if (differing.length === 0) return []
  return [`${name}: ${differing.length} windows differ: ${differing.slice(0, LISTED_MAX).join('; ')}`]
}

/** Every summed column of every rollup against the raw table, to the last digit. */
async function compareSums(sqlUrl: string): Promise<string[]> {
  const sums = SUMMED.map((c) => `toString(sum(${c}))`).join(', ')
  const [raw] = await querySql(sqlUrl, `SELECT toString(count()), ${sums} FROM usage_events`)
  const differences: string[] = []
  for (const { table } of ROLLUPS) {
    const [rollup] = await querySql(sqlUrl, `SELECT toString(sum(calls)), ${sums} FROM ${table}`)
    for (const [i, column] of ['calls', ...SUMMED].entries())
      if (rollup?.[i] !== raw?.[i] || raw?.[i] === undefined)
        differences.push(`${table}.${column}: ${rollup?.[i]}, usage_events: ${raw?.[i]}`)
  }
  return differences
}

const DAY_MS = 86_400_000

async function compareApi(apiUrl: string, events: readonly SentEvent[]): Promise<string[]> {
  if (events.length === 0) return []
  const times = events.map((e) => e.ts)
  const first = Math.floor(times.reduce((a, b) => Math.min(a, b)) / DAY_MS) * DAY_MS
  const end = (Math.floor(times.reduce((a, b) => Math.max(a, b)) / DAY_MS) + 1) * DAY_MS
  const period = { org_id: LOCAL_ORG_ID, from: iso(first), to: iso(end), tz: 'UTC' }
  const daily = await getUsage(apiUrl, { ...period, window: '1d' })
  const windows = new Map<number, Sums>()
  for (const item of daily.items) {
    const { calls, tokens_in, tokens_out } = item
    if (calls > 0) windows.set(Date.parse(item.window_start) / 1000, { calls, tokens_in, tokens_out })
  }
  const wanted = total(sumsByWindow(events, 86_400).values())
  const { calls, tokens_in, tokens_out } = daily.totals
  const totals = JSON.stringify({ calls, tokens_in, tokens_out })
  return [
    ...compareWindows('/v1/usage?window=1d', windows, sumsByWindow(events, 86_400)),
    ...(totals === JSON.stringify(wanted) ? [] : [`/v1/usage totals: ${totals}, wanted ${JSON.stringify(wanted)}`]),
  ]
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

function checkReconciliation(r: Reconciliation, ledger: Ledger, events: number): string[] {
  const faults: string[] = []
  const told = JSON.stringify(r)
  if (!r.balanced) faults.push(`/v1/reconciliation is not balanced: ${told}`)
  if (r.inFlight !== 0) faults.push(`/v1/reconciliation: ${r.inFlight} in flight, wanted 0`)
  if (r.stored !== events) faults.push(`/v1/reconciliation: stored ${r.stored}, wanted ${events}: ${told}`)
  // Requests whose answer was lost may have been accepted as well, so there may be more, never fewer.
  if (r.accepted < ledger.acknowledgedCopies())
    faults.push(`/v1/reconciliation: accepted ${r.accepted}, answered 202 were ${ledger.acknowledgedCopies()}`)
  return faults
}

/** Every conflicting copy that was answered 202 is in quarantine, and nothing else is. */
async function compareQuarantine(sqlUrl: string, ledger: Ledger): Promise<string[]> {
  const rows = await querySql(
    sqlUrl,
    `SELECT event_id, reason, count() FROM quarantine GROUP BY event_id, reason ORDER BY event_id LIMIT ${PAGE_ROWS}`,
  )
  const counts = new Map(rows.map(([id, reason, count]) => [`${id} ${reason}`, Number(count)]))
  const faults: string[] = []
  for (const [id, { conflicts }] of ledger.entries) {
    const found = counts.get(`${id} id_conflict`) ?? 0
    counts.delete(`${id} id_conflict`)
    // A conflicting copy whose answer was lost is there as well, but none without a conflict that was sent.
    if (conflicts > 0 && found === 0) faults.push(`quarantine: ${id} has no row, ${conflicts} conflicts were accepted`)
    if (conflicts === 0 && found > 0) faults.push(`quarantine: ${id} has ${found} rows without a conflict`)
  }
  for (const [what, count] of counts) faults.push(`quarantine: ${count} rows of ${what}, which nobody sent`)
  return faults
}
