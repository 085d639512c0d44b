/** Making, changing and ending organisations, each with its audit entry in the same transaction. */
import type { z } from 'zod'
import type { Doer } from '../audit/doer.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Queries } from '../database/database.ts'
import { ApiError } from '../http/api-error.ts'
import { type Organisation, organisationSettings, type organisationSettingsChange } from './organisation.ts'
import {
  insertOrganisation,
  lockOrganisation,
  markOrganisationDeleted,
  type NewOrganisation,
  updateOrganisation,
} from './organisation-store.ts'

export interface OrganisationChange {
  readonly name?: string | undefined
  readonly timezone?: string | undefined
  readonly retentionDays?: number | undefined
  readonly settings?: z.output<typeof organisationSettingsChange> | undefined
}

/** @throws ApiError conflict when the id was given before, also to one that is gone */
export async function createOrganisation(
  queries: Queries,
  doer: Doer,
  wanted: Omit<NewOrganisation, 'at'>,
): Promise<Organisation> {
  const made = await insertOrganisation(queries, { ...wanted, at: doer.at })
  if (made === null) throw new ApiError('conflict', 'There is or was an organisation with this id', { field: 'id' })
  await audit(queries, doer, 'create', made.id, null, shownOrganisation(made))
  return made
}

/** `check` sees the present state first. @throws ApiError not_found, and what `check` throws */
export async function changeOrganisation(
  queries: Queries,
  doer: Doer,
  id: string,
  change: OrganisationChange,
  check: (present: Organisation) => void,
): Promise<Organisation> {
  const before = await presentOrganisation(queries, id)
  check(before)
  const { name = before.name, timezone = before.timezone, retentionDays = before.retentionDays } = change
  const settings = organisationSettings.parse({ ...before.settings, ...defined(change.settings ?? {}) })
  const after = await updateOrganisation(queries, { ...before, name, timezone, retentionDays, settings }, doer.at)
  await audit(queries, doer, 'update', id, shownOrganisation(before), shownOrganisation(after))
  return after
}

/** Its keys and sessions end with it; numbers and audit stay. @throws ApiError not_found, conflict for the first */
export async function deleteOrganisation(
  queries: Queries,
  doer: Doer,
  id: string,
  check: (present: Organisation) => void,
): Promise<void> {
  const before = await presentOrganisation(queries, id)
  check(before)
  if (before.isFirst) throw new ApiError('conflict', "The installation's first organisation can't be deleted")
  await markOrganisationDeleted(queries, id, doer.at)
  await audit(queries, doer, 'delete', id, shownOrganisation(before), null)
}

const defined = (given: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))

async function presentOrganisation(queries: Queries, id: string): Promise<Organisation> {
  const present = await lockOrganisation(queries, id)
  if (present === null) throw new ApiError('not_found', 'There is no such organisation')
  return present
}

async function audit(
  queries: Queries,
  doer: Doer,
  action: string,
  orgId: string,
  before: Readonly<Record<string, unknown>> | null,
  after: Readonly<Record<string, unknown>> | null,
): Promise<void> {
  await recordAudit(queries, doer, { orgId, action, resourceType: 'organisation', resourceId: orgId, before, after })
}

export function shownOrganisation(org: Organisation) {
  return {
    id: org.id,
    name: org.name,
    timezone: org.timezone,
    retention_days: org.retentionDays,
    settings: org.settings,
    version: org.version,
    created_at: org.createdAt.toISOString(),
    updated_at: org.updatedAt.toISOString(),
  }
}
