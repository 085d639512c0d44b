/**
 * Runs what an analyst typed. Each statement gets a session of its own that has given up every right but SELECT on the
 * views of one organisation, is checked as the engine parsed it, runs under limits, and is thrown away whatever happened.
 */
import { randomUUID } from 'node:crypto'
import { drainPending, Session } from 'chdb'
import { analystErrorOf } from './analyst-errors.ts'
import { type AnalystFunctions, readAnalystFunctions } from './analyst-functions.ts'
import { planStatement } from './analyst-plan.ts'
import { ANALYST_LIMITS, type AnalystLimits, analystSettings } from './analyst-settings.ts'
import { ANALYST_DATABASE, sessionMark, sessionViews, viewStatements } from './analyst-views.ts'
import type { ParamForm } from './bind-params.ts'
import { AnalystError, QUERY_CANCELLED } from './canonical-statement.ts'
import { ChdbClickHouse } from './chdb-clickhouse.ts'
import type { QueryParam } from './clickhouse.ts'
import { acquireEngine, type EmbeddedEngine } from './embedded-engine.ts'
import { ANALYST_ROLE } from './engine-config.ts'
import { quoteString } from './sql-literals.ts'

export interface AnalystQuestion {
  readonly text: string
  readonly params?: Readonly<Record<string, QueryParam>>
  /** Default plain. */
  readonly paramForm?: ParamForm
  /** Used when the text names none. */
  readonly defaultFormat: string
  /** Output settings of the caller, from OUTPUT_SETTINGS only. */
  readonly outputSettings?: Readonly<Record<string, string>>
}

export interface AnalystCaller {
  /** Whose rows there are: one organisation, and in local mode '' for records that name none. */
  readonly orgIds: readonly string[]
  /** Aborted when nobody waits for the answer any more: the statement is killed. */
  readonly gone?: AbortSignal
}

export interface AnalystAnswer {
  readonly format: string
  readonly bytes: Uint8Array
  /** Of the answer. How many were read to make it is nobody's business: it counts rows of others. */
  readonly rows: number
  readonly elapsedSeconds: number
}

export interface AnalystSql {
  /** @throws AnalystError with ClickHouse's error code and a text that gives no data and no path away */
  run(question: AnalystQuestion, caller: AnalystCaller): Promise<AnalystAnswer>
  close(): Promise<void>
}

/** Opens the analysts' way into an engine in this process (shared with the loader and the API). */
export async function openAnalystSql(
  target: { readonly dataDir: string; readonly spoolDir: string },
  limits: AnalystLimits = ANALYST_LIMITS,
): Promise<AnalystSql> {
  const engine = await acquireEngine(target.dataDir, target.spoolDir)
  const owner = new ChdbClickHouse(await acquireEngine(target.dataDir, target.spoolDir), 'analyst')
  try {
    return new EmbeddedAnalystSql(engine, owner, await readAnalystFunctions(owner), limits)
  } catch (cause) {
    await owner.close()
    await engine.release()
    throw cause
  }
}

const KILL_AGAIN_MS = 200

class EmbeddedAnalystSql implements AnalystSql {
  readonly #engine: EmbeddedEngine
  /** Has all rights; makes the views and kills. */
  readonly #owner: ChdbClickHouse
  readonly #functions: AnalystFunctions
  readonly #limits: AnalystLimits
  #views: Promise<void> | null = null

  constructor(engine: EmbeddedEngine, owner: ChdbClickHouse, functions: AnalystFunctions, limits: AnalystLimits) {
    this.#engine = engine
    this.#owner = owner
    this.#functions = functions
    this.#limits = limits
  }

  async run(question: AnalystQuestion, { orgIds, gone }: AnalystCaller): Promise<AnalystAnswer> {
    const mark = sessionMark(this.#engine.secret, randomUUID(), orgIds)
    const finished = new AbortController()
    const session = new Session(this.#engine.path)
    const kill = (): void => void this.#kill(mark, finished.signal)
    gone?.addEventListener('abort', kill, { once: true })
    try {
      await this.#makeViews()
      await session.queryAsync(this.#sessionSettings(mark, question.outputSettings))
      await requireAnalystRole(session)
      const ask = async (text: string) => (await session.queryAsync(text, { format: 'TSVRaw' })).text()
      const plan = await planStatement(question, { functions: this.#functions, database: ANALYST_DATABASE, ask })
      if (gone?.aborted === true) throw new AnalystError(QUERY_CANCELLED, 'the client went away')
      const answer = await session.queryAsync(plan.text, { format: plan.format })
      return { format: plan.format, bytes: answer.bytes(), rows: answer.rowsRead, elapsedSeconds: answer.elapsed }
    } catch (cause) {
      throw analystErrorOf(cause)
    } finally {
      finished.abort()
      gone?.removeEventListener('abort', kill)
      session.close()
    }
  }

  async close(): Promise<void> {
    await drainPending()
    await this.#owner.close()
    await this.#engine.release()
  }

  /** At the first statement: the tables may not be there when this is opened. */
  async #makeViews(): Promise<void> {
    this.#views ??= (async () => {
      for (const text of viewStatements(sessionViews(this.#engine.secret))) await this.#owner.command({ text })
    })()
    try {
      await this.#views
    } catch (cause) {
      this.#views = null
      throw cause
    }
  }

  /** Again and again until the session has ended: the statement may not have begun yet. */
  async #kill(mark: string, finished: AbortSignal): Promise<void> {
    const text = `KILL QUERY WHERE Settings['log_comment'] = ${quoteString(mark)} ASYNC`
    while (!finished.aborted) {
      await this.#owner.command({ text }).catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, KILL_AGAIN_MS))
    }
  }

  /** Rights are given up first and settings are locked last; the session never gets either back. */
  #sessionSettings(mark: string, output: Readonly<Record<string, string>> = {}): string {
    const settings = { ...analystSettings(this.#limits, output), log_comment: mark, readonly: 1 }
    const sets = Object.entries(settings).map(([k, v]) => `${k} = ${typeof v === 'number' ? v : quoteString(v)}`)
    return `SET ROLE ${ANALYST_ROLE}; USE ${ANALYST_DATABASE}; SET ${sets.join(', ')}`
  }
}

/** Proves that the rights are gone. */
async function requireAnalystRole(session: Session): Promise<void> {
  const roles = (await session.queryAsync('SELECT currentRoles()', { format: 'TSVRaw' })).text()
  if (roles !== `['${ANALYST_ROLE}']\n`)
    throw new AnalystError(497, 'analysts can not be kept apart on this engine, so nothing is run')
}
