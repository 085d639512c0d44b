/** Parts of a period in which neither the calendar month nor what a factor set says changes. */
import type { Period } from './windows.ts'

const MINUTE_MS = 60_000

/**
 * Cut at the starts of calendar months in UTC and at `changesMs`, each at the start of its minute, since rollups know
 * nothing finer: calls of that one minute count as behind the change.
 */
export function uniformPeriods({ fromMs, toMs }: Period, changesMs: readonly number[]): readonly Period[] {
  const cuts = new Set(changesMs.map((ms) => Math.floor(ms / MINUTE_MS) * MINUTE_MS))
  for (let ms = nextMonth(fromMs); ms < toMs; ms = nextMonth(ms)) cuts.add(ms)
  const inside = [...cuts].filter((ms) => ms > fromMs && ms < toMs).sort((a, b) => a - b)
  const starts = [fromMs, ...inside]
  return starts.map((start, i) => ({ fromMs: start, toMs: starts[i + 1] ?? toMs }))
}

function nextMonth(ms: number): number {
  const date = new Date(ms)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)
}
