/** Puts entries of before the chain into it, once, in the order they were made. Needs the rights of the tables' owner. */
import type { Database, Queries } from '../database/database.ts'
import { AUDIT_COLUMNS, type AuditRow, toEntry } from './audit-store.ts'
import { hashOf } from './entry.ts'

interface Head {
  readonly seq: number
  readonly hash: string
}

/** Can be called at every start, by several processes at once. Returns how many there were. */
export async function chainEarlierEntries(database: Database): Promise<number> {
  const unchained = 'SELECT 1 FROM ecomind.audit_entries WHERE seq IS NULL LIMIT 1'
  if ((await database.query(unchained)).length === 0) return 0
  return await database.transaction(async (queries) => {
    await queries.script('LOCK TABLE ecomind.audit_entries IN SHARE ROW EXCLUSIVE MODE')
    await queries.query("SELECT set_config('ecomind.audit_change', 'UPDATE', true)")
    const rows = await queries.query<AuditRow>(
      `SELECT ${AUDIT_COLUMNS} FROM ecomind.audit_entries WHERE seq IS NULL ORDER BY id`,
    )
    for (const row of rows) await chain(queries, row)
    await queries.query("SELECT set_config('ecomind.audit_change', '', true)")
    return rows.length
  })
}

async function chain(queries: Queries, row: AuditRow): Promise<void> {
  const [head] = await queries.query<Head>(
    'SELECT head_seq AS seq, head_hash AS hash FROM ecomind.lock_audit_head($1)',
    [row.org_id],
  )
  if (head === undefined) throw new Error(`chain earlier audit entries: ${row.org_id} has no head`)
  const content = { ...toEntry(row), seq: head.seq + 1, prevHash: head.hash }
  const hash = hashOf(content)
  await queries.query('UPDATE ecomind.audit_entries SET seq = $2, prev_hash = $3, hash = $4 WHERE id = $1', [
    row.id,
    content.seq,
    content.prevHash,
    hash,
  ])
  await queries.query('UPDATE ecomind.audit_heads SET seq = $2, hash = $3 WHERE org_id = $1', [
    row.org_id,
    content.seq,
    hash,
  ])
}
