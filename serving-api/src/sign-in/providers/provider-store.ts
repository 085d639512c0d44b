/** Rows of identity providers. */
import type { Queries } from '../../database/database.ts'
import { type ProviderSettings, providerSettings } from './provider-settings.ts'

export interface Provider {
  readonly id: string
  readonly orgId: string
  readonly name: string
  readonly settings: ProviderSettings
  readonly clientSecretSealed: string | null
  readonly enabled: boolean
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

interface Row {
  readonly id: string
  readonly org_id: string
  readonly name: string
  readonly settings: unknown
  readonly client_secret_sealed: string | null
  readonly enabled: boolean
  readonly version: number
  readonly created_at: Date
  readonly updated_at: Date
}

const toProvider = (row: Row): Provider => ({
  id: row.id,
  orgId: row.org_id,
  name: row.name,
  settings: providerSettings.parse(row.settings),
  clientSecretSealed: row.client_secret_sealed,
  enabled: row.enabled,
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

const LIVE = `SELECT p.* FROM ecomind.identity_providers p JOIN ecomind.organisations o ON o.id = p.org_id
  WHERE p.deleted_at IS NULL AND o.deleted_at IS NULL`

export async function listProviders(queries: Queries, orgId: string): Promise<readonly Provider[]> {
  return (await queries.query<Row>(`${LIVE} AND p.org_id = $1 ORDER BY p.created_at, p.id`, [orgId])).map(toProvider)
}

export async function lockProvider(queries: Queries, orgId: string, id: string): Promise<Provider | undefined> {
  const [row] = await queries.query<Row>(`${LIVE} AND p.org_id = $1 AND p.id = $2 FOR UPDATE OF p`, [orgId, id])
  return row === undefined ? undefined : toProvider(row)
}

/** One that people may come by now. */
export async function findEnabledProvider(
  queries: Queries,
  id: string,
  kind: ProviderSettings['kind'],
): Promise<Provider | undefined> {
  const [row] = await queries.query<Row>(`${LIVE} AND p.id = $1 AND p.kind = $2 AND p.enabled`, [id, kind])
  return row === undefined ? undefined : toProvider(row)
}

/** Enabled ones of the organisations that have shown the domain to be theirs. */
export async function providersOfDomain(queries: Queries, domain: string): Promise<readonly Provider[]> {
  const rows = await queries.query<Row>(
    `${LIVE} AND p.enabled AND p.org_id IN
       (SELECT org_id FROM ecomind.domains WHERE name = $1 AND verified_at IS NOT NULL) ORDER BY p.created_at, p.id`,
    [domain],
  )
  return rows.map(toProvider).filter(({ settings: { domains } }) => domains.length === 0 || domains.includes(domain))
}

export type NewProvider = Omit<Provider, 'version' | 'updatedAt'>

export async function insertProvider(queries: Queries, p: NewProvider): Promise<Provider> {
  await queries.query(
    `INSERT INTO ecomind.identity_providers
       (id, org_id, kind, name, settings, client_secret_sealed, enabled, created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)`,
    [p.id, p.orgId, p.settings.kind, p.name, p.settings, p.clientSecretSealed, p.enabled, p.createdAt],
  )
  return { ...p, version: 1, updatedAt: p.createdAt }
}

export async function updateProvider(queries: Queries, p: Provider, at: Date): Promise<Provider> {
  await queries.query(
    `UPDATE ecomind.identity_providers
     SET name = $2, settings = $3, client_secret_sealed = $4, enabled = $5, version = version + 1, updated_at = $6
     WHERE id = $1`,
    [p.id, p.name, p.settings, p.clientSecretSealed, p.enabled, at],
  )
  return { ...p, version: p.version + 1, updatedAt: at }
}

export async function markProviderDeleted(queries: Queries, id: string, at: Date): Promise<void> {
  await queries.query(
    `UPDATE ecomind.identity_providers
     SET deleted_at = $2, enabled = false, client_secret_sealed = NULL, version = version + 1, updated_at = $2
     WHERE id = $1`,
    [id, at],
  )
}
