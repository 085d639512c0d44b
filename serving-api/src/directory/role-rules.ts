/** Who may give, take and touch which roles: pure functions of the table of roles. */
import type { Access } from '../access/decide.ts'
import type { Grant } from '../access/principal.ts'
import { isRowPermission, type Permission, ROLE_PERMISSIONS, type Role } from '../access/roles.ts'

/** Rights of the role that this asker lacks for the organisation as a whole. */
export function lackedRights(access: Pick<Access, 'may' | 'rows'>, role: Role): readonly Permission[] {
  const has = (permission: Permission) =>
    isRowPermission(permission) ? access.rows(permission)?.kind === 'all' : access.may(permission)
  return [...ROLE_PERMISSIONS[role]].filter((permission) => !has(permission))
}

export const grantKey = ({ role, scope }: Grant): string =>
  scope.kind === 'organisation' ? `${role}@organisation` : `${role}@${scope.kind}/${scope.id}`

/** What turns `before` into `after`; each grant counts once. */
export function grantChanges(before: readonly Grant[], after: readonly Grant[]) {
  const [present, wanted] = [byKey(before), byKey(after)]
  return {
    given: [...wanted].filter(([key]) => !present.has(key)).map(([, grant]) => grant),
    taken: [...present].filter(([key]) => !wanted.has(key)).map(([, grant]) => grant),
  }
}

const byKey = (grants: readonly Grant[]) => new Map(grants.map((grant) => [grantKey(grant), grant]))

/**
 * A right that the asker lacks to give and take these; null: they may. The first owner of an organisation that has none
 * may be named by whoever may write users: nobody else could.
 */
export function faultOfGiving(
  access: Pick<Access, 'may' | 'rows'>,
  { given, taken }: { readonly given: readonly Grant[]; readonly taken: readonly Grant[] },
  hasOwner: boolean,
): { readonly grant: Grant; readonly right: Permission } | null {
  const bound = [...given.filter((grant) => hasOwner || !isOwnership(grant)), ...taken]
  for (const grant of bound) {
    const [right] = lackedRights(access, grant.role)
    if (right !== undefined) return { grant, right }
  }
  return null
}

/** A right of this person that the asker lacks: then they may not change them. Null: they may. */
export function faultOfTouching(
  access: Pick<Access, 'may' | 'rows'>,
  held: readonly Grant[],
): { readonly grant: Grant; readonly right: Permission } | null {
  return faultOfGiving(access, { given: [], taken: held }, true)
}

/** Of the organisation; an owner of a team owns no organisation. */
export const isOwnership = ({ role, scope }: Grant): boolean => role === 'owner' && scope.kind === 'organisation'
