/**
 * Where statements of analysts come in, from the SQL port and from `POST /v1/sql` alike: one queue over both, one bound on
 * what an organisation may have under way, and for each organisation the log of what it asked.
 */
import { analystErrorOf } from './analyst-errors.ts'
import type { AnalystAnswer, AnalystQuestion, AnalystSql } from './analyst-sql.ts'
import { StatementLog, type StatementLogEntry } from './statement-log.ts'
import { type TurnLimits, TurnQueue } from './turn-queue.ts'

export interface DeskOptions extends Partial<TurnLimits> {
  readonly sql: AnalystSql
  /** Told of every statement. Its text belongs to the organisation: it may be kept for it, not put into a shared log. */
  readonly onStatement?: (entry: StatementLogEntry) => void
}

export interface DeskCaller {
  readonly orgId: string
  /** Whose rows there are: the organisation's, and '' for who may see records that name none. */
  readonly orgIds: readonly string[]
  /** Null without a key. */
  readonly keyId: string | null
  readonly queryId: string
  readonly gone?: AbortSignal
}

export interface AnalystDesk {
  /** @throws AnalystError */
  run(question: AnalystQuestion, caller: DeskCaller): Promise<AnalystAnswer>
  /** The last statements of an organisation, newest first. */
  statements(orgId: string): readonly StatementLogEntry[]
  /** Waits for what is under way. */
  close(): Promise<void>
}

export const DESK_LIMITS: TurnLimits = { maxRunning: 3, maxRunningPerOrg: 2, maxWaiting: 16, maxWaitingPerOrg: 8 }

export function openAnalystDesk(options: DeskOptions): AnalystDesk {
  const { sql, onStatement } = options
  const queue = new TurnQueue({
    maxRunning: options.maxRunning ?? DESK_LIMITS.maxRunning,
    maxRunningPerOrg: options.maxRunningPerOrg ?? DESK_LIMITS.maxRunningPerOrg,
    maxWaiting: options.maxWaiting ?? DESK_LIMITS.maxWaiting,
    maxWaitingPerOrg: options.maxWaitingPerOrg ?? DESK_LIMITS.maxWaitingPerOrg,
  })
  const log = new StatementLog()
  return {
    async run(question, caller) {
      const { orgId, orgIds, keyId, queryId, gone } = caller
      const startedMs = Date.now()
      const start = performance.now()
      const note = (errorCode: number | null, rows: number, bytes: number): void => {
        const elapsedMs = performance.now() - start
        const entry = { orgId, keyId, queryId, text: question.text, startedMs, errorCode, elapsedMs, rows, bytes }
        log.add(entry)
        onStatement?.(entry)
      }
      try {
        const scope = { orgIds, ...(gone === undefined ? {} : { gone }) }
        const answer = await queue.run(orgId, () => sql.run(question, scope), gone)
        note(null, answer.rows, answer.bytes.byteLength)
        return answer
      } catch (cause) {
        const error = analystErrorOf(cause)
        note(error.code, 0, 0)
        throw error
      }
    },
    statements: (orgId) => log.of(orgId),
    async close() {
      await queue.idle()
      await sql.close()
    },
  }
}
