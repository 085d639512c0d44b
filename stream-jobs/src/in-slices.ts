/** The loader shares its thread with the API: work over a whole batch lets others run after every slice of events. */
import { setImmediate as breathe } from 'node:timers/promises'

/** Some 10 ms of the slowest step. */
export const SLICE_EVENTS = 8192

export interface Slices {
  /** After work on so many events: time to breathe? */
  isOver(events: number): boolean
  breathe(): Promise<void>
}

export function inSlices(): Slices {
  let done = 0
  return {
    isOver(events) {
      done += events
      return done >= SLICE_EVENTS
    },
    async breathe() {
      done = 0
      await breathe()
    },
  }
}

/** Calls `work` for ranges of the numbers from 0 to `count`, one slice after the other. */
export async function forSlices(count: number, work: (from: number, to: number) => void): Promise<void> {
  for (let from = 0; from < count; from += SLICE_EVENTS) {
    if (from > 0) await breathe()
    work(from, Math.min(from + SLICE_EVENTS, count))
  }
}
