/**
 * Signs where the chains stand: the last entry of every UTC day that is over, once, however many processes do it. What is
 * not signed yet is checked first, so that no broken chain is signed. Every new head goes to the log as well, because
 * what leaves the database can't be made anew in it.
 */
import type { Logger } from 'pino'
import type { Database, Queries } from '../database/database.ts'
import { NO_HASH } from './entry.ts'
import type { HeadKeys } from './head-keys.ts'
import { insertHead, readHeads, type SignedHead, shownHead, signHead } from './signed-heads.ts'
import type { Place } from './verify/fault.ts'
import { walkChain } from './verify/walk-chain.ts'

export interface Signing {
  readonly database: Database
  readonly keys: HeadKeys
  readonly logger: Logger
}

/** Every organisation. @throws DatabaseError */
export async function signDays(signing: Signing, now: Date): Promise<readonly SignedHead[]> {
  const rows = await signing.database.query<{ org_id: string }>(
    `SELECT org_id FROM ecomind.audit_heads h WHERE seq > coalesce(
       (SELECT max(seq) FROM ecomind.audit_checkpoints c WHERE c.org_id = h.org_id), 0) ORDER BY org_id`,
  )
  const signed: SignedHead[] = []
  for (const { org_id: orgId } of rows) signed.push(...(await signUnsigned(signing, orgId, now, false)))
  return signed
}

/** One organisation up to its last entry, today's included. @throws DatabaseError */
export async function signNow(signing: Signing, orgId: string, now: Date): Promise<readonly SignedHead[]> {
  return await signUnsigned(signing, orgId, now, true)
}

async function signUnsigned(
  { database, keys, logger }: Signing,
  orgId: string,
  now: Date,
  withToday: boolean,
): Promise<readonly SignedHead[]> {
  const today = now.toISOString().slice(0, 10)
  let from = await lastSigned(database, orgId)
  const signed: SignedHead[] = []
  for (const { day, seq } of await unsignedDays(database, orgId, from.seq)) {
    if ((day >= today && !withToday) || seq <= from.seq) continue
    const { last, fault } = await walkChain(database, orgId, from, seq)
    if (fault !== null) {
      logger.error(
        { orgId, fault, advice: 'docs/audit.md' },
        'the audit trail was tampered with; its head is not signed',
      )
      return signed
    }
    const head = signHead(keys, { orgId, day, seq: last.seq, hash: last.hash, signedAt: now })
    from = last
    if (!(await insertHead(database, head))) continue
    logger.info({ audit_head: shownHead(head) }, 'audit head signed')
    signed.push(head)
  }
  return signed
}

/** Where the chain was signed last; else where what is kept of it begins. */
async function lastSigned(queries: Queries, orgId: string): Promise<Place> {
  const [head] = await readHeads(queries, orgId, 1)
  const [cut] = await queries.query<{ seq: number; hash: string }>(
    'SELECT cut_seq AS seq, cut_hash AS hash FROM ecomind.audit_heads WHERE org_id = $1',
    [orgId],
  )
  const begin = { seq: 0, hash: NO_HASH, ...cut, id: 0 }
  return head === undefined || head.seq < begin.seq ? begin : { seq: head.seq, hash: head.hash, id: 0 }
}

/** Days with entries, and the last entry of each. Entries may come late to a day: order by number is not order by time. */
async function unsignedDays(queries: Queries, orgId: string, after: number) {
  return await queries.query<{ day: string; seq: number }>(
    `SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, max(seq) AS seq FROM ecomind.audit_entries
     WHERE org_id = $1 AND seq > $2 GROUP BY 1 ORDER BY 1`,
    [orgId, after],
  )
}
