/** What the audit trail is told of exports and erasures: everything but the person's id. */
import type { OldRows } from '@ecomind/clickhouse'
import { recordAudit } from '../audit/record-audit.ts'
import type { Queries } from '../database/database.ts'
import type { Erasure, RowCounts } from './erasure.ts'
import type { PersonHash } from './person-hash.ts'

export interface Requester {
  readonly actor: string
  readonly requestId: string
  readonly at: Date
}

/** In the transaction of the change itself. */
export async function auditErasure(
  queries: Queries,
  { actor, requestId, at }: Requester,
  erasure: Erasure,
  action: 'erase' | 'erased',
): Promise<void> {
  const { mode, salt, userHash, found, certificate } = erasure
  await recordAudit(queries, {
    orgId: erasure.orgId,
    at,
    actor,
    action,
    resourceType: 'erasure',
    resourceId: erasure.id,
    requestId,
    before: null,
    after: { mode, person: { salt, sha256: userHash }, rows: certificate?.rows_before ?? found },
  })
}

/** @param id of the export; the archive carries it too */
export async function auditExport(
  queries: Queries,
  { actor, requestId, at }: Requester,
  exported: { readonly orgId: string; readonly id: string; readonly person: PersonHash; readonly rows: RowCounts },
): Promise<void> {
  await recordAudit(queries, {
    orgId: exported.orgId,
    at,
    actor,
    action: 'export',
    resourceType: 'personal-data',
    resourceId: exported.id,
    requestId,
    before: null,
    after: { person: exported.person, rows: exported.rows },
  })
}

/** Before the events go; after a kill it may stand there again, with what was left. */
export async function auditRetention(queries: Queries, { orgId, day, rows }: OldRows, at: Date): Promise<void> {
  await recordAudit(queries, {
    orgId,
    at,
    actor: 'system',
    action: 'remove',
    resourceType: 'raw-events',
    resourceId: day,
    requestId: '',
    before: null,
    after: { kept_from: day, rows },
  })
}
