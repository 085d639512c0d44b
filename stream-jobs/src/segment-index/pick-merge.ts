/**
 * Which merge goes on or begins: four segments of one bucket and level are due. The lowest level first, because it fills
 * up fastest; a merge under way before a new one of the same level.
 */
import type { Merge } from './merge.ts'
import type { Segment } from './segment.ts'

const FAN_OUT = 4

/** A merge under way, segments to begin one with (older ones first), or null: nothing is due. */
export function pickMerge(segments: readonly Segment[], merges: readonly Merge[]): Merge | Segment[] | null {
  const busy = new Set(merges.flatMap(({ inputs }) => inputs))
  const groups = groupByLevel(segments.filter((segment) => !busy.has(segment)))
  const due = lowest(
    groups.filter((group) => group.length >= FAN_OUT),
    (group) => levelOf(group),
  )
  const begun = lowest(merges, ({ inputs }) => levelOf(inputs))
  if (due === null || begun === null) return due ?? begun
  return levelOf(begun.inputs) <= levelOf(due) ? begun : due
}

/** Of each bucket and level, older ones first. */
function groupByLevel(segments: readonly Segment[]): Segment[][] {
  const groups = new Map<string, Segment[]>()
  for (const segment of segments) {
    const name = `${segment.listed.bucket}/${segment.listed.level}`
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [segment])
    else group.push(segment)
  }
  return [...groups.values()]
}

function levelOf(group: readonly Segment[]): number {
  return group[0]?.listed.level ?? 0
}

function lowest<T>(all: readonly T[], levelOfOne: (one: T) => number): T | null {
  return all.reduce<T | null>((best, one) => (best !== null && levelOfOne(best) <= levelOfOne(one) ? best : one), null)
}
