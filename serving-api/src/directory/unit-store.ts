/** Teams and projects in the control store. Deleted ones stay; the same id given again brings one back, with a higher version. */
import type { DatabaseValue, Queries } from '../database/database.ts'
import { lowerCaseSql } from '../database/lower-case.ts'
import type { Unit, UnitKind } from './unit.ts'

interface Row {
  readonly id: string
  readonly name: string
  readonly team_id: string | null
  readonly version: number
  readonly created_at: Date
  readonly updated_at: Date
}

const TABLES = {
  team: { table: 'ecomind.teams', teamId: 'NULL::text AS team_id' },
  project: { table: 'ecomind.projects', teamId: 'team_id' },
} as const satisfies Record<UnitKind, unknown>

const columnsOf = (kind: UnitKind) => `id, name, ${TABLES[kind].teamId}, version, created_at, updated_at`

const toUnit = (row: Row): Unit => ({
  id: row.id,
  name: row.name,
  teamId: row.team_id,
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

/** Null: there is none, or it was deleted. */
export async function findUnit(queries: Queries, kind: UnitKind, orgId: string, id: string): Promise<Unit | null> {
  const [row] = await queries.query<Row>(
    `SELECT ${columnsOf(kind)} FROM ${TABLES[kind].table} WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL`,
    [orgId, id],
  )
  return row === undefined ? null : toUnit(row)
}

export interface UnitsWanted {
  /** Part of the id or the name, whatever its case. */
  readonly search?: string | undefined
  /** Projects of this team. */
  readonly teamId?: string | undefined
  /** Id of the last one of the page before. */
  readonly after?: string | undefined
  readonly limit: number
}

/** In ascending order of id. */
export async function listUnits(
  queries: Queries,
  kind: UnitKind,
  orgId: string,
  wanted: UnitsWanted,
): Promise<readonly Unit[]> {
  const values: DatabaseValue[] = [orgId]
  const conditions = ['org_id = $1', 'deleted_at IS NULL']
  const add = (value: DatabaseValue | undefined, condition: (place: string) => string) => {
    if (value !== undefined) conditions.push(condition(`$${values.push(value)}`))
  }
  add(wanted.search, (p) => `strpos(${lowerCaseSql("concat_ws(E'\\n', id, name)")}, ${lowerCaseSql(p)}) > 0`)
  add(wanted.teamId, (p) => `team_id = ${p}`)
  add(wanted.after, (p) => `id COLLATE "C" > ${p}`)
  const rows = await queries.query<Row>(
    `SELECT ${columnsOf(kind)} FROM ${TABLES[kind].table} WHERE ${conditions.join(' AND ')}
     ORDER BY id COLLATE "C" LIMIT $${values.push(wanted.limit)}`,
    values,
  )
  return rows.map(toUnit)
}

/** Null: there is one with this id. */
export async function insertUnit(
  queries: Queries,
  kind: UnitKind,
  orgId: string,
  unit: Pick<Unit, 'id' | 'name' | 'teamId'>,
  at: Date,
): Promise<Unit | null> {
  const { table } = TABLES[kind]
  const [more, place, again] = kind === 'project' ? [', team_id', ', $5', ', team_id = $5'] : ['', '', '']
  const [row] = await queries.query<Row>(
    `INSERT INTO ${table} AS t (org_id, id, name, created_at, updated_at${more}) VALUES ($1, $2, $3, $4, $4${place})
     ON CONFLICT (org_id, id) DO UPDATE
     SET name = $3, created_at = $4, updated_at = $4, deleted_at = NULL, version = t.version + 1${again}
     WHERE t.deleted_at IS NOT NULL RETURNING ${columnsOf(kind)}`,
    [orgId, unit.id, unit.name, at, ...(kind === 'project' ? [unit.teamId] : [])],
  )
  return row === undefined ? null : toUnit(row)
}

/** The version grows by one. */
export async function updateUnit(queries: Queries, kind: UnitKind, orgId: string, unit: Unit, at: Date): Promise<Unit> {
  const more = kind === 'project' ? ', team_id = $5' : ''
  const [row] = await queries.query<Row>(
    `UPDATE ${TABLES[kind].table} SET name = $3, updated_at = $4, version = version + 1${more}
     WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL RETURNING ${columnsOf(kind)}`,
    [orgId, unit.id, unit.name, at, ...(kind === 'project' ? [unit.teamId] : [])],
  )
  if (row === undefined) throw new Error(`update ${kind}: ${unit.id} went away in the same transaction`)
  return toUnit(row)
}

export async function markUnitDeleted(
  queries: Queries,
  kind: UnitKind,
  orgId: string,
  id: string,
  at: Date,
): Promise<void> {
  await queries.query(
    `UPDATE ${TABLES[kind].table} SET deleted_at = $3, updated_at = $3, version = version + 1
     WHERE org_id = $1 AND id = $2`,
    [orgId, id, at],
  )
}

/** Roles of people and groups in it, and projects of a team: what stands against its end. */
export async function countUses(queries: Queries, kind: UnitKind, orgId: string, id: string): Promise<number> {
  const [row] = await queries.query<{ uses: number }>(
    `SELECT (
       (SELECT count(*) FROM ecomind.memberships WHERE org_id = $1 AND scope_kind = $2 AND scope_id = $3) +
       (SELECT count(*) FROM ecomind.groups
        WHERE org_id = $1 AND scope_kind = $2 AND scope_id = $3 AND role IS NOT NULL AND deleted_at IS NULL) +
       (SELECT count(*) FROM ecomind.projects WHERE org_id = $1 AND $2 = 'team' AND team_id = $3 AND deleted_at IS NULL)
     )::int AS uses`,
    [orgId, kind, id],
  )
  return row?.uses ?? 0
}
