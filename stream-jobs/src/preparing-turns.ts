/**
 * Batches are prepared one after the other. Partitions that share the thread in slices would all be ready at the same
 * time, then all wait for the database, and neither would ever be at work while the other is; in turns one partition
 * prepares while the rows of another go in.
 */
export type PreparingTurns = <T>(prepare: () => Promise<T>) => Promise<T>

/** Each begins when the one before has ended, however it ended, in the order of the calls. */
export function createPreparingTurns(): PreparingTurns {
  let last: Promise<unknown> = Promise.resolve()
  return (prepare) => {
    const turn = last.then(prepare)
    last = turn.catch(() => undefined)
    return turn
  }
}
