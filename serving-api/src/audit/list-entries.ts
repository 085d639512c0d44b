/** Entries of one organisation as the API lists and exports them. */
import type { DatabaseValue, Queries } from '../database/database.ts'
import { AUDIT_COLUMNS, type AuditRow, toEntry } from './audit-store.ts'
import type { AuditEntry } from './entry.ts'

export interface EntryFilters {
  readonly actor?: string | undefined
  readonly action?: string | undefined
  readonly resource_type?: string | undefined
  readonly resource_id?: string | undefined
  readonly outcome?: 'done' | 'refused' | undefined
  /** Epoch milliseconds; `toMs` is not part of it. */
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
}

export type Order = 'newest first' | 'oldest first'

/** `place`: number of the last entry of the page before. @throws DatabaseError */
export async function listEntries(
  queries: Pick<Queries, 'query'>,
  orgId: string,
  filters: EntryFilters,
  { order, place, limit }: { readonly order: Order; readonly place: number | undefined; readonly limit: number },
): Promise<readonly AuditEntry[]> {
  const values: DatabaseValue[] = [orgId]
  const bind = (value: DatabaseValue): string => `$${values.push(value)}`
  const conditions = ['org_id = $1', 'seq IS NOT NULL']
  for (const column of ['actor', 'action', 'resource_type', 'resource_id', 'outcome'] as const) {
    const wanted = filters[column]
    if (wanted !== undefined) conditions.push(`${column} = ${bind(wanted)}`)
  }
  if (filters.fromMs !== undefined) conditions.push(`at >= ${bind(new Date(filters.fromMs))}`)
  if (filters.toMs !== undefined) conditions.push(`at < ${bind(new Date(filters.toMs))}`)
  if (place !== undefined) conditions.push(`seq ${order === 'newest first' ? '<' : '>'} ${bind(place)}`)
  const rows = await queries.query<AuditRow>(
    `SELECT ${AUDIT_COLUMNS} FROM ecomind.audit_entries WHERE ${conditions.join(' AND ')}
     ORDER BY seq ${order === 'newest first' ? 'DESC' : 'ASC'} LIMIT ${bind(limit)}`,
    values,
  )
  return rows.map(toEntry)
}
