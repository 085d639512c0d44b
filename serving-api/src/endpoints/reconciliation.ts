/** `GET /v1/reconciliation`: every accepted event is stored, a duplicate, in quarantine, or still in the log. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type ReconciliationItem, reconciliationAnswer } from '@ecomind/schemas'
import { z } from 'zod'
import type { ApiContext, InFlightHour } from '../context.ts'
import { orgRoute } from '../http/route.ts'
import { from, orgId, to, tz } from '../parameters/shapes.ts'
import { periodOf } from '../parameters/times.ts'
import { type HourCounts, reconciliationQuestion } from '../questions/reconciliation.ts'
import type { OrgScope } from '../scope.ts'
import type { Period } from '../time/windows.ts'

const HOUR_MS = 3_600_000
const DEFAULT_HOURS = 24
/** Hours and organisations of one answer: more than a year of hours. */
const ROWS_MAX = 10_000
/** The loader writes events and counts one after the other; between them a batch looks unbalanced for a moment. */
const PAUSES_MS = [50, 150, 400, 800]

export const reconciliationRoute = orgRoute({
  permission: 'reconciliation:read',
  method: 'get',
  path: '/v1/reconciliation',
  tag: 'Operation',
  summary: 'Accepted = stored + duplicate + quarantined + in flight',
  description: [
    'Per hour of arrival. `stored` is counted in the table of events itself, with what was removed from it by retention and erasure; the others by the loader; `in_flight` is durable in the log and not loaded yet.',
    'Default period: the last 24 hours and the present one. `from` and `to` are widened to full hours.',
    'Log records that could not be decoded name no organisation; in local mode they stand in items with an empty `org_id`.',
    'While a batch is just on its way from the log into the tables the counts are taken again, a few times within 1.4 s.',
  ].join('\n\n'),
  query: z.strictObject({ org_id: orgId, from: from.optional(), to: to.optional(), tz }),
  answer: reconciliationAnswer,
  errors: ['invalid_parameter', 'not_found', 'result_too_large', 'overloaded', 'database_unavailable', 'query_timeout'],
  handle: async (context, scope, { query }) => {
    const zone = query.tz ?? scope.tz
    const nowMs = context.nowMs()
    const period = periodOf(
      query.from ?? { kind: 'instant', ms: Math.floor(nowMs / HOUR_MS - DEFAULT_HOURS) * HOUR_MS },
      query.to ?? { kind: 'instant', ms: (Math.floor(nowMs / HOUR_MS) + 1) * HOUR_MS },
      zone,
    )
    const hours = {
      fromMs: Math.floor(period.fromMs / HOUR_MS) * HOUR_MS,
      toMs: Math.ceil(period.toMs / HOUR_MS) * HOUR_MS,
    }
    for (const pauseMs of PAUSES_MS) {
      const { items, settled } = await reconcile(context, scope, hours)
      if (settled) return { items, balanced: true }
      await sleep(pauseMs)
    }
    const { items } = await reconcile(context, scope, hours)
    return { items, balanced: items.every((i) => i.balanced) }
  },
})

/** Settled: everything balances, and no batch went from the log into the tables while both were counted. */
async function reconcile(
  context: ApiContext,
  scope: OrgScope,
  hours: Period,
): Promise<{ items: readonly ReconciliationItem[]; settled: boolean }> {
  const question = reconciliationQuestion(hours.fromMs, hours.toMs, ROWS_MAX)
  const before = await scope.ask(question)
  const inFlight = await context.inFlight(scope.orgIds)
  const after = await scope.ask(question)
  const items = mergeHours(scope.orgId, after, inFlight, hours)
  const unmoved = JSON.stringify(before) === JSON.stringify(after)
  return { items, settled: unmoved && items.every((i) => i.balanced) }
}

/** The loader's counts and what is still in the log, hour by hour. What is in flight was accepted too. */
export function mergeHours(
  orgId: string,
  counted: readonly HourCounts[],
  inFlight: readonly InFlightHour[],
  hours: Period,
): readonly ReconciliationItem[] {
  const none = { loaded: 0, stored: 0, duplicate: 0, quarantined: 0 }
  const rows = new Map(counted.map((c) => [`${c.hourMs}/${c.orgId}`, { ...c, waiting: 0 }]))
  for (const { hourMs, events, orgId: owner = orgId } of inFlight) {
    if (events === 0 || hourMs < hours.fromMs || hourMs >= hours.toMs) continue
    const key = `${hourMs}/${owner}`
    const row = rows.get(key) ?? { orgId: owner, hourMs, ...none, waiting: 0 }
    rows.set(key, { ...row, waiting: row.waiting + events })
  }
  return [...rows.values()]
    .filter((r) => r.loaded !== 0 || r.stored !== 0 || r.duplicate !== 0 || r.quarantined !== 0 || r.waiting !== 0)
    .sort((a, b) => a.hourMs - b.hourMs || (a.orgId < b.orgId ? -1 : 1))
    .map((r) => ({
      org_id: r.orgId,
      hour: new Date(r.hourMs).toISOString(),
      accepted: r.loaded + r.waiting,
      stored: r.stored,
      duplicate: r.duplicate,
      quarantined: r.quarantined,
      in_flight: r.waiting,
      balanced: r.loaded === r.stored + r.duplicate + r.quarantined,
    }))
}
