/**
 * Making, changing and removing people, each with its audit entry in the same transaction. Nobody gives, takes or
 * touches a role with a right that they lack themselves, and an organisation keeps its last active owner.
 */
import { randomUUID } from 'node:crypto'
import type { Access } from '../access/decide.ts'
import type { Grant } from '../access/principal.ts'
import type { Doer } from '../audit/doer.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Queries } from '../database/database.ts'
import { ApiError, invalidParameter } from '../http/api-error.ts'
import { voidLinks } from '../sign-in/local/links.ts'
import { signOutElsewhere } from '../sign-in/sessions/session-store.ts'
import { countOwners, giveRole, takeEveryRole, takeRole } from './grant-store.ts'
import { faultOfGiving, faultOfTouching, grantChanges, isOwnership } from './role-rules.ts'
import { takeDirectoryTurn } from './turn.ts'
import { findUnit } from './unit-store.ts'
import { isByHand, type Person, shownUser, type User } from './user.ts'
import { findPerson, insertUser, isTaken, markUserDeleted, updateUser } from './user-store.ts'

/** Of which nobody is spared. */
const NO_SESSION = ''

/** In whose name, where, and inside which transaction. */
export interface Directory {
  readonly queries: Queries
  readonly orgId: string
  readonly access: Access
  readonly doer: Doer
}

type Fields = Omit<User, 'id' | 'version' | 'createdAt' | 'updatedAt'>
export type NewUser = Pick<User, 'email' | 'source'> & Partial<Fields>
export type UserChange = Partial<Omit<Fields, 'source'>>

/** @throws ApiError conflict where the e-mail or user name is taken, forbidden */
export async function createUser(dir: Directory, wanted: NewUser, roles: readonly Grant[]): Promise<Person> {
  await takeDirectoryTurn(dir.queries, dir.orgId)
  const { at } = dir.doer
  const user: User = {
    name: wanted.email,
    userName: null,
    givenName: null,
    familyName: null,
    externalId: null,
    usageUserId: wanted.email,
    active: true,
    ...wanted,
    id: randomUUID(),
    version: 1,
    createdAt: at,
    updatedAt: at,
  }
  await requireFree(dir, user)
  await insertUser(dir.queries, dir.orgId, user)
  await changeRoles(dir, user.id, [], roles)
  const made = await presentPerson(dir, user.id)
  await audit(dir, 'create', user.id, null, made)
  return made
}

/**
 * What is left out stays; what changes nothing is no change and needs no right. `check` sees the present state first.
 * @throws ApiError not_found, conflict, forbidden, and what `check` throws
 */
export async function changeUser(
  dir: Directory,
  id: string,
  change: (present: Person) => { readonly fields: UserChange; readonly roles?: readonly Grant[] | undefined },
  check: (present: User) => void = () => {},
): Promise<Person> {
  await takeDirectoryTurn(dir.queries, dir.orgId)
  const before = await presentPerson(dir, id)
  check(before.user)
  const { fields, roles = before.grants.filter(isByHand) } = change(before)
  const user: User = { ...before.user, ...fields }
  const { given, taken } = grantChanges(before.grants.filter(isByHand), roles)
  if (isSame(before.user, user) && given.length + taken.length === 0) return before
  requireMayTouch(dir.access, before)
  await requireFree(dir, user)
  await updateUser(dir.queries, dir.orgId, user, dir.doer.at)
  if (!user.active) await signOutElsewhere(dir.queries, dir.orgId, id, NO_SESSION)
  await changeRoles(dir, id, before.grants.filter(isByHand), roles)
  await requireOwnerLeft(dir, before)
  const after = await presentPerson(dir, id)
  await audit(dir, 'update', id, before, after)
  return after
}

/** Their roles go with them; their numbers and audit entries stay. @throws ApiError not_found, conflict, forbidden */
export async function deleteUser(dir: Directory, id: string, check: (present: User) => void = () => {}): Promise<void> {
  await takeDirectoryTurn(dir.queries, dir.orgId)
  const before = await presentPerson(dir, id)
  check(before.user)
  requireMayTouch(dir.access, before)
  await takeEveryRole(dir.queries, dir.orgId, id)
  await signOutElsewhere(dir.queries, dir.orgId, id, NO_SESSION)
  await markUserDeleted(dir.queries, dir.orgId, id, dir.doer.at)
  await requireOwnerLeft(dir, before)
  await audit(dir, 'delete', id, before, null)
}

async function presentPerson({ queries, orgId }: Directory, id: string): Promise<Person> {
  const present = await findPerson(queries, orgId, id)
  if (present === null) throw new ApiError('not_found', 'There is no such person')
  return present
}

const isSame = (a: User, b: User): boolean => (Object.keys(a) as (keyof User)[]).every((key) => a[key] === b[key])

async function requireFree({ queries, orgId }: Directory, user: User): Promise<void> {
  const taken = await isTaken(queries, orgId, user)
  if (taken === 'email') throw new ApiError('conflict', 'Somebody has this e-mail already', { field: 'email' })
  if (taken === 'user_name')
    throw new ApiError('conflict', 'Somebody has this user name already', { field: 'userName' })
}

function requireMayTouch(access: Access, { grants }: Person): void {
  const fault = faultOfTouching(access, grants)
  if (fault !== null)
    throw new ApiError('forbidden', `This person is ${fault.grant.role}: the right ${fault.right} is needed for this`)
}

async function changeRoles(
  dir: Directory,
  id: string,
  before: readonly Grant[],
  after: readonly Grant[],
): Promise<void> {
  const { given, taken } = grantChanges(before, after)
  const hasOwner = !given.some(isOwnership) || (await countOwners(dir.queries, dir.orgId)) > 0
  const fault = faultOfGiving(dir.access, { given, taken }, hasOwner)
  if (fault !== null)
    throw new ApiError('forbidden', `The right ${fault.right} is needed to give or take the role ${fault.grant.role}`)
  for (const grant of given) {
    await requireScope(dir, grant)
    await giveRole(dir.queries, dir.orgId, id, grant, dir.doer.at)
  }
  for (const grant of taken) await takeRole(dir.queries, dir.orgId, id, grant)
  if (given.some((grant) => grant.role === 'owner')) await voidLinks(dir.queries, dir.orgId, id)
}

/** @throws ApiError invalid_parameter for a team or project that is not there */
export async function requireScope({ queries, orgId }: Directory, { scope }: Grant): Promise<void> {
  if (scope.kind === 'organisation') return
  if ((await findUnit(queries, scope.kind, orgId, scope.id)) === null)
    throw invalidParameter('roles', `there is no ${scope.kind} ${JSON.stringify(scope.id)}`)
}

/** After the change. @throws ApiError conflict */
async function requireOwnerLeft({ queries, orgId }: Directory, before: Person): Promise<void> {
  if (!before.user.active || !before.grants.some(isOwnership)) return
  if ((await countOwners(queries, orgId)) === 0)
    throw new ApiError('conflict', 'This is the last active owner: make somebody else an owner first')
}

async function audit(
  { queries, orgId, doer }: Directory,
  action: string,
  id: string,
  before: Person | null,
  after: Person | null,
): Promise<void> {
  await recordAudit(queries, doer, {
    orgId,
    action,
    resourceType: 'user',
    resourceId: id,
    before: before === null ? null : shownUser(before),
    after: after === null ? null : shownUser(after),
  })
}
