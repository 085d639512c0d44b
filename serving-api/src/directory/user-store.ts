/** People in the control store. Deleted ones stay, so that old entries still find their names; their id is never given again. */
import type { DatabaseValue, Queries } from '../database/database.ts'
import { lowerCaseSql } from '../database/lower-case.ts'
import { grantsOf } from './grant-store.ts'
import type { Person, User } from './user.ts'

export interface UserRow {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly user_name: string | null
  readonly given_name: string | null
  readonly family_name: string | null
  readonly external_id: string | null
  readonly usage_user_id: string | null
  readonly active: boolean
  readonly source: string
  readonly version: number
  readonly created_at: Date
  readonly updated_at: Date
}

export const USER_COLUMNS = `id, email, name, user_name, given_name, family_name, external_id, usage_user_id, active, source,
  version, created_at, updated_at`

export function toUser(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    userName: row.user_name,
    givenName: row.given_name,
    familyName: row.family_name,
    externalId: row.external_id,
    usageUserId: row.usage_user_id,
    active: row.active,
    source: row.source,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

/** Null: there is none, or they were deleted. */
export async function findPerson(queries: Queries, orgId: string, id: string): Promise<Person | null> {
  const [row] = await queries.query<UserRow>(
    `SELECT ${USER_COLUMNS} FROM ecomind.users WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL`,
    [orgId, id],
  )
  if (row === undefined) return null
  const grants = await grantsOf(queries, orgId, [id])
  return { user: toUser(row), grants: grants.get(id) ?? [] }
}

/** Whether somebody else has this e-mail or SCIM user name already. */
export async function isTaken(queries: Queries, orgId: string, user: User): Promise<'email' | 'user_name' | null> {
  const [row] = await queries.query<{ email: string }>(
    `SELECT email FROM ecomind.users WHERE org_id = $1 AND id <> $2 AND deleted_at IS NULL
     AND (email = $3 OR ${lowerCaseSql('coalesce(user_name, email)')} = ${lowerCaseSql('$4')}) ORDER BY email = $3 DESC LIMIT 1`,
    [orgId, user.id, user.email, user.userName ?? user.email],
  )
  if (row === undefined) return null
  return row.email === user.email ? 'email' : 'user_name'
}

export async function insertUser(queries: Queries, orgId: string, user: User): Promise<void> {
  await queries.query(
    `INSERT INTO ecomind.users (org_id, ${USER_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, $12)`,
    [orgId, user.id, ...changeable(user), user.source, user.createdAt],
  )
}

/** The version grows by one. */
export async function updateUser(queries: Queries, orgId: string, user: User, at: Date): Promise<void> {
  await queries.query(
    `UPDATE ecomind.users SET email = $3, name = $4, user_name = $5, given_name = $6, family_name = $7, external_id = $8,
     usage_user_id = $9, active = $10, updated_at = $11, version = version + 1 WHERE org_id = $1 AND id = $2`,
    [orgId, user.id, ...changeable(user), at],
  )
}

function changeable(user: User): readonly DatabaseValue[] {
  const { email, name, userName, givenName, familyName, externalId, usageUserId, active } = user
  return [email, name, userName, givenName, familyName, externalId, usageUserId, active]
}

export async function markUserDeleted(queries: Queries, orgId: string, id: string, at: Date): Promise<void> {
  await queries.query(
    `UPDATE ecomind.users SET deleted_at = $3, updated_at = $3, active = false, version = version + 1
     WHERE org_id = $1 AND id = $2`,
    [orgId, id, at],
  )
}
