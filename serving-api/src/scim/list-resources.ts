/** Lists of SCIM: a filter, and a page by place and count. */
import { z } from 'zod'
import type { DatabaseValue, Queries } from '../database/database.ts'
import { GROUP_COLUMNS, type GroupRow, toGroup } from '../directory/group-store.ts'
import { toUser, USER_COLUMNS, type UserRow } from '../directory/user-store.ts'
import { type Attributes, filterSql } from './filter-sql.ts'
import { ScimFault } from './messages.ts'

export const COUNT_MAX = 1000
const COUNT_DEFAULT = 100

export const listQuery = z.object({
  filter: z
    .string()
    .optional()
    .describe('RFC 7644, 3.4.2.2: eq, ne, co, sw, ew, gt, ge, lt, le, pr, and, or, not, brackets'),
  startIndex: z.string().optional().describe('place of the first one, from 1; default 1'),
  count: z.string().optional().describe(`0 to ${COUNT_MAX}; default ${COUNT_DEFAULT}`),
  attributes: z.string().optional().describe('only these, separated by commas'),
  excludedAttributes: z.string().optional().describe('all but these, separated by commas'),
})

export interface Page<Thing> {
  readonly things: readonly Thing[]
  /** Of all pages. */
  readonly total: number
  readonly startIndex: number
}

const USER_NAME = 'coalesce(u.user_name, u.email)'
const text = (sql: string, exact = false) => ({ kind: 'text', sql, exact }) as const
const time = (sql: string) => ({ kind: 'time', sql }) as const
const groupOfUser = {
  kind: 'several',
  anySql: 'EXISTS (SELECT FROM ecomind.group_members m WHERE m.org_id = u.org_id AND m.user_id = u.id)',
  equalSql:
    'EXISTS (SELECT FROM ecomind.group_members m WHERE m.org_id = u.org_id AND m.user_id = u.id AND m.group_id = $)',
} as const
const memberOfGroup = {
  kind: 'several',
  anySql: 'EXISTS (SELECT FROM ecomind.group_members m WHERE m.org_id = g.org_id AND m.group_id = g.id)',
  equalSql:
    'EXISTS (SELECT FROM ecomind.group_members m WHERE m.org_id = g.org_id AND m.group_id = g.id AND m.user_id = $)',
} as const

export const USER_ATTRIBUTES: Attributes = {
  id: text('u.id', true),
  userName: text(USER_NAME),
  externalId: text('u.external_id', true),
  displayName: text('u.name'),
  'name.formatted': text('u.name'),
  'name.givenName': text('u.given_name'),
  'name.familyName': text('u.family_name'),
  emails: text('u.email'),
  'emails.value': text('u.email'),
  'emails.type': text("'work'"),
  'emails.primary': { kind: 'boolean', sql: 'true' },
  active: { kind: 'boolean', sql: 'u.active' },
  groups: groupOfUser,
  'groups.value': groupOfUser,
  'meta.created': time('u.created_at'),
  'meta.lastModified': time('u.updated_at'),
}

export const GROUP_ATTRIBUTES: Attributes = {
  id: text('g.id', true),
  displayName: text('g.name'),
  externalId: text('g.external_id', true),
  members: memberOfGroup,
  'members.value': memberOfGroup,
  'meta.created': time('g.created_at'),
  'meta.lastModified': time('g.updated_at'),
}

export async function pageOfUsers(queries: Queries, orgId: string, query: ReadonlyMap<string, string>) {
  const page = await pageOf<UserRow>(queries, orgId, query, USER_ATTRIBUTES, 'ecomind.users u', 'u', USER_COLUMNS)
  return { ...page, things: page.things.map(toUser) }
}

export async function pageOfGroups(queries: Queries, orgId: string, query: ReadonlyMap<string, string>) {
  const page = await pageOf<GroupRow>(queries, orgId, query, GROUP_ATTRIBUTES, 'ecomind.groups g', 'g', GROUP_COLUMNS)
  return { ...page, things: page.things.map(toGroup) }
}

async function pageOf<Row>(
  queries: Queries,
  orgId: string,
  query: ReadonlyMap<string, string>,
  attributes: Attributes,
  table: string,
  alias: string,
  columns: string,
): Promise<Page<Row>> {
  const startIndex = Math.max(1, whole(query, 'startIndex') ?? 1)
  const count = Math.min(Math.max(0, whole(query, 'count') ?? COUNT_DEFAULT), COUNT_MAX)
  const values: DatabaseValue[] = [orgId]
  const filter = query.get('filter')
  const condition = filter === undefined ? 'true' : filterSql(filter, attributes, values)
  const found = `FROM ${table} WHERE ${alias}.org_id = $1 AND ${alias}.deleted_at IS NULL AND ${condition}`
  const [counted] = await queries.query<{ total: number }>(`SELECT count(*)::int AS total ${found}`, values)
  const total = counted?.total ?? 0
  if (count === 0 || startIndex > total) return { things: [], total, startIndex }
  const [limitAt, offsetAt] = [values.push(count), values.push(startIndex - 1)]
  const things = await queries.query<Row>(
    `SELECT ${columns} ${found} ORDER BY ${alias}.created_at, ${alias}.id LIMIT $${limitAt} OFFSET $${offsetAt}`,
    values,
  )
  return { things, total, startIndex }
}

function whole(query: ReadonlyMap<string, string>, name: string): number | undefined {
  const given = query.get(name)
  if (given === undefined) return undefined
  if (!/^-?\d{1,9}$/.test(given))
    throw new ScimFault('invalidValue', `${name}: a whole number is wanted`, { field: name })
  return Number(given)
}
