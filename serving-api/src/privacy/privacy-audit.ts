/** What the audit trail is told of exports, erasures and retention: everything but the person's id. */
import type { OldRows } from '@ecomind/clickhouse'
import type { Doer } from '../audit/doer.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Queries } from '../database/database.ts'
import type { Erasure } from './erasure.ts'
import type { PersonHash } from './person-hash.ts'

/** In the transaction of the change itself. */
export async function auditErasure(
  queries: Queries,
  doer: Doer,
  erasure: Erasure,
  action: 'erase' | 'erased',
): Promise<void> {
  const { orgId, id, mode, salt, userHash, found } = erasure
  await recordAudit(queries, doer, {
    orgId,
    action,
    resourceType: 'erasure',
    resourceId: id,
    before: null,
    after: { mode, person: { salt, sha256: userHash }, rows: found },
  })
}

/** Before anything leaves. @param id of the export; the archive carries it too */
export async function auditExport(
  queries: Queries,
  doer: Doer,
  exported: { readonly orgId: string; readonly id: string; readonly person: PersonHash },
): Promise<void> {
  await recordAudit(queries, doer, {
    orgId: exported.orgId,
    action: 'export',
    resourceType: 'personal-data',
    resourceId: exported.id,
    before: null,
    after: { person: { ...exported.person } },
  })
}

/** Before the events go. */
export async function auditRetention(queries: Queries, { orgId, day, rows }: OldRows, at: Date): Promise<void> {
  await recordAudit(queries, bySystem('system', at), {
    orgId,
    action: 'remove',
    resourceType: 'raw-events',
    resourceId: day,
    before: null,
    after: { kept_from: day, rows },
  })
}

/** The product itself, on behalf of whoever asked. */
export function bySystem(actor: string, at: Date, requestId = ''): Doer {
  return { actor, role: '', from: null, requestId, at }
}
