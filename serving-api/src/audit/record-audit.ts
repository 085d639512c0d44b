/** The audit trail: who changed what, when, from what to what. It only grows; the database refuses anything else. */
import type { Queries } from '../database/database.ts'
import { appendEntry } from './append-entry.ts'
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

/**
 * In the transaction of the change itself: both are there or neither. The entry is written right before the commit,
 * wherever in the transaction this is called: whoever writes an entry holds the chain of the organisation, and must not
 * wait for anything else then. Outside of a transaction it is written at once, in one of its own.
 * @throws DatabaseError, there or at the commit
 */
export async function recordAudit(queries: Queries, doer: Doer, done: AuditedAction): Promise<void> {
  const { actor, role, from, requestId, at } = doer
  const entry = { outcome: 'done', ...done, actor, role, from, requestId, at }
  await queries.lastly(done.orgId, (last) => appendEntry(last, entry))
}
