/** API keys in the control store: their hash and what they may, never the key itself. Revoked ones stay, for the audit. */

import type { KeyScope } from '../access/roles.ts'
import type { Queries } from '../database/database.ts'

export interface StoredKey {
  readonly id: string
  readonly name: string
  /** Start and last four characters. */
  readonly hint: string
  readonly scopes: readonly KeyScope[]
  /** Events. */
  readonly ratePerSecond: number | null
  /** Events of a UTC day. */
  readonly eventsPerDayMax: number | null
  /** Id of the key that it took over from. */
  readonly replaces: string | null
  readonly expiresAt: Date | null
  readonly lastUsedAt: Date | null
  readonly version: number
  readonly createdBy: string
  readonly createdAt: Date
  readonly revokedAt: Date | null
}

export interface NewKey extends Omit<StoredKey, 'lastUsedAt' | 'version' | 'revokedAt'> {
  readonly hash: string
  readonly pepperId: string
}

interface Row {
  readonly id: string
  readonly name: string
  readonly hint: string
  readonly scopes: readonly KeyScope[]
  readonly rate_per_second: number | null
  readonly events_per_day_max: number | null
  readonly replaces: string | null
  readonly expires_at: Date | null
  readonly last_used_at: Date | null
  readonly version: number
  readonly created_by: string
  readonly created_at: Date
  readonly revoked_at: Date | null
}

const COLUMNS = `id, name, hint, scopes, rate_per_second, events_per_day_max, replaces, expires_at, last_used_at, version,
  created_by, created_at, revoked_at`

export async function insertKey(queries: Queries, orgId: string, key: NewKey): Promise<StoredKey> {
  const [row] = await queries.query<Row>(
    `INSERT INTO ecomind.api_keys (org_id, id, name, hash, pepper_id, hint, scopes, rate_per_second, events_per_day_max,
       replaces, expires_at, created_by, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb->'scopes', $8, $9, $10, $11, $12, $13) RETURNING ${COLUMNS}`,
    [
      orgId,
      key.id,
      key.name,
      key.hash,
      key.pepperId,
      key.hint,
      { scopes: key.scopes },
      key.ratePerSecond,
      key.eventsPerDayMax,
      key.replaces,
      key.expiresAt,
      key.createdBy,
      key.createdAt,
    ],
  )
  if (row === undefined) throw new Error('insert key: the database returned no row')
  return toKey(row)
}

/** In ascending order of id, those behind `after`. */
export async function listKeys(
  queries: Queries,
  orgId: string,
  { after, limit, withRevoked }: { readonly after: string; readonly limit: number; readonly withRevoked: boolean },
): Promise<readonly StoredKey[]> {
  const rows = await queries.query<Row>(
    `SELECT ${COLUMNS} FROM ecomind.api_keys
     WHERE org_id = $1 AND id > $2 AND ($3 OR revoked_at IS NULL) ORDER BY id LIMIT $4`,
    [orgId, after, withRevoked, limit],
  )
  return rows.map(toKey)
}

export async function findKey(queries: Queries, orgId: string, id: string): Promise<StoredKey | null> {
  return await selectKey(queries, orgId, id, '')
}

/** Until the transaction ends nobody else changes it. */
export async function lockKey(queries: Queries, orgId: string, id: string): Promise<StoredKey | null> {
  return await selectKey(queries, orgId, id, 'FOR UPDATE')
}

/** Name, limits, expiry and revocation of a key that was locked in the same transaction; its version grows by one. */
export async function updateKey(queries: Queries, orgId: string, key: StoredKey): Promise<StoredKey> {
  const [row] = await queries.query<Row>(
    `UPDATE ecomind.api_keys SET name = $3, rate_per_second = $4, events_per_day_max = $5, expires_at = $6,
       revoked_at = $7, version = version + 1
     WHERE org_id = $1 AND id = $2 RETURNING ${COLUMNS}`,
    [orgId, key.id, key.name, key.ratePerSecond, key.eventsPerDayMax, key.expiresAt, key.revokedAt],
  )
  if (row === undefined) throw new Error('update key: it went away in the same transaction')
  return toKey(row)
}

export interface KeyUse {
  readonly org_id: string
  readonly key_id: string
  readonly used_at_ms: number
}

/** Never back in time. Those of keys that are not there are left out. */
export async function noteKeyUses(queries: Queries, uses: readonly KeyUse[]): Promise<void> {
  await queries.query(
    `UPDATE ecomind.api_keys k SET last_used_at = to_timestamp(u.used_at_ms / 1000.0)
     FROM jsonb_to_recordset($1::jsonb->'uses') AS u (org_id text, key_id text, used_at_ms bigint)
     WHERE k.org_id = u.org_id AND k.id = u.key_id
       AND (k.last_used_at IS NULL OR k.last_used_at < to_timestamp(u.used_at_ms / 1000.0))`,
    [{ uses }],
  )
}

async function selectKey(queries: Queries, orgId: string, id: string, lock: string): Promise<StoredKey | null> {
  const [row] = await queries.query<Row>(
    `SELECT ${COLUMNS} FROM ecomind.api_keys WHERE org_id = $1 AND id = $2 ${lock}`,
    [orgId, id],
  )
  return row === undefined ? null : toKey(row)
}

function toKey(row: Row): StoredKey {
  return {
    id: row.id,
    name: row.name,
    hint: row.hint,
    scopes: row.scopes,
    ratePerSecond: row.rate_per_second,
    eventsPerDayMax: row.events_per_day_max,
    replaces: row.replaces,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    version: row.version,
    createdBy: row.created_by,
    createdAt: row.created_at,
    revokedAt: row.revoked_at,
  }
}
