/**
 * The life of a uPlot in Solid: made once per look (metric, zone, window, theme), fed by setData, sized by a
 * ResizeObserver in a frame callback. The box has a height fixed by CSS, so resizing can't feed itself. Arrays go to
 * uPlot plain, never through a store. uPlot itself watches the device's pixel ratio.
 */
import type { WindowSize } from '@ecomind/schemas'
import { createEffect, createMemo, createSignal, on, onCleanup, onMount, untrack } from 'solid-js'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Metric } from '../numbers/quantity.ts'
import type { TrendPoint } from '../numbers/trend.ts'
import { isDark } from '../view/theme.ts'
import { coloursOf, columnsOf, plotOptions } from './plot-options.ts'

export interface PlotInputs {
  readonly points: readonly TrendPoint[]
  readonly metric: Metric
  readonly window: WindowSize
  readonly zone: string
  readonly compare: boolean
}

export interface PlotEvents {
  readonly onCursor: (index: number | null) => void
  /** Instants at the ends of a brush, ms. */
  readonly onBrush: (fromMs: number, toMs: number) => void
}

export interface Plot {
  /** Puts the cursor on a window and marks the windows from `anchor` to it. */
  readonly show: (index: number, anchor: number | null) => void
}

interface Size {
  readonly width: number
  readonly height: number
}

const NO_SIZE: Size = { width: 0, height: 0 }

function watchSize(element: () => HTMLElement | undefined): () => Size {
  const [size, setSize] = createSignal(NO_SIZE, { equals: (a, b) => a.width === b.width && a.height === b.height })
  onMount(() => {
    const watched = element()
    if (watched === undefined) return
    let frame = 0
    const observer = new ResizeObserver((entries) => {
      const rect = entries.at(-1)?.contentRect
      if (rect === undefined) return
      cancelAnimationFrame(frame)
      frame = requestAnimationFrame(() => setSize({ width: Math.floor(rect.width), height: Math.floor(rect.height) }))
    })
    observer.observe(watched)
    onCleanup(() => {
      observer.disconnect()
      cancelAnimationFrame(frame)
    })
  })
  return size
}

/** `inputs` are component props: read inside effects, so that changes arrive. */
export function createPlot(element: () => HTMLElement | undefined, inputs: PlotInputs, events: PlotEvents): Plot {
  let plot: uPlot | undefined
  const size = watchSize(element)
  const points = () => untrack(() => inputs.points)

  const build = (target: HTMLElement, { width, height }: Size) => {
    plot?.destroy()
    const { metric, window, zone, compare } = inputs
    const setup = { metric, window, zone, compare, colours: coloursOf(target), points, ...events }
    plot = new uPlot(plotOptions(setup, width, height), columnsOf(points()), target)
  }

  // One text, so that news which change none of these do not make a new plot (and end a drag under way).
  const look = createMemo(() => {
    const { metric, window, zone, compare } = inputs
    return [metric, window, zone, compare, isDark(), size().width > 0].join()
  })
  createEffect(
    on(look, () => {
      const target = element()
      const now = untrack(size)
      if (target !== undefined && now.width > 0) build(target, now)
    }),
  )
  createEffect(on(size, (next) => next.width > 0 && plot?.setSize(next), { defer: true }))
  createEffect(
    on(
      () => inputs.points,
      (next) => plot?.setData(columnsOf(next)),
      { defer: true },
    ),
  )
  onCleanup(() => plot?.destroy())

  const leftOf = (ms: number) => plot?.valToPos(ms / 1000, 'x') ?? 0
  return {
    show(index, anchor) {
      const at = points()[index]
      const first = points()[Math.min(index, anchor ?? index)]
      const last = points()[Math.max(index, anchor ?? index)]
      if (plot === undefined || at === undefined || first === undefined || last === undefined) return
      plot.setCursor({ left: leftOf(at.startMs) + 1, top: 0 }, false)
      const left = leftOf(first.startMs)
      const marked =
        anchor === null ? { width: 0, height: 0 } : { width: leftOf(last.endMs) - left, height: plot.over.clientHeight }
      plot.setSelect({ left, top: 0, ...marked }, false)
    },
  }
}
