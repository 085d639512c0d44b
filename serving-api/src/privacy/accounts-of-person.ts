/** People of the control store whose usage this is, and what is kept about them there. */
import type { Queries } from '../database/database.ts'

export interface AccountRow {
  readonly table: string
  readonly row: Readonly<Record<string, unknown>>
}

const ACCOUNTS = `SELECT id FROM ecomind.users WHERE org_id = $1 AND (usage_user_id = $2 OR email = lower($2))`

/** Ids of the accounts that name this usage id as theirs, or have it as their address. */
export async function findAccounts(queries: Queries, orgId: string, userId: string): Promise<readonly string[]> {
  const rows = await queries.query<{ id: string }>(`${ACCOUNTS} ORDER BY id`, [orgId, userId])
  return rows.map(({ id }) => id)
}

/** The accounts forget whose events were theirs. @returns how many did */
export async function unlinkAccounts(queries: Queries, orgId: string, userId: string, at: Date): Promise<number> {
  const rows = await queries.query(
    `UPDATE ecomind.users SET usage_user_id = NULL, version = version + 1, updated_at = $3
     WHERE org_id = $1 AND usage_user_id = $2 RETURNING id`,
    [orgId, userId, at],
  )
  return rows.length
}

/** Secrets and hashes of secrets are in none of them. `$1` organisation, `$2` account, `$3` its name in the audit. */
const TABLES: readonly (readonly [table: string, text: string])[] = [
  [
    'users',
    `SELECT id, email, name, usage_user_id, external_id, active, source, created_at, updated_at, deleted_at
     FROM ecomind.users WHERE org_id = $1 AND id = $2`,
  ],
  [
    'memberships',
    `SELECT role, scope_kind, scope_id, source, created_at FROM ecomind.memberships
     WHERE org_id = $1 AND user_id = $2 ORDER BY created_at, role, scope_kind, scope_id`,
  ],
  [
    'groups',
    `SELECT g.id, g.name, g.role, g.scope_kind, g.scope_id FROM ecomind.group_members m
     JOIN ecomind.groups g ON g.org_id = m.org_id AND g.id = m.group_id
     WHERE m.org_id = $1 AND m.user_id = $2 ORDER BY g.id`,
  ],
]

const MADE_KEYS = `SELECT id, name, scopes, created_at, expires_at, revoked_at FROM ecomind.api_keys
  WHERE org_id = $1 AND created_by = $2 ORDER BY created_at, id`

/** Entries of the person, and those about the account. */
const AUDIT = `SELECT id, at, actor, action, resource_type, resource_id, request_id FROM ecomind.audit_entries
  WHERE org_id = $1 AND (actor = $2 OR (resource_type = 'user' AND resource_id = $3)) AND id > $4 ORDER BY id LIMIT 1000`

/** Everything of one account, table by table. */
export async function* accountRows(queries: Queries, orgId: string, accountId: string): AsyncGenerator<AccountRow> {
  for (const [table, text] of TABLES) {
    for (const row of await queries.query<Record<string, unknown>>(text, [orgId, accountId])) yield { table, row }
  }
  const actor = `user/${accountId}`
  for (const row of await queries.query<Record<string, unknown>>(MADE_KEYS, [orgId, actor])) {
    yield { table: 'api_keys', row }
  }
  let after = 0
  for (;;) {
    const entries = await queries.query<{ id: number }>(AUDIT, [orgId, actor, accountId, after])
    for (const row of entries) yield { table: 'audit_entries', row: { ...row } }
    const last = entries.at(-1)
    if (last === undefined) return
    after = last.id
  }
}
