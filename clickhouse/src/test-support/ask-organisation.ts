/** Asks a list of statements as an analyst of OWN, of a store that is there for as long as that takes. */
import { ANALYST_LIMITS } from '../analyst-settings.ts'
import { openAnalystSql } from '../analyst-sql.ts'
import { AnalystError } from '../canonical-statement.ts'
import { OWN, openOrganisationStore } from './two-organisations.ts'

export interface Outcome {
  /** ClickHouse's code; null when it was answered. */
  readonly code: number | null
  /** Of the answer, as Latin-1, or the text of the error. */
  readonly bytes: string
}

/** One thread, so that blocks come in one order. */
const LIMITS = { ...ANALYST_LIMITS, maxThreads: 1, maxExecutionMs: 10_000 }

export async function askAll(which: 'shared' | 'alone', statements: readonly string[]): Promise<readonly Outcome[]> {
  const { temp } = await openOrganisationStore(which)
  const sql = await openAnalystSql(temp.target, LIMITS)
  const outcomes: Outcome[] = []
  try {
    for (const text of statements) {
      try {
        const { bytes } = await sql.run({ text, defaultFormat: 'TabSeparated' }, { orgIds: [OWN] })
        outcomes.push({ code: null, bytes: Buffer.from(bytes).toString('latin1') })
      } catch (cause) {
        if (!(cause instanceof AnalystError)) throw cause
        outcomes.push({ code: cause.code, bytes: cause.message })
      }
    }
  } finally {
    await sql.close()
    await temp.remove()
  }
  return outcomes
}
