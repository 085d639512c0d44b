/**
 * The runs of this installation: begins them, carries them on after a stop or a kill, takes them back. One chunk at a
 * time over all organisations, on a connection of its own, so that questions do not wait behind it.
 */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { ClickHouseError, readRawGone } from '@ecomind/clickhouse'
import type { FactorSet } from '@ecomind/footprint'
import type { RecomputationPreview } from '@ecomind/schemas'
import type { Logger } from 'pino'
import { ApiError } from '../http/api-error.ts'
import type { RunAudit, RunStep } from './audit.ts'
import type { ChunkPeriod } from './compiled-calls.ts'
import { planChunks } from './plan-chunks.ts'
import { type ChunkDeps, ChunkDiffersError, postChunk } from './post-chunk.ts'
import { type Run, type RunState, visibleGeneration } from './run.ts'
import { RunJournal } from './run-journal.ts'
import { removeGeneration } from './take-back.ts'

export interface RecomputationDeps extends ChunkDeps {
  /** Sets of earlier numbers and of overrides too; null when there is no such set. */
  readonly loadFactorSet: (id: string) => Promise<FactorSet | null>
  /** What new calls of the organisation are computed with. */
  readonly runningSetId: (orgId: string) => Promise<string>
  /** Each chunk pauses loading for a while, so it waits until the loader can spare that. */
  readonly isQuiet: () => boolean
  readonly audit: RunAudit
  readonly logger: Logger
  readonly nowMs: () => number
  /** Default 500. */
  readonly retryFirstMs?: number
}

export interface StartRequest {
  readonly orgId: string
  readonly period: ChunkPeriod
  readonly factorSet: string
  readonly actor: string
  readonly report: RecomputationPreview
}

/** Pauses after a step that failed and may succeed later; each is twice the one before. */
const RETRY_FIRST_MS = 500
const RETRY_MOST_MS = 30_000
const QUIET_LOOK_MS = 1_000
/** A partition that is refused for long must not hold the past up for ever. */
const QUIET_WITHIN_LOOKS = 600
const FINISHED: ReadonlySet<RunState> = new Set(['done', 'failed', 'taken_back'])

export class Recomputations {
  readonly #deps: RecomputationDeps
  readonly #journal: RunJournal
  readonly #runs = new Map<string, readonly Run[]>()
  readonly #stopping = new AbortController()
  #work: Promise<void> = Promise.resolve()
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(deps: RecomputationDeps, runs: readonly Run[], journal: RunJournal) {
    this.#deps = deps
    this.#journal = journal
    for (const run of runs) this.#runs.set(run.orgId, [...(this.#runs.get(run.orgId) ?? []), run])
  }

