/**
 * Roles and what each may do: the one table that every decision is made from. What is not in it is not allowed.
 * A permission is `resource:action`.
 */

export const ROLES = ['owner', 'admin', 'analyst', 'viewer', 'auditor', 'billing'] as const
export type Role = (typeof ROLES)[number]

export const KEY_SCOPES = ['ingest', 'read', 'admin'] as const
export type KeyScope = (typeof KEY_SCOPES)[number]

/**
 * Rows of usage, which belong to a team, a project and a person: someone with the role in one team may see that team's,
 * and everyone may see their own.
 */
const ROW_PERMISSIONS = ['usage:read', 'events:read'] as const

const ORGANISATION_PERMISSIONS = [
  'people:read',
  'sql:run',
  'reconciliation:read',
  'quarantine:read',
  'quarantine:replay',
  'factors:read',
  'factors:write',
  'recomputations:read',
  'recomputations:run',
  'organisation:read',
  'organisation:write',
  'users:read',
  'users:write',
  'owners:write',
  'teams:read',
  'teams:write',
  'projects:read',
  'projects:write',
  'keys:read',
  'keys:write',
  'sign-in:read',
  'sign-in:write',
  'audits:read',
  'privacy:export',
  'privacy:erase',
] as const

export const PERMISSIONS = [...ROW_PERMISSIONS, ...ORGANISATION_PERMISSIONS] as const
export type Permission = (typeof PERMISSIONS)[number]

const ROWS: ReadonlySet<Permission> = new Set(ROW_PERMISSIONS)
export const isRowPermission = (permission: Permission): boolean => ROWS.has(permission)

const NUMBERS = ['usage:read', 'factors:read', 'recomputations:read', 'organisation:read'] as const
const DIRECTORY = ['users:read', 'teams:read', 'projects:read'] as const
const ANALYSIS = ['events:read', 'people:read', 'sql:run', 'reconciliation:read', 'quarantine:read'] as const
const ALL_BUT_OWNERS = PERMISSIONS.filter((p) => p !== 'owners:write')

export const ROLE_PERMISSIONS: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  owner: new Set(PERMISSIONS),
  admin: new Set(ALL_BUT_OWNERS),
  analyst: new Set([...NUMBERS, ...DIRECTORY, ...ANALYSIS]),
  viewer: new Set(NUMBERS),
  auditor: new Set([...NUMBERS, ...DIRECTORY, ...ANALYSIS, 'keys:read', 'sign-in:read', 'audits:read']),
  billing: new Set([...NUMBERS, 'teams:read', 'projects:read']),
}

export const KEY_PERMISSIONS: Readonly<Record<KeyScope, ReadonlySet<Permission>>> = {
  // Events are sent to the edge, not to the API.
  ingest: new Set(),
  read: new Set([...NUMBERS, ...DIRECTORY, ...ANALYSIS]),
  admin: new Set(ALL_BUT_OWNERS),
}
