/** Rows of the trail in the control store. */
import type { Queries } from '../database/database.ts'
import type { AuditDetail, AuditEntry } from './entry.ts'

export interface AuditRow {
  readonly id: number
  readonly org_id: string
  readonly seq: number
  readonly at: Date
  readonly actor: string
  readonly role: string
  readonly from_address: string | null
  readonly action: string
  readonly resource_type: string
  readonly resource_id: string
  readonly request_id: string
  readonly before: AuditDetail
  readonly after: AuditDetail
  readonly outcome: string
  readonly prev_hash: string
  readonly hash: string
}

export const AUDIT_COLUMNS = `id, org_id, seq, at, actor, role, from_address, action, resource_type, resource_id, request_id,
  before, after, outcome, prev_hash, hash`

export function toEntry(row: AuditRow): AuditEntry {
  return {
    id: row.id,
    orgId: row.org_id,
    seq: row.seq,
    at: row.at,
    actor: row.actor,
    role: row.role,
    from: row.from_address,
    action: row.action,
    resourceType: row.resource_type,
    resourceId: row.resource_id,
    requestId: row.request_id,
    before: row.before,
    after: row.after,
    outcome: row.outcome,
    prevHash: row.prev_hash,
    hash: row.hash,
  }
}

/** Rows by number, oldest first: one page of the chain behind `after`. */
export async function readChain(queries: Pick<Queries, 'query'>, orgId: string, after: number, limit: number) {
  const rows = await queries.query<AuditRow>(
    `SELECT ${AUDIT_COLUMNS} FROM ecomind.audit_entries WHERE org_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
    [orgId, after, limit],
  )
  return rows.map(toEntry)
}

/** Every organisation that has a trail. */
export async function auditedOrganisations(queries: Queries): Promise<readonly string[]> {
  const rows = await queries.query<{ org_id: string }>(
    `SELECT org_id FROM ecomind.audit_heads
     UNION SELECT DISTINCT org_id FROM ecomind.audit_entries
     UNION SELECT DISTINCT org_id FROM ecomind.audit_checkpoints ORDER BY 1`,
  )
  return rows.map((r) => r.org_id)
}
