/**
 * Days whose rollups may not agree with the raw rows, because an insert into them had to be repeated: a rollup may have
 * remembered the token of a part that it never kept, and then refused the repeat. Kept by partition, since each
 * partition's commit notes carry its own days over a kill. Comparing a day settles it, whoever doubted it; loading goes
 * on meanwhile, so a doubt that came after the comparison had begun stays.
 */
export interface RollupDoubts {
  add(partition: number, days: Iterable<number>): void
  /** Epoch days the partition is in doubt about, ascending. */
  of(partition: number): readonly number[]
  /** Those of all partitions, ascending. */
  all(): readonly number[]
  /** A moment to remember before a comparison begins. */
  moment(): number
  /** The day was compared by what was there at `since`. Returns the partitions that are in no doubt any more by it. */
  settle(day: number, since: number): readonly number[]
  /** The partition went to another owner, who reads its notes. */
  drop(partition: number): void
}

export function createRollupDoubts(): RollupDoubts {
  /** By partition: day and the moment it was last doubted. */
  const doubted = new Map<number, Map<number, number>>()
  let moments = 0
  return {
    add(partition, days) {
      moments += 1
      const own = doubted.get(partition) ?? new Map<number, number>()
      for (const day of days) own.set(day, moments)
      if (own.size > 0) doubted.set(partition, own)
    },
    of: (partition) => ascending(doubted.get(partition)?.keys() ?? []),
    all: () => ascending(new Set([...doubted.values()].flatMap((days) => [...days.keys()]))),
    moment: () => moments,
    settle(day, since) {
      const clear: number[] = []
      for (const [partition, days] of doubted) {
        const doubtedAt = days.get(day)
        if (doubtedAt === undefined || doubtedAt > since) continue
        days.delete(day)
        if (days.size > 0) continue
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
