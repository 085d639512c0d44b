/** What may be done to the overrides of one organisation, each in one transaction with its audit entry. */
import { randomUUID } from 'node:crypto'
import type { FactorOverride } from '@ecomind/footprint'
import type { Doer } from '../audit/doer.ts'
import { type AuditedAction, recordAudit } from '../audit/record-audit.ts'
import type { Queries } from '../database/database.ts'
import { ApiError } from '../http/api-error.ts'
import {
  findOverride,
  insertVersion,
  listOverrides,
  type OverrideContent,
  type StoredOverride,
  takeTurn,
} from './override-store.ts'

/** Overrides that one organisation may have at a time. */
export const OVERRIDES_MAX = 500

export interface Change {
  readonly orgId: string
  readonly doer: Doer
  /** @throws ApiError when the content breaks a rule */
  readonly check: (override: FactorOverride) => void
}

/** @throws ApiError invalid_parameter, conflict */
export async function createOverride(
  queries: Queries,
  change: Change,
  content: OverrideContent,
): Promise<StoredOverride> {
  const turn = await takeTurn(queries, change.orgId)
  const override = { ...content, id: `ov_${randomUUID().replaceAll('-', '').slice(0, 20)}`, version: 1 }
  change.check(override)
  await refuseSecond(queries, change.orgId, override)
  const stored = await insertVersion(queries, change.orgId, override, { ...change.doer, deleted: false }, turn)
  await recordAudit(queries, change.doer, entryOf(change, 'create', null, override))
  return stored
}

/** `contentOf` is told the present version. @throws ApiError not_found, invalid_parameter, conflict */
export async function replaceOverride(
  queries: Queries,
  change: Change,
  id: string,
  contentOf: (before: FactorOverride) => OverrideContent,
): Promise<StoredOverride> {
  const turn = await takeTurn(queries, change.orgId)
  const before = await presentOverride(queries, change.orgId, id)
  const override = { ...contentOf(before), id, version: before.version + 1 }
  change.check(override)
  await refuseSecond(queries, change.orgId, override)
  const stored = await insertVersion(queries, change.orgId, override, { ...change.doer, deleted: false }, turn)
  await recordAudit(queries, change.doer, entryOf(change, 'update', before, override))
  return stored
}

/** Numbers that were computed with it stay, and can still be explained. @throws ApiError not_found */
export async function deleteOverride(queries: Queries, change: Change, id: string): Promise<StoredOverride> {
  const turn = await takeTurn(queries, change.orgId)
  const before = await presentOverride(queries, change.orgId, id)
  const override = { ...before, version: before.version + 1 }
  const stored = await insertVersion(queries, change.orgId, override, { ...change.doer, deleted: true }, turn)
  await recordAudit(queries, change.doer, entryOf(change, 'delete', before, null))
  return stored
}

async function presentOverride(queries: Queries, orgId: string, id: string): Promise<FactorOverride> {
  const stored = await findOverride(queries, orgId, id)
  if (stored === undefined) throw new ApiError('not_found', 'There is no such override')
  return stored.override
}

/** Two for the same calls at the same time would leave it to luck which one counts. */
async function refuseSecond(queries: Queries, orgId: string, override: FactorOverride): Promise<void> {
  const others = (await listOverrides(queries, orgId)).map((o) => o.override).filter((o) => o.id !== override.id)
  if (others.length >= OVERRIDES_MAX)
    throw new ApiError('conflict', `An organisation can have ${OVERRIDES_MAX} overrides; delete one first`)
  const second = others.find((o) => sameCalls(o, override) && overlap(o, override))
  if (second === undefined) return
  const message = `valid_from: override ${second.id} is for the same provider and model in a part of this period`
  throw new ApiError('conflict', message, { field: 'valid_from' })
}

const plain = (name: string): string => name.trim().toLowerCase()
const sameCalls = (a: FactorOverride, b: FactorOverride): boolean =>
  plain(a.provider) === plain(b.provider) && plain(a.model) === plain(b.model)
const overlap = (a: FactorOverride, b: FactorOverride): boolean =>
  a.valid_from_ms < (b.valid_to_ms ?? Number.POSITIVE_INFINITY) &&
  b.valid_from_ms < (a.valid_to_ms ?? Number.POSITIVE_INFINITY)

function entryOf(
  { orgId }: Change,
  action: string,
  before: FactorOverride | null,
  after: FactorOverride | null,
): AuditedAction {
  const resourceId = before?.id ?? after?.id ?? ''
  return { orgId, action, resourceType: 'factor_override', resourceId, before, after }
}
