/** Roles of people in the control store: given to themselves, and through their groups. */
import type { Grant } from '../access/principal.ts'
import type { Role } from '../access/roles.ts'
import type { Queries } from '../database/database.ts'
import type { SourcedGrant } from './user.ts'

interface Row {
  readonly user_id: string
  readonly role: Role
  readonly scope_kind: Grant['scope']['kind']
  readonly scope_id: string
  readonly source: string
}

const GRANTS = `WITH wanted AS (SELECT jsonb_array_elements_text($2::text::jsonb) AS user_id)
  SELECT m.user_id, m.role, m.scope_kind, m.scope_id, m.source
  FROM ecomind.memberships m JOIN wanted USING (user_id) WHERE m.org_id = $1
  UNION ALL
  SELECT gm.user_id, g.role, g.scope_kind, g.scope_id, 'group/' || g.id
  FROM ecomind.group_members gm JOIN wanted USING (user_id)
  JOIN ecomind.groups g ON g.org_id = gm.org_id AND g.id = gm.group_id
  WHERE gm.org_id = $1 AND g.role IS NOT NULL AND g.deleted_at IS NULL
  ORDER BY 1, 3, 4, 2, 5`

/** Of each of these people, in one question. */
export async function grantsOf(
  queries: Queries,
  orgId: string,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, readonly SourcedGrant[]>> {
  const found = new Map<string, SourcedGrant[]>(userIds.map((id) => [id, []]))
  if (userIds.length === 0) return found
  const rows = await queries.query<Row>(GRANTS, [orgId, JSON.stringify(userIds)])
  for (const row of rows) found.get(row.user_id)?.push({ ...toGrant(row), source: row.source })
  return found
}

export function toGrant({ role, scope_kind, scope_id }: Pick<Row, 'role' | 'scope_kind' | 'scope_id'>): Grant {
  return { role, scope: scope_kind === 'organisation' ? { kind: scope_kind } : { kind: scope_kind, id: scope_id } }
}

export const scopeIdOf = ({ scope }: Grant): string => (scope.kind === 'organisation' ? '' : scope.id)

export async function giveRole(
  queries: Queries,
  orgId: string,
  userId: string,
  grant: Grant,
  at: Date,
  source = 'manual',
): Promise<void> {
  await queries.query(
    `INSERT INTO ecomind.memberships (org_id, user_id, role, scope_kind, scope_id, source, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
    [orgId, userId, grant.role, grant.scope.kind, scopeIdOf(grant), source, at],
  )
}

/** Where it was given by hand. */
export async function takeRole(queries: Queries, orgId: string, userId: string, grant: Grant): Promise<void> {
  await queries.query(
    `DELETE FROM ecomind.memberships WHERE org_id = $1 AND user_id = $2 AND role = $3 AND scope_kind = $4
     AND scope_id = $5 AND source IN ('manual', 'init')`,
    [orgId, userId, grant.role, grant.scope.kind, scopeIdOf(grant)],
  )
}

/** All of them, whoever gave them, and the person's places in groups. */
export async function takeEveryRole(queries: Queries, orgId: string, userId: string): Promise<void> {
  await queries.query('DELETE FROM ecomind.memberships WHERE org_id = $1 AND user_id = $2', [orgId, userId])
  await queries.query('DELETE FROM ecomind.group_members WHERE org_id = $1 AND user_id = $2', [orgId, userId])
}

/** Active owners of the organisation. */
export async function countOwners(queries: Queries, orgId: string): Promise<number> {
  const [row] = await queries.query<{ owners: number }>(
    `SELECT count(DISTINCT u.id)::int AS owners FROM ecomind.users u
     JOIN ecomind.memberships m ON m.org_id = u.org_id AND m.user_id = u.id
     WHERE u.org_id = $1 AND u.active AND u.deleted_at IS NULL AND m.role = 'owner' AND m.scope_kind = 'organisation'`,
    [orgId],
  )
  return row?.owners ?? 0
}
