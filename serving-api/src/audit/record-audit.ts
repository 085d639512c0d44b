/** The audit trail: who changed what, when, from what to what. It only grows; the database refuses anything else. */
import type { Queries } from '../database/database.ts'
import type { Doer } from './doer.ts'

export interface AuditedAction {
  readonly orgId: string
  /** `create`, `update`, `delete`, `sign-in`, `read` ... */
  readonly action: string
  readonly resourceType: string
  readonly resourceId: string
  /** Null: there was none, or there is none any more. */
  readonly before: Readonly<Record<string, unknown>> | null
  readonly after: Readonly<Record<string, unknown>> | null
  /** Default: done. */
  readonly outcome?: 'done' | 'refused'
}

const INSERT = `INSERT INTO ecomind.audit_entries
  (org_id, at, actor, role, from_address, action, resource_type, resource_id, request_id, before, after, outcome)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`

/** In the transaction of the change itself: both are there or neither. */
export async function recordAudit(queries: Queries, doer: Doer, done: AuditedAction): Promise<void> {
  const { actor, role, from, requestId, at } = doer
  const { orgId, action, resourceType, resourceId, before, after, outcome = 'done' } = done
  await queries.query(INSERT, [
    orgId,
    at,
    actor,
    role,
    from,
    action,
    resourceType,
    resourceId,
    requestId,
    before,
    after,
    outcome,
  ])
}
