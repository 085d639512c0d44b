/** People of the control store whose usage this is, and what is kept about them there. */
import type { Queries } from '../database/database.ts'
import { lowerCaseSql } from '../database/lower-case.ts'

export interface AccountRow {
  readonly table: string
  readonly row: Readonly<Record<string, unknown>>
}

const ACCOUNTS = `SELECT id FROM ecomind.users WHERE org_id = $1 AND (usage_user_id = $2 OR email = ${lowerCaseSql('$2')})`

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
    `SELECT id, email, name, user_name, given_name, family_name, usage_user_id, external_id, active, source, created_at, updated_at, deleted_at
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
  [
    'sessions',
    `SELECT s.id, s.user_agent, s.ip, s.created_at, s.last_seen_at, i.method, i.at AS signed_in_at
     FROM ecomind.session_sign_ins i JOIN ecomind.sessions s ON s.id = i.session_id
     WHERE i.org_id = $1 AND i.user_id = $2 ORDER BY s.created_at, s.id`,
  ],
  [
    'local_accounts',
    `SELECT password_hash IS NOT NULL AS has_password, break_glass, totp_confirmed_at, updated_at
     FROM ecomind.local_accounts WHERE org_id = $1 AND user_id = $2`,
  ],
  [
    'passkeys',
    `SELECT credential_id, name, created_at, last_used_at FROM ecomind.passkeys
     WHERE org_id = $1 AND user_id = $2 ORDER BY created_at, credential_id`,
  ],
  [
    'user_identities',
    `SELECT provider_id, subject, linked_at FROM ecomind.user_identities
     WHERE org_id = $1 AND user_id = $2 ORDER BY provider_id`,
  ],
]

const MADE_KEYS = `SELECT id, name, scopes, created_at, expires_at, revoked_at FROM ecomind.api_keys
  WHERE org_id = $1 AND created_by = $2 ORDER BY created_at, id`

/** What the account did, and what was done to it. */
const OF_ACCOUNT = `actor = $2 OR (resource_type = 'user' AND resource_id = $3)`
/** Who read the person's usage. */
const OF_USAGE = `action = 'read' AND after ->> 'subject' = $2`

const auditText = (
  which: string,
  place: string,
): string => `SELECT id, at, actor, action, resource_type, resource_id, request_id
  FROM ecomind.audit_entries WHERE org_id = $1 AND (${which}) AND id > ${place} ORDER BY id LIMIT 1000`

/** Everything of one account, table by table. */
export async function* accountRows(queries: Queries, orgId: string, accountId: string): AsyncGenerator<AccountRow> {
  for (const [table, text] of TABLES) {
    for (const row of await queries.query<Record<string, unknown>>(text, [orgId, accountId])) yield { table, row }
  }
  const actor = `user/${accountId}`
  for (const row of await queries.query<Record<string, unknown>>(MADE_KEYS, [orgId, actor])) {
    yield { table: 'api_keys', row }
  }
  yield* auditRows(queries, auditText(OF_ACCOUNT, '$4'), [orgId, actor, accountId])
}

/** Entries that tell who read the usage of this id. */
export function readsOfPerson(queries: Queries, orgId: string, userId: string): AsyncGenerator<AccountRow> {
  return auditRows(queries, auditText(OF_USAGE, '$3'), [orgId, userId])
}

/** @param values of the statement, but for the id that its page begins behind */
async function* auditRows(queries: Queries, text: string, values: readonly string[]): AsyncGenerator<AccountRow> {
  let after = 0
  for (;;) {
    const entries = await queries.query<{ id: number }>(text, [...values, after])
    for (const row of entries) yield { table: 'audit_entries', row: { ...row } }
    const last = entries.at(-1)
    if (last === undefined) return
    after = last.id
  }
}
