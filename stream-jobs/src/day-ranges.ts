/** Days as few inclusive ranges, so that any number of them fits into a commit note. */

import { DAY_MS } from './arrival-day.ts'

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

/** The month (UTC) of an epoch day as a number YYYYMM. */
export function monthOf(day: number): number {
  const date = new Date(day * DAY_MS)
  return date.getUTCFullYear() * 100 + date.getUTCMonth() + 1
}

/** The first and the last of the given epoch days in each month, ascending: a month is a partition of every rollup. */
export function spanMonths(days: Iterable<number>): readonly DayRange[] {
  const spans = new Map<number, [number, number]>()
  for (const day of [...days].sort((a, b) => a - b)) {
    const span = spans.get(monthOf(day))
    if (span === undefined) spans.set(monthOf(day), [day, day])
    else span[1] = day
  }
  return [...spans.values()]
}

/** Joins neighbours of ascending spans as long as what lies from the first to the last of them weighs no more than `most`. */
export function joinSpans(
  spans: readonly DayRange[],
  weightOf: (span: DayRange) => number,
  most: number,
): readonly DayRange[] {
  const joined: DayRange[] = []
  for (const span of spans) {
    const open = joined.at(-1)
    if (open === undefined || weightOf([open[0], span[1]]) > most) joined.push(span)
    else joined[joined.length - 1] = [open[0], span[1]]
  }
  return joined
}
