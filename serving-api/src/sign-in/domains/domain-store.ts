/** Rows of e-mail domains. */
import type { Queries } from '../../database/database.ts'
import { domainOfEmail } from './domain-rules.ts'

export interface DomainRow {
  readonly name: string
  readonly challenge: string
  readonly verified_at: Date | null
  readonly sso_required: boolean
  readonly created_at: Date
}

const COLUMNS = 'name, challenge, verified_at, sso_required, created_at'

export async function listDomains(queries: Queries, orgId: string): Promise<readonly DomainRow[]> {
  return await queries.query<DomainRow>(`SELECT ${COLUMNS} FROM ecomind.domains WHERE org_id = $1 ORDER BY name`, [
    orgId,
  ])
}

export async function findDomain(queries: Queries, orgId: string, name: string): Promise<DomainRow | undefined> {
  const rows = await queries.query<DomainRow>(
    `SELECT ${COLUMNS} FROM ecomind.domains WHERE org_id = $1 AND name = $2 FOR UPDATE`,
    [orgId, name],
  )
  return rows[0]
}

/** An organisation that has ended owns no domain any more. */
export async function freeDomain(queries: Queries, name: string): Promise<void> {
  await queries.query(
    `UPDATE ecomind.domains SET verified_at = NULL, sso_required = false
     WHERE name = $1 AND org_id IN (SELECT id FROM ecomind.organisations WHERE deleted_at IS NOT NULL)`,
    [name],
  )
}

/** The organisation has shown that the e-mail's domain is its own. */
export async function isVerifiedDomain(queries: Queries, orgId: string, email: string): Promise<boolean> {
  return (await verifiedDomainOf(queries, orgId, email)) !== undefined
}

export async function isSsoRequired(queries: Queries, orgId: string, email: string): Promise<boolean> {
  return (await verifiedDomainOf(queries, orgId, email))?.sso_required ?? false
}

async function verifiedDomainOf(
  queries: Queries,
  orgId: string,
  email: string,
): Promise<{ readonly sso_required: boolean } | undefined> {
  const name = domainOfEmail(email)
  if (name === null) return undefined
  const [row] = await queries.query<{ sso_required: boolean }>(
    'SELECT sso_required FROM ecomind.domains WHERE org_id = $1 AND name = $2 AND verified_at IS NOT NULL',
    [orgId, name],
  )
  return row
}
