/** Pages of an organisation's people, in ascending order of e-mail. */
import type { Role } from '../access/roles.ts'
import type { DatabaseValue, Queries } from '../database/database.ts'
import { lowerCaseSql } from '../database/lower-case.ts'
import { grantsOf } from './grant-store.ts'
import type { Person } from './user.ts'
import { toUser, USER_COLUMNS, type UserRow } from './user-store.ts'

export interface PeopleWanted {
  readonly email?: string | undefined
  /** Part of the e-mail, the name or the usage id, whatever its case. */
  readonly search?: string | undefined
  /** Who has this role somewhere, themselves or by a group. */
  readonly role?: Role | undefined
  /** Who has a role in this team, themselves or by a group. */
  readonly teamId?: string | undefined
  readonly active?: boolean | undefined
  /** E-mail of the last one of the page before. */
  readonly after?: string | undefined
  readonly limit: number
}

const SEARCHED = lowerCaseSql("concat_ws(E'\\n', u.email, u.name, u.usage_user_id)")

const GRANTED = `EXISTS (
  SELECT FROM ecomind.memberships m WHERE m.org_id = u.org_id AND m.user_id = u.id AND CONDITION
  UNION ALL
  SELECT FROM ecomind.group_members gm JOIN ecomind.groups m ON m.org_id = gm.org_id AND m.id = gm.group_id
  WHERE gm.org_id = u.org_id AND gm.user_id = u.id AND m.deleted_at IS NULL AND CONDITION)`

export async function listPeople(queries: Queries, orgId: string, wanted: PeopleWanted): Promise<readonly Person[]> {
  const values: DatabaseValue[] = [orgId]
  const conditions = ['u.org_id = $1', 'u.deleted_at IS NULL']
  const add = (value: DatabaseValue | undefined, condition: (place: string) => string) => {
    if (value !== undefined) conditions.push(condition(`$${values.push(value)}`))
  }
  add(wanted.email?.toLowerCase(), (p) => `u.email = ${p}`)
  add(wanted.search, (p) => `strpos(${SEARCHED}, ${lowerCaseSql(p)}) > 0`)
  add(wanted.role, (p) => GRANTED.replaceAll('CONDITION', `m.role = ${p}`))
  add(wanted.teamId, (p) =>
    GRANTED.replaceAll('CONDITION', `m.role IS NOT NULL AND m.scope_kind = 'team' AND m.scope_id = ${p}`),
  )
  add(wanted.active, (p) => `u.active = ${p}`)
  add(wanted.after, (p) => `u.email COLLATE "C" > ${p}`)
  const rows = await queries.query<UserRow>(
    `SELECT ${USER_COLUMNS} FROM ecomind.users u WHERE ${conditions.join(' AND ')}
     ORDER BY u.email COLLATE "C" LIMIT $${values.push(wanted.limit)}`,
    values,
  )
  return await withGrants(queries, orgId, rows)
}

export async function withGrants(
  queries: Queries,
  orgId: string,
  rows: readonly UserRow[],
): Promise<readonly Person[]> {
  const ids = rows.map((row) => row.id)
  const grants = await grantsOf(queries, orgId, ids)
  return rows.map((row) => ({ user: toUser(row), grants: grants.get(row.id) ?? [] }))
}
