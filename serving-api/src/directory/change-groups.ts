/**
 * Making, changing and removing groups, each with its audit entry in the same transaction. A group never makes owners,
 * and whoever changes its members or its role must hold every right of that role themselves.
 */
import { randomUUID } from 'node:crypto'
import type { Grant } from '../access/principal.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { ApiError, invalidParameter } from '../http/api-error.ts'
import { type Directory, requireScope } from './change-users.ts'
import { type Group, shownGroup } from './group.ts'
import {
  addMembers,
  findGroup,
  findGroupByName,
  insertGroup,
  markGroupDeleted,
  membersOf,
  removeMembers,
  updateGroup,
} from './group-store.ts'
import { faultOfGiving, grantChanges } from './role-rules.ts'
import { takeDirectoryTurn } from './turn.ts'

/** @throws ApiError conflict where the name is taken */
export async function createGroup(
  dir: Directory,
  wanted: Pick<Group, 'name' | 'externalId'>,
  memberIds: readonly string[],
): Promise<Group> {
  await takeDirectoryTurn(dir.queries, dir.orgId)
  const id = randomUUID()
  await requireFreeName(dir, id, wanted.name)
  await insertGroup(dir.queries, dir.orgId, { id, ...wanted }, dir.doer.at)
  const added = await addMembers(dir.queries, dir.orgId, id, memberIds)
  const made = await presentGroup(dir, id)
  await audit(dir, 'create', id, null, { ...shownGroup(made), members_added: added })
  return made
}

export interface GroupChange {
  readonly name?: string
  readonly externalId?: string | null
  /** Null: no role. */
  readonly grant?: Grant | null
  /** From the ids of the present members to those that are wanted; ids of nobody are left out. */
  readonly members?: (present: ReadonlySet<string>) => ReadonlySet<string>
}

/** What is left out stays. @throws ApiError not_found, conflict, forbidden, invalid_parameter, and what `check` throws */
export async function changeGroup(
  dir: Directory,
  id: string,
  change: GroupChange,
  check: (present: Group) => void = () => {},
): Promise<Group> {
  await takeDirectoryTurn(dir.queries, dir.orgId)
  const before = await presentGroup(dir, id)
  check(before)
  const { name = before.name, externalId = before.externalId, grant = before.grant } = change
  if (name !== before.name) await requireFreeName(dir, id, name)
  await requireMayGive(dir, before.grant, grant)
  const { added, removed } = await changeMembers(dir, id, change.members)
  if (added.length + removed.length > 0) requireHolds(dir, [before.grant, grant])
  const { given, taken } = grantChanges(listOf(before.grant), listOf(grant))
  const isSame = name === before.name && externalId === before.externalId && given.length + taken.length === 0
  if (isSame && added.length + removed.length === 0) return before
  await updateGroup(dir.queries, dir.orgId, { ...before, name, externalId, grant }, dir.doer.at)
  const after = await presentGroup(dir, id)
  const members = { members_added: added, members_removed: removed }
  await audit(dir, 'update', id, shownGroup(before), { ...shownGroup(after), ...members })
  return after
}

/** Its members lose its role. @throws ApiError not_found, forbidden, and what `check` throws */
export async function deleteGroup(
  dir: Directory,
  id: string,
  check: (present: Group) => void = () => {},
): Promise<void> {
  await takeDirectoryTurn(dir.queries, dir.orgId)
  const before = await presentGroup(dir, id)
  check(before)
  requireHolds(dir, [before.grant])
  await markGroupDeleted(dir.queries, dir.orgId, id, dir.doer.at)
  await audit(dir, 'delete', id, shownGroup(before), null)
}

async function presentGroup({ queries, orgId }: Directory, id: string): Promise<Group> {
  const present = await findGroup(queries, orgId, id)
  if (present === null) throw new ApiError('not_found', 'There is no such group')
  return present
}

async function requireFreeName({ queries, orgId }: Directory, id: string, name: string): Promise<void> {
  const taken = await findGroupByName(queries, orgId, name)
  if (taken !== null && taken.id !== id)
    throw new ApiError('conflict', 'There is a group with this name', { field: 'displayName' })
}

const listOf = (grant: Grant | null): readonly Grant[] => (grant === null ? [] : [grant])

async function requireMayGive(dir: Directory, before: Grant | null, after: Grant | null): Promise<void> {
  const { given, taken } = grantChanges(listOf(before), listOf(after))
  for (const grant of given) {
    if (grant.role === 'owner') throw invalidParameter('grant.role', 'a group makes no owners')
    await requireScope(dir, grant)
  }
  requireHolds(dir, [...given, ...taken])
}

function requireHolds({ access }: Directory, grants: readonly (Grant | null)[]): void {
  const fault = faultOfGiving(access, { given: grants.flatMap(listOf), taken: [] }, true)
  if (fault !== null)
    throw new ApiError('forbidden', `The right ${fault.right} is needed to give or take the role ${fault.grant.role}`)
}

async function changeMembers({ queries, orgId }: Directory, id: string, change: GroupChange['members']) {
  if (change === undefined) return { added: [], removed: [] }
  const members = await membersOf(queries, orgId, [id])
  const present = new Set(members.map((m) => m.userId))
  const wanted = change(present)
  const missing = [...wanted].filter((userId) => !present.has(userId))
  const gone = [...present].filter((userId) => !wanted.has(userId))
  return {
    added: await addMembers(queries, orgId, id, missing),
    removed: await removeMembers(queries, orgId, id, gone),
  }
}

async function audit(
  { queries, orgId, doer }: Directory,
  action: string,
  id: string,
  before: Readonly<Record<string, unknown>> | null,
  after: Readonly<Record<string, unknown>> | null,
): Promise<void> {
  await recordAudit(queries, doer, { orgId, action, resourceType: 'group', resourceId: id, before, after })
}
