/** Changes of an organisation's directory take turns, so that a rule over several rows holds between reading and writing. */
import type { Queries } from '../database/database.ts'

/** Until the end of the transaction. */
export async function takeDirectoryTurn(queries: Queries, orgId: string): Promise<void> {
  await queries.query("SELECT pg_advisory_xact_lock(hashtextextended('ecomind/directory/' || $1, 0))", [orgId])
}
