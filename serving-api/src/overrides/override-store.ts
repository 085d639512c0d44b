/** Overrides in the control store: every change is a new version; the newest one of an override counts. */
import type { FactorOverride } from '@ecomind/footprint'
import type { Queries } from '../database/database.ts'

/** What an override says, without its place in the order of versions. */
export type OverrideContent = Omit<FactorOverride, 'id' | 'version'>

export interface StoredOverride {
  readonly orgId: string
  readonly override: FactorOverride
  readonly createdBy: string
  readonly createdAt: Date
  readonly deleted: boolean
  /** Number of this change among those of the organisation, and among all. */
  readonly orgRevision: number
  readonly revision: number
}

interface Row {
  readonly org_id: string
  readonly id: string
  readonly version: number
  readonly override: OverrideContent
  readonly created_by: string
  readonly created_at: Date
  readonly deleted_at: Date | null
  readonly org_revision: number
  readonly revision: number
}

const COLUMNS = 'org_id, id, version, override, created_by, created_at, deleted_at, org_revision, revision'
const NEWEST = `SELECT DISTINCT ON (org_id, id) ${COLUMNS} FROM ecomind.factor_override_versions`

const toStored = (row: Row): StoredOverride => ({
  orgId: row.org_id,
  override: { ...row.override, id: row.id, version: row.version },
  createdBy: row.created_by,
  createdAt: row.created_at,
  deleted: row.deleted_at !== null,
  orgRevision: row.org_revision,
  revision: row.revision,
})

/** The newest version of every override of every organisation, deleted ones too, in one consistent look. */
export async function readAllOverrides(queries: Queries): Promise<readonly StoredOverride[]> {
  const rows = await queries.query<Row>(`${NEWEST} ORDER BY org_id, id, version DESC`)
  return rows.map(toStored)
}

/** Those that are not deleted, in ascending order of id. */
export async function listOverrides(queries: Queries, orgId: string): Promise<readonly StoredOverride[]> {
  const rows = await queries.query<Row>(`${NEWEST} WHERE org_id = $1 ORDER BY org_id, id, version DESC`, [orgId])
  return rows.map(toStored).filter((o) => !o.deleted)
}

/** Undefined when there is none, or no longer. */
export async function findOverride(queries: Queries, orgId: string, id: string): Promise<StoredOverride | undefined> {
  const rows = await queries.query<Row>(`${NEWEST} WHERE org_id = $1 AND id = $2 ORDER BY org_id, id, version DESC`, [
    orgId,
    id,
  ])
  return rows.map(toStored).find((o) => !o.deleted)
}

const COUNT = `INSERT INTO ecomind.factor_override_counters AS c (org_id, revision) VALUES ($1, 1)
  ON CONFLICT (org_id) DO UPDATE SET revision = c.revision + 1 RETURNING revision`
const INSERT = `INSERT INTO ecomind.factor_override_versions (${COLUMNS})
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING ${COLUMNS}`

export interface Turn {
  readonly orgRevision: number
  readonly revision: number
}

/** Changes take turns from here to the end of the transaction, so that what is checked is what is written over. */
export async function takeTurn(queries: Queries, orgId: string): Promise<Turn> {
  const [all] = await queries.query<{ revision: number }>(COUNT, [''])
  const [own] = await queries.query<{ revision: number }>(COUNT, [orgId])
  if (all === undefined || own === undefined) throw new Error('count a change of overrides: no number came back')
  return { orgRevision: own.revision, revision: all.revision }
}

export async function insertVersion(
  queries: Queries,
  orgId: string,
  { id, version, ...content }: FactorOverride,
  by: { readonly actor: string; readonly at: Date; readonly deleted: boolean },
  turn: Turn,
): Promise<StoredOverride> {
  const [row] = await queries.query<Row>(INSERT, [
    orgId,
    id,
    version,
    content,
    by.actor,
    by.at,
    by.deleted ? by.at : null,
    turn.orgRevision,
    turn.revision,
  ])
  if (row === undefined) throw new Error('insert a version of an override: no row came back')
  return toStored(row)
}
