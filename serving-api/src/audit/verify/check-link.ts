/**
 * Whether an entry is as it was written and follows the one before, and if not, what was done to the trail. The hash of
 * an entry covers its number, so an entry whose hash is right under another number was moved.
 */
import type { Queries } from '../../database/database.ts'
import { type AuditEntry, hashOf } from '../entry.ts'
import type { AuditFault, FaultKind, Place } from './fault.ts'

/** How far an entry is looked for from where it stands; one that was moved farther is told as changed. */
const SHIFT_MAX = 100

export async function checkLink(
  queries: Pick<Queries, 'query'>,
  before: Place,
  entry: AuditEntry,
): Promise<AuditFault | null> {
  const expected = before.seq + 1
  if (entry.seq !== expected) return missing(expected, entry.seq - 1)
  if (hashOf(entry) !== entry.hash) return await faultOfContent(queries, before, entry)
  if (entry.prevHash === before.hash) return null
  if (before.id === 0) return named('changed', entry, 'it does not follow what was before it')
  const message = 'its content and its own hash were changed together: the next entry knows another hash of it'
  return { kind: 'changed', seq: before.seq, id: before.id, message: `Entry ${before.seq}: ${message}` }
}

export function missing(from: number, to: number): AuditFault {
  const which = from === to ? `Entry ${from} is` : `Entries ${from} to ${to} are`
  return { kind: 'removed', seq: from, id: null, message: `${which} missing` }
}

export function named(kind: FaultKind, entry: { seq: number; id: number }, what: string): AuditFault {
  return { kind, seq: entry.seq, id: entry.id, message: `Entry ${entry.seq}: ${what}` }
}

async function faultOfContent(queries: Pick<Queries, 'query'>, before: Place, entry: AuditEntry): Promise<AuditFault> {
  const written = numberWhenWritten(entry)
  if (written === null) {
    return (await isNewerThanFollowers(queries, entry))
      ? named('inserted', entry, 'it was made after entries that stand behind it')
      : named('changed', entry, 'its content does not give its hash')
  }
  if (written < entry.seq) {
    const place = before.id === 0 ? entry : before
    return named('inserted', place, `an entry was put in here: the one behind it was written as number ${written}`)
  }
  if (await isNewerThanFollowers(queries, entry))
    return named('reordered', entry, `it was written as number ${written}`)
  return missing(entry.seq, written - 1)
}

/** The number under which the hash is right; null: none near by. */
function numberWhenWritten(entry: AuditEntry): number | null {
  for (let shift = 1; shift <= SHIFT_MAX; shift++) {
    for (const seq of [entry.seq - shift, entry.seq + shift])
      if (seq >= 1 && hashOf({ ...entry, seq }) === entry.hash) return seq
  }
  return null
}

/** Ids grow with numbers, because both are given while the chain is held. */
async function isNewerThanFollowers(queries: Pick<Queries, 'query'>, { orgId, seq, id }: AuditEntry): Promise<boolean> {
  const rows = await queries.query(
    'SELECT 1 FROM ecomind.audit_entries WHERE org_id = $1 AND seq > $2 AND id < $3 LIMIT 1',
    [orgId, seq, id],
  )
  return rows.length > 0
}
