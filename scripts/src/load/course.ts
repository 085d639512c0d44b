/** How memory and lag went over a run, and whether they stayed flat. Pure. */
import { median } from '../bench/statistics.ts'

export interface Sample {
  /** Since the start of the load, milliseconds. */
  readonly atMs: number
  /** Memory that the system can't drop, bytes; null where it is not told. */
  readonly edgeBytes: number | null
  readonly coreBytes: number | null
  /** Age of the oldest event that is not loaded yet, seconds. */
  readonly oldestUnreadSeconds: number
}

/** Caches and pools fill in the beginning: the second quarter is what the last one is held against. */
const QUARTERS = 4
const GROWTH_MAX = 1.25
/** A collector's rhythm alone is of this size. */
const GROWTH_FREE_BYTES = 64 * 2 ** 20
const UNREAD_SECONDS_MAX = 5
const SAMPLES_MIN = 16

export interface Course {
  readonly name: 'edge memory' | 'core memory' | 'oldest unread event'
  readonly unit: 'MB' | 's'
  /** Medians of the second and of the last quarter. */
  readonly early: number
  readonly late: number
  readonly flat: boolean
}

/** Empty when there are too few samples to say anything. */
export function coursesOf(samples: readonly Sample[]): readonly Course[] {
  if (samples.length < SAMPLES_MIN) return []
  const quarter = Math.floor(samples.length / QUARTERS)
  const early = samples.slice(quarter, 2 * quarter)
  const late = samples.slice(-quarter)
  const memory = (name: 'edge memory' | 'core memory', pick: (s: Sample) => number | null): readonly Course[] => {
    const [told, toldLate] = [early, late].map((some) => some.flatMap((s) => pick(s) ?? []))
    if (!told?.length || !toldLate?.length) return []
    const [before, after] = [median(told), median(toldLate)]
    if (Number.isNaN(before + after)) return []
    const flat = after <= Math.max(before * GROWTH_MAX, before + GROWTH_FREE_BYTES)
    return [{ name, unit: 'MB', early: before / 2 ** 20, late: after / 2 ** 20, flat }]
  }
  const unread = [early, late].map((some) => median(some.map((s) => s.oldestUnreadSeconds)))
  const [before = 0, after = 0] = unread
  return [
    ...memory('edge memory', (s) => s.edgeBytes),
    ...memory('core memory', (s) => s.coreBytes),
    { name: 'oldest unread event', unit: 's', early: before, late: after, flat: after <= UNREAD_SECONDS_MAX },
  ]
}
