/** Local accounts: people of an organisation who have a password. */
import type { DatabaseValue, Queries } from '../../database/database.ts'

export interface LocalAccount {
  readonly orgId: string
  readonly userId: string
  readonly email: string
  readonly name: string
  readonly passwordHash: string | null
  readonly breakGlass: boolean
  /** Null: no second factor. */
  readonly totpSecretSealed: string | null
  readonly totpConfirmed: boolean
}

interface Row {
  readonly org_id: string
  readonly user_id: string
  readonly email: string
  readonly name: string
  readonly password_hash: string | null
  readonly break_glass: boolean | null
  readonly totp_secret_sealed: string | null
  readonly totp_confirmed_at: Date | null
}

const SELECT = `SELECT u.org_id, u.id AS user_id, u.email, u.name, a.password_hash, a.break_glass, a.totp_secret_sealed,
    a.totp_confirmed_at
  FROM ecomind.users u
  JOIN ecomind.organisations o ON o.id = u.org_id
  LEFT JOIN ecomind.local_accounts a ON a.org_id = u.org_id AND a.user_id = u.id
  WHERE u.active AND u.deleted_at IS NULL AND o.deleted_at IS NULL`

const toAccount = (row: Row): LocalAccount => ({
  orgId: row.org_id,
  userId: row.user_id,
  email: row.email,
  name: row.name,
  passwordHash: row.password_hash,
  breakGlass: row.break_glass ?? false,
  totpSecretSealed: row.totp_secret_sealed,
  totpConfirmed: row.totp_confirmed_at !== null,
})

/** The oldest first: an account made later by another organisation can't push it out. */
export async function accountsWithPassword(
  queries: Queries,
  email: string,
  orgId: string | undefined,
  most: number,
): Promise<readonly LocalAccount[]> {
  const values: readonly DatabaseValue[] = orgId === undefined ? [email] : [email, orgId]
  const rows = await queries.query<Row>(
    `${SELECT} AND u.email = $1 AND a.password_hash IS NOT NULL ${orgId === undefined ? '' : 'AND u.org_id = $2'}
     ORDER BY u.created_at, u.org_id, u.id LIMIT ${most}`,
    values,
  )
  return rows.map(toAccount)
}

/** With or without a password; undefined: no such person, or one who may not sign in. */
export async function accountOf(queries: Queries, orgId: string, userId: string): Promise<LocalAccount | undefined> {
  const [row] = await queries.query<Row>(`${SELECT} AND u.org_id = $1 AND u.id = $2`, [orgId, userId])
  return row === undefined ? undefined : toAccount(row)
}

export async function setPasswordHash(
  queries: Queries,
  { orgId, userId }: { readonly orgId: string; readonly userId: string },
  passwordHash: string,
  nowMs: number,
): Promise<void> {
  await queries.query(
    `INSERT INTO ecomind.local_accounts (org_id, user_id, password_hash, updated_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (org_id, user_id) DO UPDATE SET password_hash = $3, updated_at = $4`,
    [orgId, userId, passwordHash, new Date(nowMs)],
  )
}

export async function isOwner(queries: Queries, orgId: string, userId: string): Promise<boolean> {
  const rows = await queries.query(
    `SELECT FROM ecomind.memberships WHERE org_id = $1 AND user_id = $2 AND role = 'owner'
     UNION ALL
     SELECT FROM ecomind.group_members gm JOIN ecomind.groups g ON g.org_id = gm.org_id AND g.id = gm.group_id
     WHERE gm.org_id = $1 AND gm.user_id = $2 AND g.role = 'owner' AND g.deleted_at IS NULL`,
    [orgId, userId],
  )
  return rows.length > 0
}
