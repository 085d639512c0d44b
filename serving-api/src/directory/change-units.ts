/** Making, changing and ending teams and projects, each with its audit entry in the same transaction. */
import { recordAudit } from '../audit/record-audit.ts'
import { ApiError, invalidParameter } from '../http/api-error.ts'
import type { Directory } from './change-users.ts'
import { takeDirectoryTurn } from './turn.ts'
import { shownUnit, type Unit, type UnitKind } from './unit.ts'
import { countUses, findUnit, insertUnit, markUnitDeleted, updateUnit } from './unit-store.ts'

/** @throws ApiError conflict where there is one with this id, invalid_parameter for a team that is not there */
export async function createUnit(
  dir: Directory,
  kind: UnitKind,
  { isMade, ...wanted }: Pick<Unit, 'id' | 'name' | 'teamId'> & { readonly isMade?: boolean },
): Promise<Unit> {
  await takeDirectoryTurn(dir.queries, dir.orgId)
  await requireTeam(dir, wanted.teamId)
  const made = await insertUnit(dir.queries, kind, dir.orgId, wanted, dir.doer.at)
  if (made === null) throw new ApiError('conflict', `There is a ${kind} with the id ${wanted.id}`, { field: 'id' })
  // Nobody asked for this id: what had it before must not come back under another name.
  if (isMade && made.version > 1)
    throw new ApiError('conflict', `The id ${wanted.id}, made from the name, was one of before: give an id`, {
      field: 'id',
    })
  await audit(dir, kind, 'create', made.id, null, made)
  return made
}

/** What is left out stays. @throws ApiError not_found, invalid_parameter, and what `check` throws */
export async function changeUnit(
  dir: Directory,
  kind: UnitKind,
  id: string,
  change: Partial<Pick<Unit, 'name' | 'teamId'>>,
  check: (present: Unit) => void,
): Promise<Unit> {
  await takeDirectoryTurn(dir.queries, dir.orgId)
  const before = await presentUnit(dir, kind, id)
  check(before)
  const wanted = { ...before, ...change }
  if (wanted.name === before.name && wanted.teamId === before.teamId) return before
  await requireTeam(dir, wanted.teamId)
  const after = await updateUnit(dir.queries, kind, dir.orgId, wanted, dir.doer.at)
  await audit(dir, kind, 'update', id, before, after)
  return after
}

/** Events keep their id. @throws ApiError not_found, conflict while roles or projects name it, and what `check` throws */
export async function deleteUnit(
  dir: Directory,
  kind: UnitKind,
  id: string,
  check: (present: Unit) => void,
): Promise<void> {
  await takeDirectoryTurn(dir.queries, dir.orgId)
  const before = await presentUnit(dir, kind, id)
  check(before)
  const uses = await countUses(dir.queries, kind, dir.orgId, id)
  if (uses > 0) throw new ApiError('conflict', `${uses} roles or projects name this ${kind}: change those first`)
  await markUnitDeleted(dir.queries, kind, dir.orgId, id, dir.doer.at)
  await audit(dir, kind, 'delete', id, before, null)
}

async function presentUnit({ queries, orgId }: Directory, kind: UnitKind, id: string): Promise<Unit> {
  const present = await findUnit(queries, kind, orgId, id)
  if (present === null) throw new ApiError('not_found', `There is no such ${kind}`)
  return present
}

async function requireTeam({ queries, orgId }: Directory, teamId: string | null): Promise<void> {
  if (teamId !== null && (await findUnit(queries, 'team', orgId, teamId)) === null)
    throw invalidParameter('team_id', 'there is no such team')
}

async function audit(
  { queries, orgId, doer }: Directory,
  kind: UnitKind,
  action: string,
  id: string,
  before: Unit | null,
  after: Unit | null,
): Promise<void> {
  await recordAudit(queries, doer, {
    orgId,
    action,
    resourceType: kind,
    resourceId: id,
    before: before === null ? null : shownUnit(kind, before),
    after: after === null ? null : shownUnit(kind, after),
  })
}
