/** Days as few inclusive ranges, so that any number of them fits into a commit note. */

/** First and last epoch day, both included. */
export type DayRange = readonly [first: number, last: number]

/** At most this many ranges stand in a note: 64 of them take less than 1 KiB. */
export const RANGES_MAX = 64

/**
 * Ranges that hold every given epoch day and, as long as `most` ranges are enough, no other; beyond that the narrowest
 * gaps are closed, so a few days too many are named and none too few. Any order in, ascending out.
 */
export function packDays(days: Iterable<number>, most = RANGES_MAX): readonly DayRange[] {
  const sorted = [...new Set(days)].sort((a, b) => a - b)
  const gaps = sorted.slice(1).map((day, i) => ({ before: day, width: day - (sorted[i] ?? day) - 1 }))
  const cuts = new Set(
    gaps
      .filter(({ width }) => width > 0)
      .sort((a, b) => b.width - a.width)
      .slice(0, most - 1)
      .map(({ before }) => before),
  )
  const ranges: [number, number][] = []
  for (const day of sorted) {
    const open = ranges.at(-1)
    if (open === undefined || cuts.has(day)) ranges.push([day, day])
    else open[1] = day
  }
  return ranges
}

/** Every day of the ranges, ascending when they are. */
export function unpackDays(ranges: readonly DayRange[]): readonly number[] {
  return ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i))
}
