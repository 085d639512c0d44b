/** What a process that is killed in the middle of adding and the test that looks afterwards must agree on. */
import type { StoredCopy } from '../drop-duplicates.ts'
import type { NamedCopy } from './index-tools.ts'

export const KILLED_GENERATION = 7
/** How many days back copies are kept. */
export const KILLED_DAYS = 35
/** Small, so that segments are written and merged all the time. */
export const NEWEST_MAX = 700

export function dayOf(offset: number): number {
  return 20_000 + Math.floor(offset / 400)
}

export function killedCopy(offset: number): StoredCopy {
  const contentHash = Math.imul(offset, 2_654_435_761) >>> 0
  return { generation: KILLED_GENERATION, offset, index: offset % 7, contentHash, arrivalDay: dayOf(offset) }
}

/** One id for each offset. */
export function killedBatch(from: number, to: number): NamedCopy[] {
  return Array.from({ length: to - from }, (_, i) => [`event-${from + i}`, killedCopy(from + i)])
}

/** Whole numbers from 0 below `limit`, the same for the same seed (mulberry32). */
export function randomSource(seed: number): (limit: number) => number {
  let state = seed >>> 0
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
}
