/** The audit entry of a change that an administrator makes to how an organisation signs in. */
import type { Request, Response } from 'express'
import { doerOf } from '../audit/doer.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Queries } from '../database/database.ts'
import type { OrgScope } from '../scope.ts'

type Shown = Readonly<Record<string, unknown>> | null

/** Before and after as they are shown, without secrets. */
export async function auditChange(
  queries: Queries,
  scope: OrgScope,
  { req, res }: { readonly req: Request; readonly res: Response },
  nowMs: number,
  resource: { readonly type: string; readonly id: string },
  before: Shown,
  after: Shown,
): Promise<void> {
  const action = before === null ? 'create' : after === null ? 'delete' : 'update'
  await recordAudit(queries, doerOf(scope.access, { req, res }, nowMs), {
    orgId: scope.orgId,
    action,
    resourceType: resource.type,
    resourceId: resource.id,
    before,
    after,
  })
}
