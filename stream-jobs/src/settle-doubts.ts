/**
 * Compares the rollups of doubted days with the raw rows, and rebuilds them where they differ, day by day between the
 * commits of the loader: what a comparison holds up is never longer than one day of it. It waits until every partition
 * loads and none is refused, so an outage that repeats many inserts costs one comparison, and it rests nine times as
 * long as it worked, so one that comes and goes costs loading a tenth of its time at most.
 */
import { setImmediate as breathe } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { LoadingGate } from './loading-gate.ts'
import type { LoaderSettings } from './partition-context.ts'
import type { RollupDoubts } from './rollup-doubts.ts'
import type { Watermark } from './watermark.ts'

const RESTS_PER_WORK = 9

export interface SettlerDeps {
  readonly doubts: RollupDoubts
  readonly gate: LoadingGate
  readonly watermark: Pick<Watermark, 'letGo'>
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

export function createDoubtSettler(deps: SettlerDeps): DoubtSettler {
  const { doubts, gate, watermark, settings, stopping } = deps
  let failures = 0
  let workedMs = 0

  const settle = (day: number): Promise<void> =>
    gate.exclusive(async () => {
      if (stopping.aborted) return
      const startedAt = performance.now()
      await deps.repairRollups([day])
      workedMs += performance.now() - startedAt
      for (const partition of doubts.settle(day)) watermark.letGo(partition)
    })

  return {
    async turn() {
      workedMs = 0
      try {
        for (const day of doubts.all()) {
          if (stopping.aborted || !deps.isQuiet()) return
          await settle(day)
          // Whoever waits at the gate goes first.
          await breathe()
        }
        failures = 0
      } catch (error) {
        failures += 1
        // The first, the second, the fourth, ...: an outage of hours must not fill the log.
        if ((failures & (failures - 1)) !== 0) return
        deps.logger.warn({ err: error, failures }, 'rollups of doubted days could not be compared; tried again')
      }
    },
    pauseMs() {
      if (failures === 0) return Math.max(settings.compareAfterMs, RESTS_PER_WORK * workedMs)
      const grown = settings.retryFirstMs * 2 ** Math.min(failures - 1, 20)
      return Math.max(settings.compareAfterMs, Math.min(settings.retryMostMs, grown))
    },
  }
}
