/**
 * Keeps what every organisation wants kept, and no longer: raw events by the event's own time, quarantine by arrival, both
 * for `retention_days` of the organisation; the ledger for as long as raw events can be kept at all. Rollups stay.
 * A run can be cut off anywhere: what it noted is finished by the next one, and what it did not find is found then. What
 * was removed stays counted as stored, by hour of arrival, so that the reconciliation of those hours balances.
 *
 * An id of an event must be known for some time from its arrival on, and the events are how a dedupe index is made anew,
 * so none goes before that, and no shorter retention is kept.
 */
import {
  type ClickHouse,
  findOldRaw,
  forgetErasedIds,
  type KeptFrom,
  noteRemoval,
  noteRemovalDone,
  type OldRows,
  RAW_KEPT_DAYS,
  type Removal,
  removeOldLedger,
  removeOldQuarantine,
  removeOldRaw,
  unfinishedRemovals,
  type WhileLoadingPaused,
} from '@ecomind/clickhouse'
import type { Logger } from 'pino'
import type { Database } from '../database/database.ts'
import { auditRetention } from './privacy-audit.ts'

/** Where a test may kill the process. */
export const RETENTION_POINTS = ['retention-found', 'retention-noted', 'retention-removed'] as const
export type RetentionPoint = (typeof RETENTION_POINTS)[number]

export interface RetentionDeps {
  readonly clickhouse: ClickHouse
  readonly database: Database
  readonly whileLoadingPaused: WhileLoadingPaused
  readonly faultPoint: (name: RetentionPoint) => void
  readonly nowMs: () => number
  /** Days from its arrival on for which the id of an event must still be known. */
  readonly idsKeptDays: number
  readonly logger: Logger
}

export interface RetentionReport {
  readonly raw: readonly OldRows[]
  readonly quarantined: number
  readonly ledger: number
}

const DAY_MS = 86_400_000

/** @throws ClickHouseError, DatabaseError; what was removed until then is removed */
export async function enforceRetention(deps: RetentionDeps): Promise<RetentionReport> {
  const { clickhouse: ch, nowMs, idsKeptDays, faultPoint, logger } = deps
  const now = nowMs()
  for (const removal of await unfinishedRemovals(ch)) await finish(ch, removal)
  const limits = await readLimits(deps, now)
  const arrivedBeforeMs = now - (now % DAY_MS) - idsKeptDays * DAY_MS
  const raw = await findOldRaw(ch, await withoutRecomputation(ch, limits), arrivedBeforeMs)
  faultPoint('retention-found')
  if (raw.length > 0) {
    const removal = { run: String(now), limits: raw.map(({ orgId, day }) => ({ orgId, day })), arrivedBeforeMs }
    await note(deps, raw, removal)
    faultPoint('retention-noted')
    await removeOldRaw(ch, raw, arrivedBeforeMs)
    faultPoint('retention-removed')
    await noteRemovalDone(ch, removal.run)
  }
  const quarantined = await removeOldQuarantine(ch, limits)
  const ledger = await removeOldLedger(ch, now - RAW_KEPT_DAYS * DAY_MS)
  await forgetErasedIds(ch, arrivedBeforeMs)
  const report = { raw, quarantined, ledger }
  if (raw.length + quarantined + ledger > 0) logger.info(report, 'retention: old rows were removed')
  return report
}

/** What a kill cut off. It is counted as removed already. */
async function finish(ch: ClickHouse, { run, limits, arrivedBeforeMs }: Removal): Promise<void> {
  await removeOldRaw(ch, await findOldRaw(ch, limits, arrivedBeforeMs), arrivedBeforeMs)
  await noteRemovalDone(ch, run)
}

/** Before they go. A comparison that began before is over when the pause begins. */
async function note(
  { clickhouse, database, whileLoadingPaused, nowMs }: RetentionDeps,
  raw: readonly OldRows[],
  removal: Removal,
): Promise<void> {
  await whileLoadingPaused(async () => await noteRemoval(clickhouse, removal))
  await database.transaction(async (queries) => {
    for (const old of raw) await auditRetention(queries, old, new Date(nowMs()))
  })
}

/** Deleted organisations keep theirs. */
async function readLimits({ database, idsKeptDays }: RetentionDeps, now: number): Promise<readonly KeptFrom[]> {
  const rows = await database.query<{ id: string; retention_days: number }>(
    'SELECT id, retention_days FROM ecomind.organisations ORDER BY id',
  )
  return rows.map(({ id, retention_days: days }) => {
    const kept = Math.min(RAW_KEPT_DAYS, Math.max(days, idsKeptDays))
    return { orgId: id, day: new Date(now - kept * DAY_MS).toISOString().slice(0, 10) }
  })
}

/** A run reads raw events of its whole period, so they stay until it has ended. */
async function withoutRecomputation(ch: ClickHouse, limits: readonly KeptFrom[]): Promise<readonly KeptFrom[]> {
  const busy = await ch.query<{ org_id: string }>({
    text: `SELECT DISTINCT org_id FROM (SELECT org_id, id, argMax(state, seq) AS last FROM ecomind.recomputations GROUP BY org_id, id)
      WHERE last = 'running'`,
  })
  const names = new Set(busy.map((row) => row.org_id))
  return limits.filter(({ orgId }) => !names.has(orgId))
}
