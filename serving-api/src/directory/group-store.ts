/** Groups and their members in the control store. Deleted groups stay; their id is never given again. */
import type { Grant } from '../access/principal.ts'
import type { Role } from '../access/roles.ts'
import type { DatabaseValue, Queries } from '../database/database.ts'
import { lowerCaseSql } from '../database/lower-case.ts'
import { scopeIdOf, toGrant } from './grant-store.ts'
import type { Group } from './group.ts'

export interface GroupRow {
  readonly id: string
  readonly name: string
  readonly external_id: string | null
  readonly role: Role | null
  readonly scope_kind: Grant['scope']['kind']
  readonly scope_id: string
  readonly members: number
  readonly version: number
  readonly created_at: Date
  readonly updated_at: Date
}

/** Of `ecomind.groups g`. Members who were removed have left their groups. */
export const GROUP_COLUMNS = `g.id, g.name, g.external_id, g.role, g.scope_kind, g.scope_id, g.version, g.created_at, g.updated_at,
  (SELECT count(*)::int FROM ecomind.group_members m WHERE m.org_id = g.org_id AND m.group_id = g.id) AS members`

export function toGroup(row: GroupRow): Group {
  const { role, scope_kind, scope_id } = row
  return {
    id: row.id,
    name: row.name,
    externalId: row.external_id,
    grant: role === null ? null : toGrant({ role, scope_kind, scope_id }),
    members: row.members,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

/** Null: there is none, or it was deleted. */
export async function findGroup(queries: Queries, orgId: string, id: string): Promise<Group | null> {
  const [row] = await queries.query<GroupRow>(
    `SELECT ${GROUP_COLUMNS} FROM ecomind.groups g WHERE g.org_id = $1 AND g.id = $2 AND g.deleted_at IS NULL`,
    [orgId, id],
  )
  return row === undefined ? null : toGroup(row)
}

export async function findGroupByName(queries: Queries, orgId: string, name: string): Promise<Group | null> {
  const [row] = await queries.query<GroupRow>(
    `SELECT ${GROUP_COLUMNS} FROM ecomind.groups g
     WHERE g.org_id = $1 AND ${lowerCaseSql('g.name')} = ${lowerCaseSql('$2')} AND g.deleted_at IS NULL`,
    [orgId, name],
  )
  return row === undefined ? null : toGroup(row)
}

/** In ascending order of id; `after`: id of the last one of the page before. */
export async function listGroups(
  queries: Queries,
  orgId: string,
  { search, after, limit }: { search?: string | undefined; after?: string | undefined; limit: number },
): Promise<readonly Group[]> {
  const values: DatabaseValue[] = [orgId]
  const conditions = ['g.org_id = $1', 'g.deleted_at IS NULL']
  if (search !== undefined)
    conditions.push(`strpos(${lowerCaseSql('g.name')}, ${lowerCaseSql(`$${values.push(search)}`)}) > 0`)
  if (after !== undefined) conditions.push(`g.id COLLATE "C" > $${values.push(after)}`)
  const rows = await queries.query<GroupRow>(
    `SELECT ${GROUP_COLUMNS} FROM ecomind.groups g WHERE ${conditions.join(' AND ')}
     ORDER BY g.id COLLATE "C" LIMIT $${values.push(limit)}`,
    values,
  )
  return rows.map(toGroup)
}

export interface Member {
  readonly groupId: string
  readonly userId: string
  readonly name: string
}

/** Of these groups. */
export async function membersOf(
  queries: Queries,
  orgId: string,
  groupIds: readonly string[],
): Promise<readonly Member[]> {
  if (groupIds.length === 0) return []
  return await queries.query<Member>(
    `SELECT m.group_id AS "groupId", m.user_id AS "userId", u.name FROM ecomind.group_members m
     JOIN ecomind.users u ON u.org_id = m.org_id AND u.id = m.user_id
     WHERE m.org_id = $1 AND m.group_id IN (SELECT jsonb_array_elements_text($2::text::jsonb))
     ORDER BY m.group_id, m.user_id`,
    [orgId, JSON.stringify(groupIds)],
  )
}

export interface GroupOfUser {
  readonly userId: string
  readonly id: string
  readonly name: string
}

/** Groups of these people. */
export async function groupsOf(
  queries: Queries,
  orgId: string,
  userIds: readonly string[],
): Promise<readonly GroupOfUser[]> {
  if (userIds.length === 0) return []
  return await queries.query<GroupOfUser>(
    `SELECT m.user_id AS "userId", g.id, g.name FROM ecomind.group_members m
     JOIN ecomind.groups g ON g.org_id = m.org_id AND g.id = m.group_id
     WHERE m.org_id = $1 AND g.deleted_at IS NULL AND m.user_id IN (SELECT jsonb_array_elements_text($2::text::jsonb))
     ORDER BY m.user_id, g.id`,
    [orgId, JSON.stringify(userIds)],
  )
}

export async function insertGroup(
  queries: Queries,
  orgId: string,
  { id, name, externalId }: Pick<Group, 'id' | 'name' | 'externalId'>,
  at: Date,
): Promise<void> {
  await queries.query(
    `INSERT INTO ecomind.groups (org_id, id, name, external_id, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)`,
    [orgId, id, name, externalId, at],
  )
}

/** The version grows by one. */
export async function updateGroup(queries: Queries, orgId: string, group: Group, at: Date): Promise<void> {
  const { id, name, externalId, grant } = group
  await queries.query(
    `UPDATE ecomind.groups SET name = $3, external_id = $4, role = $5, scope_kind = $6, scope_id = $7, updated_at = $8,
     version = version + 1 WHERE org_id = $1 AND id = $2`,
    [
      orgId,
      id,
      name,
      externalId,
      grant?.role ?? null,
      grant?.scope.kind ?? 'organisation',
      grant === null ? '' : scopeIdOf(grant),
      at,
    ],
  )
}

export async function markGroupDeleted(queries: Queries, orgId: string, id: string, at: Date): Promise<void> {
  await queries.query('DELETE FROM ecomind.group_members WHERE org_id = $1 AND group_id = $2', [orgId, id])
  await queries.query(
    `UPDATE ecomind.groups SET deleted_at = $3, updated_at = $3, role = NULL, version = version + 1
     WHERE org_id = $1 AND id = $2`,
    [orgId, id, at],
  )
}

/** @returns those of the ids that are people of the organisation and were no members yet */
export async function addMembers(
  queries: Queries,
  orgId: string,
  groupId: string,
  userIds: readonly string[],
): Promise<readonly string[]> {
  const rows = await queries.query<{ user_id: string }>(
    `INSERT INTO ecomind.group_members (org_id, group_id, user_id)
     SELECT u.org_id, $2, u.id FROM ecomind.users u
     WHERE u.org_id = $1 AND u.deleted_at IS NULL AND u.id IN (SELECT jsonb_array_elements_text($3::text::jsonb))
     ON CONFLICT DO NOTHING RETURNING user_id`,
    [orgId, groupId, JSON.stringify(userIds)],
  )
  return rows.map((row) => row.user_id)
}

/** @returns those of the ids that were members */
export async function removeMembers(
  queries: Queries,
  orgId: string,
  groupId: string,
  userIds: readonly string[],
): Promise<readonly string[]> {
  const rows = await queries.query<{ user_id: string }>(
    `DELETE FROM ecomind.group_members WHERE org_id = $1 AND group_id = $2
     AND user_id IN (SELECT jsonb_array_elements_text($3::text::jsonb)) RETURNING user_id`,
    [orgId, groupId, JSON.stringify(userIds)],
  )
  return rows.map((row) => row.user_id)
}
