/**
 * Keeps work on the rollups apart from batches that are open. Replacing parts of a rollup makes ClickHouse forget the
 * tokens of their rows, so a batch whose intent is open and would be repeated under its token must not live through it.
 *
 * A partition holds the gate from before its intent until its commit, and from its assignment until its recovery has
 * shown that no such batch is left. `exclusive` waits until nobody holds it and lets nobody in meanwhile. A batch that is
 * compared by position trusts no token, but its inserts must not fall into work on the rollups either: it holds it too.
 *
 * Jobs of other processes have gates of their own; `exclusive` asks them to pause as well (other-jobs.ts).
 */
import type { OtherJobs } from './other-jobs.ts'

export interface LoadingGate {
  /** At once, also while exclusive work waits or runs: for a partition that has done nothing yet. */
  claim(partition: number): void
  /** Resolves when the partition holds the gate; at once when it does already, but for work that ran when it was claimed. */
  enter(partition: number): Promise<void>
  release(partition: number): void
  /** The partition ended inside an open batch: until it is claimed and done again, exclusive work is refused. */
  leaveOpen(partition: number): void
  /**
   * Runs `work` while no partition of any job holds its gate; one work at a time, in the order of the calls.
   * @throws BatchLeftOpenError, also while it waits; Error when other jobs can't be asked
   */
  exclusive<T>(work: () => Promise<T>): Promise<T>
  /** The same for the partitions of this job alone. @throws BatchLeftOpenError */
  pause<T>(work: () => Promise<T>): Promise<T>
  /** Of the other jobs: a batch that sees it change is doubted. */
  epoch(): number | null
}

export class BatchLeftOpenError extends Error {
  override readonly name = 'BatchLeftOpenError'
}

const nobody: Pick<OtherJobs, 'whilePaused' | 'epoch'> = { whilePaused: (work) => work(), epoch: () => 0 }

export function createLoadingGate(others = nobody): LoadingGate {
  const holders = new Set<number>()
  const leftOpen = new Set<number>()
  let waiting: (() => void)[] = []
  let turns: Promise<unknown> = Promise.resolve()
  let closedBy = 0
  let working = false

  const changed = (): void => {
    const woken = waiting
    waiting = []
    for (const wake of woken) wake()
  }
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise<void>((resolve) => waiting.push(resolve))
  }

  const pause = <T>(work: () => Promise<T>): Promise<T> => {
    closedBy++
    const turn = turns.then(async () => {
      await until(() => holders.size === 0 || leftOpen.size > 0)
      if (leftOpen.size > 0) {
        throw new BatchLeftOpenError(`work on rollups: partition ${[...leftOpen].join()} stopped inside a batch`)
      }
      working = true
      return await work()
    })
    turns = turn
      .catch(() => undefined)
      .finally(() => {
        working = false
        closedBy--
        changed()
      })
    return turn
  }

  return {
    claim: (partition) => {
      leftOpen.delete(partition)
      holders.add(partition)
    },
    async enter(partition) {
      if (holders.has(partition)) {
        // A partition that the group gave us in the middle of the work: its open batch is done again behind it.
        await until(() => !working)
        return
      }
      await until(() => closedBy === 0)
      holders.add(partition)
    },
    release(partition) {
      holders.delete(partition)
      leftOpen.delete(partition)
      changed()
    },
    leaveOpen(partition) {
      leftOpen.add(partition)
      changed()
    },
    exclusive: (work) => pause(() => others.whilePaused(work)),
    pause,
    epoch: () => others.epoch(),
  }
}
