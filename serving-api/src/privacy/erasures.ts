/**
 * Erasures of this process: preview, request, carry on. One is worked on at a time, in the order in which they were asked
 * for; what a kill cut off goes on at the next start, and what failed is tried again. Nothing of it needs memory: the
 * control store says what is to be done, ClickHouse what is left.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { closeErasure, readRawGone } from '@ecomind/clickhouse'
import type { Logger } from 'pino'
import type { Doer } from '../audit/doer.ts'
import { type Database, DatabaseError } from '../database/database.ts'
import { ApiError } from '../http/api-error.ts'
import { findAccounts, unlinkAccounts } from './accounts-of-person.ts'
import { certificateOf } from './certificate.ts'
import { countRows, type EraseDeps, ErasureWaitsError, moveOf, movePerson, moveRest } from './erase-person.ts'
import type { Erasure, ErasureMode, LogEnds, RowCounts } from './erasure.ts'
import {
  findErasure,
  findOpenErasure,
  insertErasure,
  setErasureDone,
  setErasureError,
  setErasureMoving,
  unfinishedErasures,
} from './erasure-store.ts'
import { hashPerson } from './person-hash.ts'
import { auditErasure, bySystem } from './privacy-audit.ts'

export interface ErasuresDeps extends EraseDeps {
  readonly database: Database
  /** Where the log ends now. */
  readonly logEnds: () => Promise<LogEnds>
  /** Whether everything before these ends is loaded, or belongs to a log that is no more. */
  readonly isLoadedTo: (ends: LogEnds) => Promise<boolean>
  readonly runningSetId: (orgId: string) => Promise<string>
  readonly version: string
  /** Days that the log keeps what was loaded. */
  readonly logKeptDays: number
  readonly logger: Logger
  /** Default 500. */
  readonly retryFirstMs?: number
}

export interface ErasureRequest {
  readonly doer: Doer
  readonly orgId: string
  readonly userId: string
  readonly mode: ErasureMode
}

const RETRY_FIRST_MS = 500
const RETRY_MOST_MS = 30_000
const ID_CHARACTERS = 20
const UNIQUE_VIOLATION = '23505'

export class Erasures {
  readonly #deps: ErasuresDeps
  readonly #stopping = new AbortController()
  #work: Promise<void> = Promise.resolve()

  private constructor(deps: ErasuresDeps) {
    this.#deps = deps
  }

  /** Carries on with what an earlier process began. @throws DatabaseError, ClickHouseError */
  static async open(deps: ErasuresDeps): Promise<Erasures> {
    const opened = new Erasures(deps)
    opened.#work = opened.#untilDone('of before', () => opened.#closeForgotten())
    for (const erasure of await unfinishedErasures(deps.database)) opened.#carryOn(erasure)
    return opened
  }

  /** Ends between two statements; what is left goes on at the next start. Stop the loader first. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#work
  }

  /** Resolves when nothing runs any more. */
  async idle(): Promise<void> {
    await this.#work
  }

