/** uPlot's options for one trend: the band from low to high under a stepped central line, a dashed line for the compared period. */
import type { WindowSize } from '@ecomind/schemas'
import uPlot from 'uplot'
import { type Metric, type Scale, scaleFor, significant } from '../numbers/quantity.ts'
import type { TrendPoint } from '../numbers/trend.ts'
import { clock, day } from '../time/time-text.ts'

export interface PlotColours {
  readonly line: string
  readonly band: string
  readonly grid: string
  readonly text: string
  readonly previous: string
  readonly hatch: string
}

export interface PlotSetup {
  readonly metric: Metric
  readonly window: WindowSize
  readonly zone: string
  readonly compare: boolean
  readonly colours: PlotColours
  readonly points: () => readonly TrendPoint[]
  readonly onCursor: (index: number | null) => void
  /** Instants at the ends of a brush, ms. */
  readonly onBrush: (fromMs: number, toMs: number) => void
}

const DAY_S = 86_400
const BRUSH_PX_MIN = 6

/** Reads the colours of the theme and metric from the CSS variables of the chart's own element. */
export function coloursOf(element: Element): PlotColours {
  const style = getComputedStyle(element)
  const read = (name: string) => style.getPropertyValue(name).trim()
  return {
    line: read('--metric'),
    band: read('--metric-band'),
    grid: read('--line'),
    text: read('--muted'),
    previous: read('--muted'),
    hatch: read('--hatch'),
  }
}

/**
 * Columns for uPlot: seconds, high, low, central, previous. A last column repeats the last value at its window's end,
 * so that the step of the last window is drawn in full.
 */
export function columnsOf(points: readonly TrendPoint[]): uPlot.AlignedData {
  const last = points.at(-1)
  const steps = last === undefined ? [] : [...points, { ...last, startMs: last.endMs }]
  return [
    steps.map((point) => point.startMs / 1000),
    steps.map((point) => point.high),
    steps.map((point) => point.low),
    steps.map((point) => point.central),
    steps.map((point) => point.previous),
  ]
}

/** Axis labels: clock times, with the date where a new day begins; dates only when the ticks are days. */
function timeLabels(zone: string): uPlot.Axis.DynamicValues {
  return (_plot, splits, _axis, _space, stepS) =>
    splits.map((seconds) => {
      const time = clock(seconds * 1000, zone)
      return stepS >= DAY_S || time === '00:00' ? day(seconds * 1000, zone) : time
    })
}

function valueScale(points: readonly TrendPoint[], metric: Metric): Scale {
  return scaleFor(metric, Math.max(0, ...points.map((point) => point.high)))
}

/** Diagonal lines behind windows that are still provisional, so that a falling end is not read as a trend. */
function drawProvisional(plot: uPlot, points: readonly TrendPoint[], colour: string): void {
  const first = points.find((point) => point.status === 'provisional')
  const last = points.at(-1)
  if (first === undefined || last === undefined) return
  const { ctx, bbox } = plot
  const left = Math.max(bbox.left, plot.valToPos(first.startMs / 1000, 'x', true))
  const right = Math.min(bbox.left + bbox.width, plot.valToPos(last.endMs / 1000, 'x', true))
  const stepPx = 8 * devicePixelRatio
  ctx.save()
  ctx.beginPath()
  ctx.rect(left, bbox.top, right - left, bbox.height)
  ctx.clip()
  ctx.beginPath()
  for (let x = left - bbox.height; x < right; x += stepPx) {
    ctx.moveTo(x, bbox.top + bbox.height)
    ctx.lineTo(x + bbox.height, bbox.top)
  }
  ctx.strokeStyle = colour
  ctx.lineWidth = devicePixelRatio
  ctx.stroke()
  ctx.restore()
}

function axes(setup: PlotSetup): uPlot.Axis[] {
  const { colours } = setup
  const look = {
    stroke: colours.text,
    font: '12px system-ui, sans-serif',
    grid: { stroke: colours.grid, width: 1 },
    ticks: { stroke: colours.grid, width: 1, size: 4 },
  }
  return [
    { ...look, values: timeLabels(setup.zone), space: 60, grid: { show: false } },
    {
      ...look,
      size: 62,
      space: 40,
      values: (_plot, splits) => {
        const { perBase, unit } = valueScale(setup.points(), setup.metric)
        return splits.map((value) => (value === 0 ? `0 ${unit.split(' ')[0]}` : significantTick(value * perBase)))
      },
    },
  ]
}

/** Ticks are round numbers already; three digits only cut off the noise of floating point. */
function significantTick(value: number): string {
  return String(Number(value.toPrecision(3))).length <= 6 ? String(Number(value.toPrecision(3))) : significant(value, 3)
}

function series(setup: PlotSetup): uPlot.Series[] {
  const paths = uPlot.paths.stepped?.({ align: 1 })
  const stepped = paths === undefined ? {} : { paths }
  const hidden = { ...stepped, points: { show: false }, width: 0 }
  return [
    {},
    { ...hidden, label: 'High' },
    { ...hidden, label: 'Low' },
    { ...stepped, label: 'Central', stroke: setup.colours.line, width: 2, points: { show: false } },
    {
      ...stepped,
      label: 'Before',
      show: setup.compare,
      stroke: setup.colours.previous,
      width: 1.5,
      dash: [6, 4],
      points: { show: false },
    },
  ]
}

export function plotOptions(setup: PlotSetup, width: number, height: number): uPlot.Options {
  return {
    width,
    height,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), setup.zone),
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
    scales: {
      x: { time: true },
      // From zero always: a cut axis exaggerates. An empty chart still gets a scale.
      y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.05 : 1] },
    },
    axes: axes(setup),
    series: series(setup),
    bands: [{ series: [1, 2], fill: setup.colours.band }],
    hooks: {
      drawClear: [(plot) => drawProvisional(plot, setup.points(), setup.colours.hatch)],
      setCursor: [(plot) => setup.onCursor(plot.cursor.idx ?? null)],
      setSelect: [
        (plot) => {
          const { left, width: selected } = plot.select
          if (selected < BRUSH_PX_MIN) return
          setup.onBrush(plot.posToVal(left, 'x') * 1000, plot.posToVal(left + selected, 'x') * 1000)
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
        },
      ],
    },
  }
}
