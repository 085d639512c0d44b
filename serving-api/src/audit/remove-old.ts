/**
 * Removes entries whose time is over. What is left still verifies: the place where it begins is noted, signed where there
 * are secret keys, and told by an entry of the trail itself. Needs the right to execute `remove_audit_entries`, which
 * the role of an application does not have.
 */
import type { Database, Queries } from '../database/database.ts'
import { organisationSettings } from '../organisations/organisation.ts'
import type { HeadKeys } from './head-keys.ts'
import { recordAudit } from './record-audit.ts'
import { insertHead, signHead } from './signed-heads.ts'

export const REMOVED_OLD = { resourceType: 'audit', action: 'remove_old' } as const

export interface Removal {
  readonly orgId: string
  readonly entries: number
  readonly throughSeq: number
}

const DAY_MS = 86_400_000

/** Where this role may not remove anything: null. @throws DatabaseError */
export async function removeOldEntries(
  database: Database,
  keys: HeadKeys | null,
  now: Date,
): Promise<readonly Removal[] | null> {
  const [right] = await database.query<{ may: boolean }>(
    "SELECT has_function_privilege('ecomind.remove_audit_entries(text, bigint)', 'EXECUTE') AS may",
  )
  if (right?.may !== true) return null
  const organisations = await database.query<{ id: string; settings: unknown }>(
    'SELECT id, settings FROM ecomind.organisations ORDER BY id',
  )
  const removals: Removal[] = []
  for (const { id, settings } of organisations) {
    const days = organisationSettings.parse(settings).audit_retention_days
    const keptFrom = new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS - days * DAY_MS)
    if ((await lastOfOld(database, id, keptFrom)) === null) continue
    const removal = await database.transaction((queries) => removeOf(queries, id, keptFrom, days, keys, now))
    if (removal !== null) removals.push(removal)
  }
  return removals
}

async function removeOf(
  queries: Queries,
  orgId: string,
  keptFrom: Date,
  days: number,
  keys: HeadKeys | null,
  now: Date,
): Promise<Removal | null> {
  const last = await lastOfOld(queries, orgId, keptFrom)
  if (last === null) return null
  if (keys !== null) {
    const head = { orgId, day: last.at.toISOString().slice(0, 10), seq: last.seq, hash: last.hash, signedAt: now }
    await insertHead(queries, signHead(keys, head))
  }
  const [row] = await queries.query<{ removed: number }>('SELECT ecomind.remove_audit_entries($1, $2) AS removed', [
    orgId,
    last.seq,
  ])
  const entries = row?.removed ?? 0
  if (entries === 0) return null
  const doer = { actor: 'operator', role: 'retention', from: null, requestId: '', at: now }
  await recordAudit(queries, doer, {
    orgId,
    ...REMOVED_OLD,
    resourceId: orgId,
    before: null,
    after: { entries, through_seq: last.seq, through_hash: last.hash, retention_days: days },
  })
  return { orgId, entries, throughSeq: last.seq }
}

/** The last entry before the first one that is kept; null: nothing is too old. */
async function lastOfOld(queries: Queries, orgId: string, keptFrom: Date) {
  const [row] = await queries.query<{ seq: number; hash: string; at: Date }>(
    `SELECT seq, hash, at FROM ecomind.audit_entries
     WHERE org_id = $1 AND at < $2 AND seq < coalesce(
       (SELECT min(seq) FROM ecomind.audit_entries WHERE org_id = $1 AND at >= $2), 9223372036854775807)
     ORDER BY seq DESC LIMIT 1`,
    [orgId, keptFrom],
  )
  return row ?? null
}
