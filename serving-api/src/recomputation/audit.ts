/** What the audit trail is told about runs: each step of a run once, however often a kill made it be done again. */
import { recordAudit } from '../audit/record-audit.ts'
import type { Database } from '../database/database.ts'

export type RunStep = 'started' | 'done' | 'failed' | 'taken_back' | 'earlier_retired'

export interface RunEntry {
  readonly orgId: string
  readonly runId: string
  readonly step: RunStep
  /** Epoch milliseconds. */
  readonly atMs: number
  readonly actor: string
  readonly detail: Readonly<Record<string, unknown>>
}

export interface RunAudit {
  noteOnce(entry: RunEntry): Promise<void>
}

const RESOURCE = 'recomputation'

/** In the trail of the control store. */
export function databaseAudit(database: Database): RunAudit {
  return {
    noteOnce: async ({ orgId, runId, step, atMs, actor, detail }) =>
      await database.transaction(async (queries) => {
        const noted = await queries.query(
          `SELECT 1 FROM ecomind.audit_entries
           WHERE org_id = $1 AND resource_type = $2 AND resource_id = $3 AND action = $4 LIMIT 1`,
          [orgId, RESOURCE, runId, step],
        )
        if (noted.length > 0) return
        const doer = { actor, role: '', from: null, requestId: '', at: new Date(atMs) }
        await recordAudit(queries, doer, {
          orgId,
          action: step,
          resourceType: RESOURCE,
          resourceId: runId,
          before: null,
          after: detail,
        })
      }),
  }
}
