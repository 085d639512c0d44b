/**
 * Which tables answer a period exactly with the fewest rows: the coarsest rollup whose windows fit between the
 * boundaries for the middle, finer ones for the ragged ends, raw events for what is finer than a minute.
 */
import type { WindowSize } from '@ecomind/schemas'
import { daysBetween } from './days.ts'
import { type Period, WINDOW_MS } from './windows.ts'
import { DAY_MS } from './zone.ts'

export type UsageTable = 'usage_1d' | 'usage_1h' | 'usage_15m' | 'usage_1m' | 'usage_events'

export interface Segment extends Period {
  readonly table: UsageTable
}

/** Coarse to fine. A grain of 1 ms is the raw table. */
const GRAINS: readonly { readonly table: UsageTable; readonly grainMs: number }[] = [
  { table: 'usage_1d', grainMs: DAY_MS },
  { table: 'usage_1h', grainMs: WINDOW_MS['1h'] },
  { table: 'usage_15m', grainMs: WINDOW_MS['15m'] },
  { table: 'usage_1m', grainMs: WINDOW_MS['1m'] },
  { table: 'usage_events', grainMs: 1 },
]

/** The grain, in milliseconds, of the coarsest table none of whose windows lies across a boundary between windows. */
export function coarsestGrainMs(window: WindowSize | undefined, tz: string, period: Period): number {
  if (window === undefined) return DAY_MS
  if (window !== '1d') return WINDOW_MS[window]
  const boundaries = daysBetween(tz, period.fromMs, period.toMs)
    .slice(1)
    .map((d) => d.startMs)
  return GRAINS.find((g) => boundaries.every((b) => b % g.grainMs === 0))?.grainMs ?? 1
}

/** Segments that together are exactly the period, ascending, each aligned to its table's windows. */
export function coverPeriod(period: Period, coarsestMs: number): readonly Segment[] {
  return cover(
    period,
    GRAINS.findIndex((g) => g.grainMs <= coarsestMs),
  )
}

function cover({ fromMs, toMs }: Period, level: number): readonly Segment[] {
  const grain = GRAINS[level]
  if (grain === undefined || fromMs >= toMs) return []
  const firstMs = Math.ceil(fromMs / grain.grainMs) * grain.grainMs
  const lastMs = Math.floor(toMs / grain.grainMs) * grain.grainMs
  if (firstMs >= lastMs) return cover({ fromMs, toMs }, level + 1)
  return [
    ...cover({ fromMs, toMs: firstMs }, level + 1),
    { table: grain.table, fromMs: firstMs, toMs: lastMs },
    ...cover({ fromMs: lastMs, toMs }, level + 1),
  ]
}
