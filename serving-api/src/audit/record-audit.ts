/** The audit trail: who changed what, when, from what to what. It only grows; the database refuses anything else. */
import type { DatabaseValue, Queries } from '../database/database.ts'

export interface AuditEntry {
  readonly orgId: string
  readonly at: Date
  /** Who: a user, a key, or `local` where nobody has to say. */
  readonly actor: string
  /** `create`, `update`, `delete` ... */
  readonly action: string
  readonly resourceType: string
  readonly resourceId: string
  readonly requestId: string
  /** Null: there was none, or there is none any more. */
  readonly before: Readonly<Record<string, unknown>> | null
  readonly after: Readonly<Record<string, unknown>> | null
}

const INSERT = `INSERT INTO ecomind.audit_entries
  (org_id, at, actor, action, resource_type, resource_id, request_id, before, after)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

/** In the transaction of the change itself: both are there or neither. */
export async function recordAudit(queries: Queries, entry: AuditEntry): Promise<void> {
  const { orgId, at, actor, action, resourceType, resourceId, requestId, before, after } = entry
  const values: readonly DatabaseValue[] = [
    orgId,
    at,
    actor,
    action,
    resourceType,
    resourceId,
    requestId,
    before,
    after,
  ]
  await queries.query(INSERT, values)
}
