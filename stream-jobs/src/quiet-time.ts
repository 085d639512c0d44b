/**
 * When is there time for work that can wait, such as comparing rollups? Never while a partition restores or is refused;
 * otherwise as soon as all have caught up with the log, which a core that was killed needs its cores for first. A loader
 * that never catches up must not put it off for ever, so that condition is dropped after a while.
 */
import type { PartitionState } from './partition-state.ts'

const CATCHING_UP_MS_MAX = 300_000

/** @param clock milliseconds, as all of the loader uses it */
export function createQuietTime(
  states: ReadonlyMap<number, Pick<PartitionState, 'phase' | 'refused' | 'behind'>>,
  clock: () => number,
): () => boolean {
  let behindSince: number | null = null
  return () => {
    const all = [...states.values()].filter((state) => state.phase !== 'stopped')
    if (!all.some((state) => state.behind)) behindSince = null
    else behindSince ??= clock()
    if (all.some((state) => state.phase === 'recovering' || state.refused !== null)) return false
    return behindSince === null || clock() - behindSince >= CATCHING_UP_MS_MAX
  }
}
