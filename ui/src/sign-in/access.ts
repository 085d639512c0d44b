/** What the asker may do in one organisation, as GET /v1/auth/me tells it. The server decides again with every request. */

/** The rights that the page looks at. */
export type Right = 'usage:read' | 'events:read' | 'people:read'

export interface Access {
  readonly may: (right: Right) => boolean
  /** False: only rows of some teams or projects, or the asker's own. */
  readonly seesAll: (right: Right) => boolean
}

/** Local mode: everyone on this machine may everything. */
export const FULL_ACCESS: Access = { may: () => true, seesAll: () => true }

export interface Membership {
  readonly org_id: string
  readonly name: string | null
  readonly email: string | null
  readonly display_name: string | null
  readonly roles: readonly { readonly role: string; readonly scope: string }[]
  readonly permissions: readonly string[]
  /** Of `permissions`, those that cover a part of the rows only. */
  readonly partial_permissions: readonly string[]
}

export function accessOf(membership: Membership): Access {
  const may = (right: Right) => membership.permissions.includes(right)
  return { may, seesAll: (right) => may(right) && !membership.partial_permissions.includes(right) }
}

export const organisationName = ({ name, org_id }: Membership): string => (name === null || name === '' ? org_id : name)

/** `team/ml` as words; the role of a whole organisation goes without saying where. */
export function roleText({ role, scope }: Membership['roles'][number]): string {
  const [kind, id] = scope.split(/\/(.*)/s)
  return id === undefined ? role : `${role} of ${kind} ${id}`
}

/** Whose rows someone sees who doesn't see all: `team ml and your own`. */
export function partOf({ roles }: Membership): string {
  const parts = roles.flatMap(({ scope }) => (scope.includes('/') ? [scope.replace('/', ' ')] : []))
  const named = [...new Set(parts)]
  return named.length === 0 ? 'your own calls' : `the calls of ${named.join(', ')} and your own`
}
