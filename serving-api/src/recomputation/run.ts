/**
 * A recomputation of one organisation's past: generation k of its rollups.
 *
 *   running      chunks are being posted; readers see the generations before it
 *   done         readers see it
 *   failed       stopped by a fault that trying again would not cure; readers see the generations before it
 *   taking_back  its rows are being removed; readers see the generations before it
 *   taken_back   gone
 *
 * running -> done | failed; done | failed -> taking_back -> taken_back; failed -> running when asked for again.
 * Only the newest run that is not taken back may change, so generations are undone in the reverse order.
 */
import type { RecomputationPreview } from '@ecomind/schemas'
import type { ChunkPeriod } from './compiled-calls.ts'

export type RunState = 'running' | 'done' | 'failed' | 'taking_back' | 'taken_back'

export interface Run {
  readonly id: string
  readonly orgId: string
  /** 1 and more, ascending per organisation, never used twice. */
  readonly generation: number
  /** Whole UTC days, epoch milliseconds, half-open. */
  readonly fromMs: number
  readonly toMs: number
  readonly factorSet: string
  readonly actor: string
  readonly state: RunState
  readonly startedAtMs: number
  readonly finishedAtMs: number | null
  readonly chunks: readonly ChunkPeriod[]
  readonly chunksDone: number
  readonly error: string | null
  /** Earlier generations are not answered any more. */
  readonly earlierRetired: boolean
  /** What was expected when it began. */
  readonly report: RecomputationPreview
}

/** The newest generation that readers see whole; null: all there is. */
export function visibleGeneration(runs: readonly Run[]): number | null {
  const newest = runs.at(-1)
  if (newest === undefined || newest.state === 'done' || newest.state === 'taken_back') return null
  return newest.generation - 1
}