  /** What an erasure would touch; nothing is written. @throws ClickHouseError, DatabaseError */
  async preview(orgId: string, userId: string): Promise<RowCounts> {
    const accounts = await findAccounts(this.#deps.database, orgId, userId)
    return { ...(await countRows(this.#deps.clickhouse, { orgId, userId })), accounts: accounts.length }
  }

  /** While one for the same person is open, the same request answers that one. @throws ApiError conflict */
  async request(asked: ErasureRequest): Promise<Erasure> {
    const { orgId, userId, mode } = asked
    const open = await findOpenErasure(this.#deps.database, orgId, userId)
    if (open !== undefined) return sameOrConflict(open, mode)
    const found = await this.preview(orgId, userId)
    const erasure = this.#newErasure(asked, found, await this.#deps.logEnds())
    try {
      await this.#deps.database.transaction(async (queries) => {
        await insertErasure(queries, erasure)
        await auditErasure(queries, asked.doer, erasure, 'erase')
      })
    } catch (error) {
      const other = isTaken(error) ? await findOpenErasure(this.#deps.database, orgId, userId) : undefined
      if (other === undefined) throw error
      return sameOrConflict(other, mode)
    }
    this.#carryOn(erasure)
    return erasure
  }

  #newErasure({ orgId, userId, mode, doer }: ErasureRequest, found: RowCounts, logEnds: LogEnds): Erasure {
    const person = hashPerson(userId)
    return {
      orgId,
      id: `ers_${randomUUID().replaceAll('-', '').slice(0, ID_CHARACTERS)}`,
      mode,
      state: 'waiting',
      userId,
      target: mode === 'delete' ? '' : `person_${randomBytes(12).toString('hex')}`,
      mark: randomBytes(16).toString('hex'),
      salt: person.salt,
      userHash: person.sha256,
      requestedBy: doer.actor,
      requestId: doer.requestId,
      requestedAt: doer.at,
      logEnds,
      found,
      error: null,
      certificate: null,
      finishedAt: null,
    }
  }

  #carryOn(erasure: Erasure): void {
    const { orgId, id } = erasure
    this.#work = this.#work.then(() => this.#untilDone(id, () => this.#step(orgId, id)))
  }

  /** Never rejects. @param step says whether it is done */
  async #untilDone(id: string, step: () => Promise<boolean>): Promise<void> {
    const firstMs = this.#deps.retryFirstMs ?? RETRY_FIRST_MS
    let pauseMs = firstMs
    while (!this.#stopping.signal.aborted) {
      try {
        if (await step()) return
        pauseMs = firstMs
      } catch (error) {
        const waits = error instanceof ErasureWaitsError
        if (!waits) this.#deps.logger.warn({ err: error, erasure: id }, 'erasure: a step failed; tried again')
        pauseMs = Math.min(pauseMs * 2, RETRY_MOST_MS)
      }
      await sleep(pauseMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
    }
  }

  async #step(orgId: string, id: string): Promise<boolean> {
    const { database, isLoadedTo } = this.#deps
    const erasure = await findErasure(database, orgId, id)
    if (erasure === undefined) return true
    if (erasure.state === 'done') return await this.#closeForgotten()
    if (!(await isLoadedTo(erasure.logEnds))) return false
    await setErasureMoving(database, erasure)
    try {
      await this.#move(erasure)
      return true
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error)
      await setErasureError(database, erasure, words).catch(() => undefined)
      throw error
    }
  }

  async #move(erasure: Erasure): Promise<void> {
    const { clickhouse, whileLoadingPaused, faultPoint } = this.#deps
    await movePerson(this.#deps, erasure)
    await whileLoadingPaused(async () => {
      await this.#finish(erasure)
      faultPoint('erasure-noted')
      await closeErasure(clickhouse, moveOf(erasure))
    })
    faultPoint('erasure-closed')
  }

  /** Certificate and audit entry are there, and the person's id is not any more: both or neither. */
  async #finish(erasure: Erasure): Promise<void> {
    const { database, nowMs, runningSetId, logKeptDays, idsKeptDays, version } = this.#deps
    const { orgId, userId } = moveOf(erasure)
    const moved = await moveRest(this.#deps, erasure)
    const factorSet = await runningSetId(orgId)
    const finishedAt = new Date(nowMs())
    await database.transaction(async (queries) => {
      await unlinkAccounts(queries, orgId, userId, finishedAt)
      const facts = { moved, factorSet, version, finishedAt, logKeptDays, idsKeptDays }
      const certificate = certificateOf(erasure, facts)
      if (!(await setErasureDone(queries, erasure, certificate, finishedAt))) return
      const doer = bySystem(erasure.requestedBy, finishedAt, erasure.requestId)
      await auditErasure(queries, doer, erasure, 'erased')
    })
  }

  /** A kill or a failure between the certificate and this leaves an erasure noted as open that nothing is left of. */
  async #closeForgotten(): Promise<boolean> {
    const { clickhouse, database, whileLoadingPaused, logger } = this.#deps
    const { open } = await readRawGone(clickhouse)
    const wanted = new Set((await unfinishedErasures(database)).map((erasure) => erasure.mark))
    for (const erasure of open.filter(({ mark }) => !wanted.has(mark))) {
      await whileLoadingPaused(async () => await closeErasure(clickhouse, erasure))
      logger.info({ org_id: erasure.orgId }, 'erasure: one that was done is closed')
    }
    return true
  }
}

function sameOrConflict(open: Erasure, mode: ErasureMode): Erasure {
  if (open.mode === mode) return open
  throw new ApiError('conflict', `Erasure ${open.id} of the same person is under way, with mode ${open.mode}`)
}

const isTaken = (error: unknown): boolean => error instanceof DatabaseError && error.sqlState === UNIQUE_VIOLATION
