/**
 * Who is signed in, read anew for each request: a role that was taken away, a person who was deactivated or an
 * organisation that was deleted counts at once.
 */
import type { Grant, Person } from '../../access/principal.ts'
import type { Role } from '../../access/roles.ts'
import type { Queries } from '../../database/database.ts'
import type { SessionLimits } from './session-store.ts'

interface PersonRow {
  readonly org_id: string
  readonly org_name: string
  readonly user_id: string
  readonly email: string
  readonly name: string
  readonly usage_user_id: string | null
  readonly method: string
  readonly at: Date
}

interface GrantRow {
  readonly org_id: string
  readonly role: Role
  readonly scope_kind: Grant['scope']['kind']
  readonly scope_id: string
}

export interface SignedIn extends Person {
  readonly orgName: string
  readonly method: string
  readonly signedInAt: Date
}

const PEOPLE = `SELECT i.org_id, o.name AS org_name, i.user_id, u.email, u.name, u.usage_user_id, i.method, i.at
  FROM ecomind.session_sign_ins i
  JOIN ecomind.users u ON u.org_id = i.org_id AND u.id = i.user_id
  JOIN ecomind.organisations o ON o.id = i.org_id
  WHERE i.session_id = $1 AND i.at > $2 AND u.active AND u.deleted_at IS NULL AND o.deleted_at IS NULL
  ORDER BY i.at, i.org_id`

const GRANTS = `SELECT m.org_id, m.role, m.scope_kind, m.scope_id
  FROM ecomind.session_sign_ins i
  JOIN ecomind.memberships m ON m.org_id = i.org_id AND m.user_id = i.user_id
  WHERE i.session_id = $1
  UNION
  SELECT g.org_id, g.role, g.scope_kind, g.scope_id
  FROM ecomind.session_sign_ins i
  JOIN ecomind.group_members gm ON gm.org_id = i.org_id AND gm.user_id = i.user_id
  JOIN ecomind.groups g ON g.org_id = gm.org_id AND g.id = gm.group_id
  WHERE i.session_id = $1 AND g.role IS NOT NULL AND g.deleted_at IS NULL
  ORDER BY 1, 2, 3, 4`

export async function peopleOfSession(
  queries: Queries,
  sessionId: string,
  { signedInAfter }: SessionLimits,
): Promise<readonly SignedIn[]> {
  const people = await queries.query<PersonRow>(PEOPLE, [sessionId, signedInAfter])
  if (people.length === 0) return []
  const grants = await queries.query<GrantRow>(GRANTS, [sessionId])
  return people.map((p) => ({
    orgId: p.org_id,
    orgName: p.org_name,
    userId: p.user_id,
    email: p.email,
    name: p.name,
    usageUserId: p.usage_user_id,
    method: p.method,
    signedInAt: p.at,
    grants: grants.filter((g) => g.org_id === p.org_id).map(toGrant),
  }))
}

const toGrant = ({ role, scope_kind, scope_id }: GrantRow): Grant => ({
  role,
  scope: scope_kind === 'organisation' ? { kind: scope_kind } : { kind: scope_kind, id: scope_id },
})