  /** Reads what was begun and carries on with it. @throws ClickHouseError */
  static async open(deps: RecomputationDeps): Promise<Recomputations> {
    const journal = new RunJournal(deps.clickhouse)
    const opened = new Recomputations(deps, await journal.readAll(), journal)
    for (const run of opened.#allRuns()) if (!FINISHED.has(run.state)) opened.#carryOn(run)
    return opened
  }

  /** Ends between two statements; what is left goes on at the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#work
  }

  /** Resolves when nothing runs any more. */
  async idle(): Promise<void> {
    await this.#work
  }

  runningSetId(orgId: string): Promise<string> {
    return this.#deps.runningSetId(orgId)
  }

  /** By generation, ascending. */
  list(orgId: string): readonly Run[] {
    return this.#runs.get(orgId) ?? []
  }

  /** @throws ApiError not_found */
  get(orgId: string, id: string): Run {
    const run = this.list(orgId).find((r) => r.id === id)
    if (run === undefined) throw new ApiError('not_found', 'There is no such recomputation')
    return run
  }

  /**
   * The newest generation an answer may hold; null: all there is.
   * @throws ApiError not_found for a generation that is not complete, taken back or retired
   */
  generationMax(orgId: string, asked: number | undefined): number | null {
    const runs = this.list(orgId)
    if (asked === undefined) return visibleGeneration(runs)
    const retiredBelow = Math.max(0, ...runs.filter(isRetiring).map((r) => r.generation))
    const known = asked === 0 || runs.some((r) => r.generation === asked && r.state === 'done')
    if (!known || asked < retiredBelow)
      throw new ApiError('not_found', `There is no generation ${asked}, or not any more`, { field: 'generation' })
    return asked
  }

  /** The same request again answers the same run. @throws ApiError conflict */
  async start(request: StartRequest): Promise<Run> {
    return await this.#inTurn(async () => {
      const runs = this.list(request.orgId)
      const newest = runs.findLast((r) => r.state !== 'taken_back')
      if (newest !== undefined && isSameRequest(newest, request)) {
        if (newest.state !== 'failed') return newest
        return this.#carryOn(await this.#write({ ...newest, state: 'running', error: null }))
      }
      if (newest !== undefined && newest.state !== 'done')
        throw new ApiError(
          'conflict',
          `Recomputation ${newest.id} is ${newest.state}; let it end or take it back first`,
        )
      await this.#requireRawEvents(request)
      const run = await this.#newRun(request, (runs.at(-1)?.generation ?? 0) + 1)
      await this.#note(run, 'started')
      return this.#carryOn(await this.#write(run))
    })
  }

  /** Removes the newest generation. Done again, it is no harm. @throws ApiError not_found, conflict */
  async takeBack(orgId: string, id: string): Promise<Run> {
    return await this.#inTurn(async () => {
      const run = this.get(orgId, id)
      if (run.state === 'taken_back' || run.state === 'taking_back') return run
      const newest = this.list(orgId).findLast((r) => r.state !== 'taken_back')
      if (newest?.id !== id) throw new ApiError('conflict', `Take back ${newest?.id} first: it came later`)
      if (run.state === 'running') throw new ApiError('conflict', 'It is still running; wait until it is done')
      if (run.earlierRetired) throw new ApiError('conflict', 'The generations before it are retired')
      return this.#carryOn(await this.#write({ ...run, state: 'taking_back' }))
    })
  }

  /** From now on, the generations before it are not answered. @throws ApiError not_found, conflict */
  async retireEarlier(orgId: string, id: string): Promise<Run> {
    return await this.#inTurn(async () => {
      const run = this.get(orgId, id)
      if (run.earlierRetired) return run
      if (run.state !== 'done') throw new ApiError('conflict', `It is ${run.state}, not done`)
      await this.#note(run, 'earlier_retired')
      return await this.#write({ ...run, earlierRetired: true })
    })
  }

  #allRuns(): readonly Run[] {
    return [...this.#runs.values()].flat()
  }

  /** Decisions one after the other. */
  async #inTurn<T>(decide: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(decide)
    this.#turn = turn.catch(() => undefined)
    return await turn
  }

  async #newRun({ orgId, period, factorSet, actor, report }: StartRequest, generation: number): Promise<Run> {
    const nowMs = this.#deps.nowMs()
    const key = JSON.stringify([orgId, generation, period, factorSet])
    return {
      id: `rec_${createHash('sha256').update(key).digest('hex').slice(0, 16)}`,
      orgId,
      generation,
      ...period,
      factorSet,
      actor,
      state: 'running',
      startedAtMs: nowMs,
      finishedAtMs: null,
      chunks: await planChunks(this.#deps.clickhouse, orgId, period),
      chunksDone: 0,
      error: null,
      earlierRetired: false,
      report,
    }
  }

  async #write(run: Run): Promise<Run> {
    await this.#journal.write(run, this.#deps.nowMs())
    const others = this.list(run.orgId).filter((r) => r.id !== run.id)
    this.#runs.set(
      run.orgId,
      [...others, run].sort((a, b) => a.generation - b.generation),
    )
    return run
  }

  async #note(run: Run, step: RunStep): Promise<void> {
    const { id, orgId, actor, generation, factorSet, report } = run
    const detail = { generation, factor_set: factorSet, from: report.from, to: report.to, co2_kg: report.co2_kg }
    await this.#deps.audit.noteOnce({ orgId, runId: id, step, atMs: this.#deps.nowMs(), actor, detail })
  }

  /** @throws ApiError conflict */
  async #requireRawEvents({ orgId, period }: StartRequest): Promise<void> {
    const { keptFrom } = await readRawGone(this.#deps.clickhouse)
    const day = keptFrom.find((kept) => kept.orgId === orgId)?.day
    if (day !== undefined && period.fromMs < Date.parse(day))
      throw new ApiError('conflict', `Raw events before ${day} are kept no longer; begin there`, { field: 'from' })
  }

  /** Whose rows are being moved must not be read meanwhile; it begins only when no run is under way. */
  async #requireNoErasure(orgId: string): Promise<void> {
    const { open } = await readRawGone(this.#deps.clickhouse)
    if (open.some((erasure) => erasure.orgId === orgId))
      throw new Error('recompute: an erasure is under way; tried again')
  }

  #carryOn(run: Run): Run {
    this.#work = this.#work.then(() => this.#carryOnUntilDone(run.orgId, run.id))
    return run
  }

  /** Never rejects. */
  async #carryOnUntilDone(orgId: string, id: string): Promise<void> {
    const firstMs = this.#deps.retryFirstMs ?? RETRY_FIRST_MS
    let pauseMs = firstMs
    while (!this.#stopping.signal.aborted) {
      const run = this.get(orgId, id)
      try {
        if (FINISHED.has(run.state)) return
        await this.#step(run)
        pauseMs = firstMs
      } catch (error) {
        this.#deps.logger.warn({ err: error, run: id }, 'recomputation: a step failed')
        if (isFinal(error) && (await this.#fail(run, error))) return
        await sleep(pauseMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
        pauseMs = Math.min(pauseMs * 2, RETRY_MOST_MS)
      }
    }
  }

  async #step(run: Run): Promise<void> {
    const finishedAtMs = this.#deps.nowMs()
    if (run.state === 'taking_back') {
      await removeGeneration(this.#deps.clickhouse, this.#deps.whileLoadingPaused, run)
      await this.#note(run, 'taken_back')
      await this.#write({ ...run, state: 'taken_back', finishedAtMs })
      return
    }
    const period = run.chunks[run.chunksDone]
    if (period === undefined) {
      await this.#note(run, 'done')
      await this.#write({ ...run, state: 'done', finishedAtMs })
      return
    }
    const set = await this.#deps.loadFactorSet(run.factorSet)
    if (set === null) throw new ChunkDiffersError(`recompute: factor set ${run.factorSet} is not in the database`)
    if (!(await this.#untilQuiet())) return
    await this.#deps.whileLoadingPaused(async () => await this.#requireNoErasure(run.orgId))
    await postChunk(this.#deps, { orgId: run.orgId, generation: run.generation, period, set })
    await this.#write({ ...run, chunksDone: run.chunksDone + 1 })
  }

  /** False when this process stops first. */
  async #untilQuiet(): Promise<boolean> {
    const { signal } = this.#stopping
    for (let look = 0; look < QUIET_WITHIN_LOOKS && !signal.aborted && !this.#deps.isQuiet(); look++) {
      if (look === 0) this.#deps.logger.info('recomputation: a chunk waits until the loader is quiet')
      await sleep(QUIET_LOOK_MS, undefined, { signal }).catch(() => undefined)
    }
    return !signal.aborted
  }

  /** False when even that could not be written down. */
  async #fail(run: Run, error: unknown): Promise<boolean> {
    const words = error instanceof Error ? error.message : String(error)
    try {
      await this.#note(run, 'failed')
      await this.#write({ ...run, state: 'failed', error: words, finishedAtMs: this.#deps.nowMs() })
      return true
    } catch {
      return false
    }
  }
}

const isRetiring = (run: Run): boolean => run.earlierRetired && run.state === 'done'

const isSameRequest = (run: Run, { period, factorSet }: StartRequest): boolean =>
  run.state !== 'taking_back' && run.fromMs === period.fromMs && run.toMs === period.toMs && run.factorSet === factorSet

/** Trying again would not help: the data, the statement or the code is wrong. */
const isFinal = (error: unknown): boolean =>
  error instanceof ChunkDiffersError ||
  error instanceof TypeError ||
  error instanceof RangeError ||
  (error instanceof ClickHouseError && !error.retryable)
