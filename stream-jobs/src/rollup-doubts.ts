/**
 * Days whose rollups may not agree with the raw rows, because an insert into them had to be repeated: a rollup may have
 * remembered the token of a part that it never kept, and then refused the repeat. Kept by partition, since each
 * partition's commit notes carry its own days over a kill. Comparing a day settles it, whoever doubted it.
 */
export interface RollupDoubts {
  add(partition: number, days: Iterable<number>): void
  /** Epoch days the partition is in doubt about, ascending. */
  of(partition: number): readonly number[]
  /** Those of all partitions, ascending. */
  all(): readonly number[]
  /** The day was compared. Returns the partitions that are in no doubt any more because of it. */
  settle(day: number): readonly number[]
  /** The partition went to another owner, who reads its notes. */
  drop(partition: number): void
}

export function createRollupDoubts(): RollupDoubts {
  const doubted = new Map<number, Set<number>>()
  return {
    add(partition, days) {
      const own = doubted.get(partition) ?? new Set<number>()
      for (const day of days) own.add(day)
      if (own.size > 0) doubted.set(partition, own)
    },
    of: (partition) => ascending(doubted.get(partition) ?? []),
    all: () => ascending(new Set([...doubted.values()].flatMap((days) => [...days]))),
    settle(day) {
      const clear: number[] = []
      for (const [partition, days] of doubted) {
        if (!days.delete(day) || days.size > 0) continue
        doubted.delete(partition)
        clear.push(partition)
      }
      return clear
    },
    drop(partition) {
      doubted.delete(partition)
    },
  }
}

function ascending(days: Iterable<number>): readonly number[] {
  return [...days].sort((a, b) => a - b)
}
