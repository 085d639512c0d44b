/**
 * What someone may do in one organisation: a pure function of who asks and the table of roles. Deny by default.
 */
import type { Grant, Principal } from './principal.ts'
import { isRowPermission, KEY_PERMISSIONS, PERMISSIONS, type Permission, ROLE_PERMISSIONS } from './roles.ts'

/** Whose rows of usage: all of the organisation, or those of some teams, projects and one person together. */
export type RowScope =
  | { readonly kind: 'all' }
  | {
      readonly kind: 'some'
      readonly teamIds: readonly string[]
      readonly projectIds: readonly string[]
      /** `user_id` of the person's own events; null: not known. */
      readonly ownUserId: string | null
    }

/** One principal in one organisation. */
export interface Access {
  readonly orgId: string
  /** For the audit: `user/ID`, `key/ID`, `token/SUBJECT` or `local`. */
  readonly actor: string
  /** For the audit: what they were at that moment, such as `admin` or `viewer@team/ml`. */
  readonly role: string
  readonly may: (permission: Permission) => boolean
  /** Rows that `permission` covers; null: none. Only of permissions on rows. */
  readonly rows: (permission: Permission) => RowScope | null
}

/** Null: this principal knows nothing of the organisation, which is then told as one that does not exist. */
export function accessOf(principal: Principal, orgId: string, localOrgId: string): Access | null {
  switch (principal.kind) {
    case 'anonymous':
      return null
    case 'local':
      return orgId === localOrgId ? accessByPermissions(orgId, 'local', 'owner', new Set(PERMISSIONS)) : null
    case 'key': {
      if (principal.orgId !== orgId) return null
      const allowed = new Set(principal.scopes.flatMap((scope) => [...KEY_PERMISSIONS[scope]]))
      return accessByPermissions(orgId, `key/${principal.keyId}`, principal.scopes.join('+'), allowed)
    }
    case 'token':
      if (principal.orgId !== orgId) return null
      return accessByGrants(orgId, `token/${principal.subject}`, principal.grants, null, false)
    case 'session': {
      const person = principal.people.find((p) => p.orgId === orgId)
      if (person === undefined) return null
      return accessByGrants(orgId, `user/${person.userId}`, person.grants, person.usageUserId, true)
    }
  }
}

function accessByPermissions(orgId: string, actor: string, role: string, allowed: ReadonlySet<Permission>): Access {
  return {
    orgId,
    actor,
    role,
    may: (permission) => allowed.has(permission),
    rows: (permission) => (isRowPermission(permission) && allowed.has(permission) ? { kind: 'all' } : null),
  }
}

/** A role in a team or a project covers rows there, and nothing else of the organisation. */
function accessByGrants(
  orgId: string,
  actor: string,
  grants: readonly Grant[],
  ownUserId: string | null,
  isPerson: boolean,
): Access {
  const rows = (permission: Permission): RowScope | null => {
    if (!isRowPermission(permission)) return null
    const giving = grants.filter((g) => ROLE_PERMISSIONS[g.role].has(permission))
    if (giving.some((g) => g.scope.kind === 'organisation')) return { kind: 'all' }
    const idsOf = (kind: 'team' | 'project') => giving.flatMap((g) => (g.scope.kind === kind ? [g.scope.id] : []))
    const some = { kind: 'some', teamIds: idsOf('team'), projectIds: idsOf('project'), ownUserId } as const
    return isPerson || giving.length > 0 ? some : null
  }
  return {
    orgId,
    actor,
    role: grants.map(roleText).join(',') || 'none',
    may: (permission) =>
      isRowPermission(permission)
        ? rows(permission) !== null
        : grants.some((g) => g.scope.kind === 'organisation' && ROLE_PERMISSIONS[g.role].has(permission)),
    rows,
  }
}

const roleText = ({ role, scope }: Grant): string =>
  scope.kind === 'organisation' ? role : `${role}@${scope.kind}/${scope.id}`
