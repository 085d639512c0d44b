/** Rows of token issuers. */
import type { Queries } from '../../database/database.ts'
import { type TokenIssuerSettings, tokenIssuerSettings } from './token-issuer.ts'

export interface TokenIssuer {
  readonly orgId: string
  readonly id: string
  readonly issuer: string
  readonly audience: string
  readonly jwksUri: string
  readonly settings: TokenIssuerSettings
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

interface Row {
  readonly org_id: string
  readonly id: string
  readonly issuer: string
  readonly audience: string
  readonly jwks_uri: string
  readonly settings: unknown
  readonly version: number
  readonly created_at: Date
  readonly updated_at: Date
}

const toIssuer = (row: Row): TokenIssuer => ({
  orgId: row.org_id,
  id: row.id,
  issuer: row.issuer,
  audience: row.audience,
  jwksUri: row.jwks_uri,
  settings: tokenIssuerSettings.parse(row.settings),
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

const LIVE = `SELECT t.* FROM ecomind.token_issuers t JOIN ecomind.organisations o ON o.id = t.org_id
  WHERE t.deleted_at IS NULL AND o.deleted_at IS NULL`

export async function listTokenIssuers(queries: Queries, orgId: string): Promise<readonly TokenIssuer[]> {
  return (await queries.query<Row>(`${LIVE} AND t.org_id = $1 ORDER BY t.created_at, t.id`, [orgId])).map(toIssuer)
}

export async function lockTokenIssuer(queries: Queries, orgId: string, id: string): Promise<TokenIssuer | undefined> {
  const [row] = await queries.query<Row>(`${LIVE} AND t.org_id = $1 AND t.id = $2 FOR UPDATE OF t`, [orgId, id])
  return row === undefined ? undefined : toIssuer(row)
}

export async function findTokenIssuer(
  queries: Queries,
  issuer: string,
  audience: string,
): Promise<TokenIssuer | undefined> {
  const [row] = await queries.query<Row>(`${LIVE} AND t.issuer = $1 AND t.audience = $2`, [issuer, audience])
  return row === undefined ? undefined : toIssuer(row)
}

/** False: an issuer with this audience is there already. */
export async function insertTokenIssuer(queries: Queries, t: TokenIssuer): Promise<boolean> {
  const added = await queries.query(
    `INSERT INTO ecomind.token_issuers (org_id, id, issuer, audience, jwks_uri, settings, created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT DO NOTHING RETURNING id`,
    [t.orgId, t.id, t.issuer, t.audience, t.jwksUri, t.settings, t.createdAt],
  )
  return added.length === 1
}

export async function updateTokenIssuer(queries: Queries, t: TokenIssuer, at: Date): Promise<TokenIssuer> {
  await queries.query(
    `UPDATE ecomind.token_issuers SET jwks_uri = $3, settings = $4, version = version + 1, updated_at = $5
     WHERE org_id = $1 AND id = $2`,
    [t.orgId, t.id, t.jwksUri, t.settings, at],
  )
  return { ...t, version: t.version + 1, updatedAt: at }
}

export async function markTokenIssuerDeleted(queries: Queries, orgId: string, id: string, at: Date): Promise<void> {
  await queries.query('UPDATE ecomind.token_issuers SET deleted_at = $3 WHERE org_id = $1 AND id = $2', [orgId, id, at])
}
