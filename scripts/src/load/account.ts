/**
 * Where the events of a run went, by the product's own answers: GET /v1/reconciliation for every accepted event, and
 * GET /v1/usage for what the rollups say of this run alone (its events carry the run as their project).
 */
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'

const count = z.number()
const reconciliation = z.object({
  balanced: z.boolean(),
  items: z.array(z.object({ accepted: count, stored: count, duplicate: count, quarantined: count, in_flight: count })),
})
const usage = z.object({ totals: z.object({ calls: count, tokens_in: count, tokens_out: count }) })

/** All of the organisation, since a fixed hour. */
export interface Counts {
  readonly accepted: number
  readonly stored: number
  readonly duplicate: number
  readonly quarantined: number
  readonly inFlight: number
  readonly balanced: boolean
}

export interface RunTotals {
  readonly calls: number
  readonly tokensIn: number
  readonly tokensOut: number
}

export interface Account {
  readonly before: Counts
  readonly after: Counts
  /** What the rollups hold of this run. */
  readonly rollups: RunTotals
  /** How long it took from the end of the load until everything was counted, in seconds. */
  readonly settledSeconds: number
}

/** The whole of an hour, so that both readings are about the same hours. */
export const hourOf = (now: Date): string => new Date(Math.floor(now.getTime() / 3_600_000) * 3_600_000).toISOString()

/** @throws Error when the API doesn't answer as it should */
export async function readCounts(apiUrl: string, from: string): Promise<Counts> {
  const { items, balanced } = reconciliation.parse(
    await ask(`${apiUrl}/v1/reconciliation?org_id=org_demo&from=${from}`),
  )
  const sum = (key: keyof (typeof items)[number]) => items.reduce((total, item) => total + item[key], 0)
  return {
    accepted: sum('accepted'),
    stored: sum('stored'),
    duplicate: sum('duplicate'),
    quarantined: sum('quarantined'),
    inFlight: sum('in_flight'),
    balanced,
  }
}

async function readRollups(apiUrl: string, run: string, from: string): Promise<RunTotals> {
  const to = new Date(Date.parse(hourOf(new Date())) + 2 * 3_600_000).toISOString()
  const query = new URLSearchParams({ org_id: 'org_demo', from, to, window: '1h', filter: `project_id:${run}` })
  const { totals } = usage.parse(await ask(`${apiUrl}/v1/usage?${query}`))
  return { calls: totals.calls, tokensIn: totals.tokens_in, tokensOut: totals.tokens_out }
}

export interface AccountQuestion {
  readonly apiUrl: string
  readonly run: string
  /** As from `hourOf` before the run. */
  readonly from: string
  readonly before: Counts
  /** Events that were answered 202. */
  readonly accepted: number
  readonly withinMs: number
}

/** Asks until everything accepted is in the tables and in the rollups, or the time is over. @throws Error */
export async function settle({ apiUrl, run, from, before, accepted, withinMs }: AccountQuestion): Promise<Account> {
  const startedAt = Date.now()
  for (;;) {
    const after = await readCounts(apiUrl, from)
    const rollups = await readRollups(apiUrl, run, from)
    const elapsed = Date.now() - startedAt
    const raw = after.stored + after.duplicate + after.quarantined
    const done = after.inFlight === 0 && after.balanced && raw === after.accepted && rollups.calls >= accepted
    if (done || elapsed > withinMs) return { before, after, rollups, settledSeconds: elapsed / 1000 }
    await pause(250)
  }
}

async function ask(url: string): Promise<unknown> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(30_000) })
  if (!answer.ok)
    throw new Error(`ask the API: ${url} answers ${answer.status}: ${(await answer.text()).slice(0, 200)}`)
  return await answer.json()
}
