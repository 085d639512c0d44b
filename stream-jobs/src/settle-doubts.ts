/**
 * Compares the rollups of doubted days with the raw rows, and has those that differ rebuilt. Many days are looked at in
 * one go while loading goes on: days that agree then are settled. Only the others are compared again and rebuilt between the
 * commits of the loader, because raw rows are seen a moment before those of the views, and because a rebuild forgets
 * tokens. It waits until every partition loads and none is refused, so an outage that repeats many inserts costs one
 * comparison, and it rests between two of them nine times as long as one took, a minute at most.
 */
import type { Logger } from 'pino'
import type { DayRange } from './day-ranges.ts'
import { every, type Repeated } from './every.ts'
import type { LoadingGate } from './loading-gate.ts'
import type { LoaderSettings } from './partition-context.ts'
import type { RollupDoubts } from './rollup-doubts.ts'
import type { RollupLook } from './rollup-look.ts'
import type { Watermark } from './watermark.ts'

const RESTS_PER_WORK = 9
const REST_MS_MAX = 60_000

export interface SettlerDeps {
  readonly doubts: RollupDoubts
  readonly gate: LoadingGate
  readonly watermark: Pick<Watermark, 'letGo'>
  readonly look: RollupLook
  readonly repairRollups: (days: readonly number[]) => Promise<void>
  readonly settings: Pick<LoaderSettings, 'compareAfterMs' | 'retryFirstMs' | 'retryMostMs'>
  readonly logger: Logger
  /** No partition is recovering or refused: otherwise the others would wait at the gate for that one. */
  readonly isQuiet: () => boolean
  readonly stopping: AbortSignal
}

export interface DoubtSettler {
  /** Compares what there is to compare. Never rejects: what fails stays in doubt for a later turn. */
  turn(): Promise<void>
  /** How long to wait for the next turn, in milliseconds. */
  pauseMs(): number
}

/** Settles what comes up, until it is stopped. */
export function startSettling(deps: Omit<SettlerDeps, 'stopping'>): Repeated {
  const stopping = new AbortController()
  const settler = createDoubtSettler({ ...deps, stopping: stopping.signal })
  const turns = every(settler.pauseMs, settler.turn, deps.logger)
  return {
    async stop() {
      stopping.abort()
      await turns.stop()
    },
  }
}

export function createDoubtSettler(deps: SettlerDeps): DoubtSettler {
  const { doubts, gate, settings, stopping } = deps
  let failures = 0
  let workedMs = 0

  const mayGoOn = (): boolean => !stopping.aborted && deps.isQuiet()
  const settle = (days: readonly number[], since: number): void => {
    for (const day of days) for (const partition of doubts.settle(day, since)) deps.watermark.letGo(partition)
  }
  const settleSpan = async (span: DayRange): Promise<void> => {
    const since = doubts.moment()
    const doubted = doubts.all().filter((day) => day >= span[0] && day <= span[1])
    const suspects = new Set(await deps.look.differingDays(span))
    settle(
      doubted.filter((day) => !suspects.has(day)),
      since,
    )
    const differing = doubted.filter((day) => suspects.has(day))
    if (differing.length === 0 || !mayGoOn()) return
    const repairedAt = await gate.exclusive(async () => {
      if (stopping.aborted) return null
      const whilePaused = doubts.moment()
      await deps.repairRollups(differing)
      return whilePaused
    })
    // Not before: it throws when the lock was lost meanwhile, and then another job may have loaded beside the repair.
    if (repairedAt !== null) settle(differing, repairedAt)
  }

  return {
    async turn() {
      const startedAt = performance.now()
      try {
        const spans = mayGoOn() ? await deps.look.plan(doubts.all()) : []
        for (const span of spans) {
          if (!mayGoOn()) break
          await settleSpan(span)
        }
        failures = 0
      } catch (error) {
        failures += 1
        // The first, the second, the fourth, ...: an outage of hours must not fill the log.
        if ((failures & (failures - 1)) === 0) {
          deps.logger.warn({ err: error, failures }, 'rollups of doubted days could not be compared; tried again')
        }
      }
      workedMs = performance.now() - startedAt
    },
    pauseMs() {
      if (failures === 0) return Math.max(settings.compareAfterMs, Math.min(REST_MS_MAX, RESTS_PER_WORK * workedMs))
      const grown = settings.retryFirstMs * 2 ** Math.min(failures - 1, 20)
      return Math.max(settings.compareAfterMs, Math.min(settings.retryMostMs, grown))
    },
  }
}
