/** Appends one entry to the chain of its organisation. */
import type { Queries } from '../database/database.ts'
import { AUDIT_COLUMNS } from './audit-store.ts'
import { type AuditContent, type AuditDetail, hashOf } from './entry.ts'

export type NewEntry = Omit<AuditContent, 'seq' | 'prevHash'>

interface HeadRow {
  readonly seq: number
  readonly hash: string
  readonly before: AuditDetail
  readonly after: AuditDetail
}

/** The details come back as the database will give them back ever after, which is what the hash is made of. */
const LOCK = `SELECT head_seq AS seq, head_hash AS hash, $2::jsonb AS before, $3::jsonb AS after
  FROM ecomind.lock_audit_head($1)`

const INSERT = `INSERT INTO ecomind.audit_entries (${AUDIT_COLUMNS.replace('id, ', '')})
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`

/**
 * Takes the head of the organisation's chain until the transaction ends; so it must be the last thing the transaction
 * does, see `Queries.lastly`.
 * @throws DatabaseError
 */
export async function appendEntry(queries: Queries, entry: NewEntry): Promise<void> {
  const [head] = await queries.query<HeadRow>(LOCK, [entry.orgId, storable(entry.before), storable(entry.after)])
  if (head === undefined) throw new Error(`append to the audit trail: ${entry.orgId} has no head`)
  const content: AuditContent = {
    ...entry,
    actor: printable(entry.actor),
    resourceId: printable(entry.resourceId),
    requestId: printable(entry.requestId),
    before: head.before,
    after: head.after,
    seq: head.seq + 1,
    prevHash: head.hash,
  }
  await queries.query(INSERT, [
    content.orgId,
    content.seq,
    content.at,
    content.actor,
    content.role,
    content.from,
    content.action,
    content.resourceType,
    content.resourceId,
    content.requestId,
    content.before,
    content.after,
    content.outcome,
    content.prevHash,
    hashOf(content),
  ])
}

/** PostgreSQL keeps neither NUL nor half a surrogate pair; an entry must not fail over what a client sent. */
const printable = (text: string): string => text.replaceAll(/\p{Surrogate}|\0/gu, '\ufffd')

function storable(detail: AuditDetail): AuditDetail {
  if (detail === null) return null
  const text = JSON.stringify(detail, (_, value: unknown) => (typeof value === 'string' ? printable(value) : value))
  return JSON.parse(text) as AuditDetail
}
