/** Organisations in the control store. Deleted ones stay, so that their id is never given again. */
import { randomBytes } from 'node:crypto'
import type { Queries } from '../database/database.ts'
import { type Organisation, organisationSettings } from './organisation.ts'

interface Row {
  readonly id: string
  readonly name: string
  readonly timezone: string
  readonly retention_days: number
  readonly is_first: boolean
  readonly settings: Readonly<Record<string, unknown>>
  readonly pseudonym_key_0: string
  readonly pseudonym_key_1: string
  readonly version: number
  readonly created_at: Date
  readonly updated_at: Date
}

const COLUMNS = `id, name, timezone, retention_days, is_first, settings, pseudonym_key_0, pseudonym_key_1, version,
  created_at, updated_at`

/** Null: there is none, or it was deleted. */
export async function findOrganisation(queries: Queries, id: string): Promise<Organisation | null> {
  const [row] = await queries.query<Row>(
    `SELECT ${COLUMNS} FROM ecomind.organisations WHERE id = $1 AND deleted_at IS NULL`,
    [id],
  )
  return row === undefined ? null : toOrganisation(row)
}

export async function findFirstOrganisation(queries: Queries): Promise<Organisation | null> {
  const [row] = await queries.query<Row>(`SELECT ${COLUMNS} FROM ecomind.organisations WHERE is_first`)
  return row === undefined ? null : toOrganisation(row)
}

export interface NewOrganisation extends Pick<Organisation, 'id' | 'name' | 'timezone' | 'retentionDays' | 'isFirst'> {
  readonly at: Date
}

/** Null: the id was given before. */
export async function insertOrganisation(queries: Queries, org: NewOrganisation): Promise<Organisation | null> {
  const { id, name, timezone, retentionDays, isFirst, at } = org
  const key = randomBytes(16)
  const [row] = await queries.query<Row>(
    `INSERT INTO ecomind.organisations
      (id, name, timezone, retention_days, is_first, settings, pseudonym_key_0, pseudonym_key_1, created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
    [
      id,
      name,
      timezone,
      retentionDays,
      isFirst,
      organisationSettings.parse({}),
      String(key.readBigUInt64LE(0)),
      String(key.readBigUInt64LE(8)),
      at,
    ],
  )
  return row === undefined ? null : toOrganisation(row)
}

/** Of an organisation that was read in the same transaction; its version grows by one. */
export async function updateOrganisation(queries: Queries, org: Organisation, at: Date): Promise<Organisation> {
  const [row] = await queries.query<Row>(
    `UPDATE ecomind.organisations
     SET name = $2, timezone = $3, retention_days = $4, settings = $5, updated_at = $6, version = version + 1
     WHERE id = $1 AND deleted_at IS NULL RETURNING ${COLUMNS}`,
    [org.id, org.name, org.timezone, org.retentionDays, org.settings, at],
  )
  if (row === undefined) throw new Error(`update organisation: ${org.id} went away in the same transaction`)
  return toOrganisation(row)
}

export async function markOrganisationDeleted(queries: Queries, id: string, at: Date): Promise<void> {
  await queries.query(
    'UPDATE ecomind.organisations SET deleted_at = $2, updated_at = $2, version = version + 1 WHERE id = $1',
    [id, at],
  )
}

/** Until the transaction ends nobody else changes it. Null: there is none, or it was deleted. */
export async function lockOrganisation(queries: Queries, id: string): Promise<Organisation | null> {
  const [row] = await queries.query<Row>(
    `SELECT ${COLUMNS} FROM ecomind.organisations WHERE id = $1 AND deleted_at IS NULL FOR UPDATE`,
    [id],
  )
  return row === undefined ? null : toOrganisation(row)
}

function toOrganisation(row: Row): Organisation {
  return {
    id: row.id,
    name: row.name,
    timezone: row.timezone,
    retentionDays: row.retention_days,
    isFirst: row.is_first,
    settings: organisationSettings.parse(row.settings),
    pseudonymKey: [row.pseudonym_key_0, row.pseudonym_key_1],
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
