/** Erasures in the control store. */
import type { Queries } from '../database/database.ts'
import type { Erasure, ErasureCertificate, ErasureMode, LogEnds, RowCounts } from './erasure.ts'

interface Row {
  readonly org_id: string
  readonly id: string
  readonly mode: ErasureMode
  readonly state: Erasure['state']
  readonly user_id: string | null
  readonly target: string | null
  readonly mark: string | null
  readonly salt: string
  readonly user_hash: string
  readonly requested_by: string
  readonly request_id: string
  readonly requested_at: Date
  readonly log_ends: LogEnds
  readonly found: RowCounts
  readonly error: string | null
  readonly certificate: ErasureCertificate | null
  readonly finished_at: Date | null
}

const SELECT = `SELECT org_id, id, mode, state, user_id, target, mark, salt, user_hash, requested_by, request_id,
  requested_at, log_ends, found, error, certificate, finished_at FROM ecomind.erasures`

/** @throws DatabaseError, 23505 when one for the same person is open */
export async function insertErasure(queries: Queries, e: Erasure): Promise<void> {
  await queries.query(
    `INSERT INTO ecomind.erasures (org_id, id, mode, state, user_id, target, mark, salt, user_hash, requested_by,
      request_id, requested_at, log_ends, found) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
    [
      e.orgId,
      e.id,
      e.mode,
      e.state,
      e.userId,
      e.target,
      e.mark,
      e.salt,
      e.userHash,
      e.requestedBy,
      e.requestId,
      e.requestedAt,
      { ...e.logEnds },
      e.found,
    ],
  )
}

export async function findErasure(queries: Queries, orgId: string, id: string): Promise<Erasure | undefined> {
  const [row] = await queries.query<Row>(`${SELECT} WHERE org_id = $1 AND id = $2`, [orgId, id])
  return row === undefined ? undefined : toErasure(row)
}

export async function findOpenErasure(queries: Queries, orgId: string, userId: string): Promise<Erasure | undefined> {
  const where = `WHERE org_id = $1 AND user_id = $2 AND state <> 'done'`
  const [row] = await queries.query<Row>(`${SELECT} ${where}`, [orgId, userId])
  return row === undefined ? undefined : toErasure(row)
}

/** Newest first; those behind `before` (a moment and an id) when it is given. */
export async function listErasures(
  queries: Queries,
  orgId: string,
  { before, limit }: { before: { readonly at: Date; readonly id: string } | undefined; limit: number },
): Promise<readonly Erasure[]> {
  const behind = before === undefined ? '' : ' AND (requested_at, id) < ($3, $4)'
  const rows = await queries.query<Row>(
    `${SELECT} WHERE org_id = $1${behind} ORDER BY requested_at DESC, id DESC LIMIT $2`,
    before === undefined ? [orgId, limit] : [orgId, limit, before.at, before.id],
  )
  return rows.map(toErasure)
}

/** In the order in which they were asked for, over all organisations. */
export async function unfinishedErasures(queries: Queries): Promise<readonly Erasure[]> {
  const rows = await queries.query<Row>(`${SELECT} WHERE state <> 'done' ORDER BY requested_at, id`)
  return rows.map(toErasure)
}

export async function setErasureMoving(queries: Queries, { orgId, id }: Erasure): Promise<void> {
  await queries.query(
    `UPDATE ecomind.erasures SET state = 'moving' WHERE org_id = $1 AND id = $2 AND state = 'waiting'`,
    [orgId, id],
  )
}

export async function setErasureError(queries: Queries, { orgId, id }: Erasure, error: string | null): Promise<void> {
  await queries.query(
    `UPDATE ecomind.erasures SET error = $3 WHERE org_id = $1 AND id = $2 AND state <> 'done' AND error IS DISTINCT FROM $3`,
    [orgId, id, error],
  )
}

/** Forgets whom it was about. False: another process was first. */
export async function setErasureDone(
  queries: Queries,
  { orgId, id }: Erasure,
  certificate: ErasureCertificate,
  finishedAt: Date,
): Promise<boolean> {
  const rows = await queries.query(
    `UPDATE ecomind.erasures SET state = 'done', user_id = NULL, target = NULL, mark = NULL, error = NULL,
      certificate = $3, finished_at = $4 WHERE org_id = $1 AND id = $2 AND state <> 'done' RETURNING id`,
    [orgId, id, { ...certificate }, finishedAt],
  )
  return rows.length > 0
}

function toErasure(row: Row): Erasure {
  return {
    orgId: row.org_id,
    id: row.id,
    mode: row.mode,
    state: row.state,
    userId: row.user_id,
    target: row.target,
    mark: row.mark,
    salt: row.salt,
    userHash: row.user_hash,
    requestedBy: row.requested_by,
    requestId: row.request_id,
    requestedAt: row.requested_at,
    logEnds: row.log_ends,
    found: row.found,
    error: row.error,
    certificate: row.certificate,
    finishedAt: row.finished_at,
  }
}
