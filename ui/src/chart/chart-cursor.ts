/** Cursor and brush of the chart, as arithmetic on window indices. Pure. */
import type { TrendPoint } from '../numbers/trend.ts'
import { SPAN_MIN_MS, type Span } from '../time/period.ts'

const PAGE_WINDOWS = 10

/** The window the cursor goes to, or null when the key moves nothing. Without a cursor every key begins at the newest window. */
export function cursorAfterKey(key: string, index: number | null, length: number): number | null {
  if (length === 0) return null
  const last = length - 1
  const moves: Readonly<Record<string, (at: number) => number>> = {
    ArrowLeft: (at) => at - 1,
    ArrowRight: (at) => at + 1,
    ArrowDown: (at) => at - 1,
    ArrowUp: (at) => at + 1,
    PageDown: (at) => at - PAGE_WINDOWS,
    PageUp: (at) => at + PAGE_WINDOWS,
    Home: () => 0,
    End: () => last,
  }
  const move = moves[key]
  if (move === undefined) return null
  if (index === null) return key === 'Home' ? 0 : last
  return Math.min(last, Math.max(0, move(Math.min(index, last))))
}

/** The whole windows that a brush touches; null when it is shorter than what can be zoomed to. */
export function brushSpan(points: readonly TrendPoint[], fromMs: number, toMs: number): Span | null {
  const touched = points.filter((point) => point.endMs > fromMs && point.startMs < toMs)
  const first = touched[0]
  const last = touched.at(-1)
  if (first === undefined || last === undefined || last.endMs - first.startMs < SPAN_MIN_MS) return null
  return { fromMs: first.startMs, toMs: last.endMs }
}
