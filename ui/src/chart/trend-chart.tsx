/**
 * The trend on a canvas. A canvas says nothing to a screen reader, so its box is a slider: arrow keys move the cursor
 * from window to window and the value is spoken, Shift and arrow keys select, Enter zooms in.
 */
import { createMemo, createSignal, Show } from 'solid-js'
import { pointText, type TrendPoint } from '../numbers/trend.ts'
import type { Span } from '../time/period.ts'
import { brushSpan, cursorAfterKey } from './chart-cursor.ts'
import { createPlot, type PlotInputs } from './create-plot.ts'

export interface TrendChartProps extends PlotInputs {
  readonly describedBy: string
  readonly onZoom: (span: Span) => void
}

function createCursor(props: TrendChartProps, element: () => HTMLElement | undefined) {
  const [cursor, setCursor] = createSignal<number | null>(null)
  /** Where a selection by keyboard began. */
  const [anchor, setAnchor] = createSignal<number | null>(null)
  const [announced, setAnnounced] = createSignal('')
  const lastIndex = () => Math.max(0, props.points.length - 1)

  const zoomTo = (fromMs: number, toMs: number) => {
    setAnchor(null)
    const span = brushSpan(props.points, fromMs, toMs)
    setAnnounced(span === null ? 'Too short to zoom into' : 'Zoomed in')
    if (span !== null) props.onZoom(span)
  }
  const plot = createPlot(element, props, { onCursor: setCursor, onBrush: zoomTo })

  const moveTo = (index: number, selecting: boolean) => {
    setAnchor(selecting ? (anchor() ?? cursor() ?? index) : null)
    setCursor(index)
    plot.show(index, anchor())
  }

  const zoomToSelection = (from: number, to: number) => {
    const first = props.points[Math.min(from, to)]
    const last = props.points[Math.max(from, to)]
    if (first !== undefined && last !== undefined) zoomTo(first.startMs, last.endMs)
  }

  const onKeyDown = (event: KeyboardEvent) => {
    const from = anchor()
    const at = cursor()
    const next = cursorAfterKey(event.key, at, props.points.length)
    if (next !== null) {
      moveTo(next, event.shiftKey)
    } else if (from !== null && at !== null && event.key === 'Escape') {
      moveTo(at, false)
    } else if (from !== null && at !== null && event.key === 'Enter') {
      zoomToSelection(from, at)
    } else {
      return
    }
    event.preventDefault()
  }

  const index = () => Math.min(cursor() ?? lastIndex(), lastIndex())
  const point = createMemo<TrendPoint | undefined>(() => (cursor() === null ? undefined : props.points[index()]))
  return { index, lastIndex, point, announced, onKeyDown }
}

export function TrendChart(props: TrendChartProps) {
  let box: HTMLDivElement | undefined
  const cursor = createCursor(props, () => box)
  const text = (point: TrendPoint) => pointText(point, props.metric, props.window, props.zone)
  const spoken = () => {
    const point = cursor.point()
    return point === undefined ? 'No window chosen yet' : text(point)
  }
  return (
    <div data-metric={props.metric}>
      <p class="chart-readout" data-testid="chart-readout">
        <Show
          when={cursor.point()}
          fallback="Point at the chart, or focus it and use the arrow keys, to read values. Drag to zoom in."
        >
          {(point) => <>{text(point())}</>}
        </Show>
      </p>
      <div
        ref={box}
        class="chart-box chart-height"
        role="slider"
        tabIndex={0}
        aria-label="Chart cursor: arrow keys read values, Shift and arrow keys select, Enter zooms in"
        aria-describedby={props.describedBy}
        aria-valuemin={0}
        aria-valuemax={cursor.lastIndex()}
        aria-valuenow={cursor.index()}
        aria-valuetext={spoken()}
        onKeyDown={(event) => cursor.onKeyDown(event)}
      />
      <p class="sr-only" role="status">
        {cursor.announced()}
      </p>
    </div>
  )
}
