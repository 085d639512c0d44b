/** The chart's twin: the same windows, newest first, for those who read rather than look. */
import type { WindowSize } from '@ecomind/schemas'
import { createMemo, Index, Show } from 'solid-js'
import { count, METRIC_TEXT, type Metric, scaleFor, significant } from '../numbers/quantity.ts'
import type { TrendPoint } from '../numbers/trend.ts'
import { windowText } from '../time/time-text.ts'

export interface TrendTableProps {
  readonly points: readonly TrendPoint[]
  readonly metric: Metric
  readonly window: WindowSize
  readonly zone: string
  readonly caption: string
}

export function TrendTable(props: TrendTableProps) {
  const scale = createMemo(() => scaleFor(props.metric, Math.max(0, ...props.points.map((point) => point.central))))
  const newestFirst = createMemo(() => props.points.toReversed())
  const compared = () => props.points.some((point) => point.previous !== null)
  const cell = (value: number) => significant(value * scale().perBase)
  return (
    // A scrolling region must be reachable by keyboard.
    <section class="table-scroll chart-height" tabindex="0" aria-label={`${props.caption}, table`}>
      <table class="table">
        <caption class="sr-only">
          {props.caption} in {scale().unit}, newest first
        </caption>
        <thead>
          <tr>
            <th scope="col">Window</th>
            <th scope="col" class="number">
              {METRIC_TEXT[props.metric].name} <span class="font-normal">({scale().unit})</span>
            </th>
            <th scope="col" class="number">
              Low–high
            </th>
            <Show when={compared()}>
              <th scope="col" class="number">
                Before
              </th>
            </Show>
            <th scope="col" class="number">
              Calls
            </th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          <Index each={newestFirst()}>
            {(point) => (
              <tr>
                <th scope="row" class="font-normal">
                  {windowText(point().startMs, point().endMs, props.window, props.zone)}
                </th>
                <td class="number">{cell(point().central)}</td>
                <td class="number">
                  {cell(point().low)}–{cell(point().high)}
                </td>
                <Show when={compared()}>
                  <td class="number">{cell(point().previous ?? 0)}</td>
                </Show>
                <td class="number">{count(point().calls)}</td>
                <td>{point().status}</td>
              </tr>
            )}
          </Index>
        </tbody>
      </table>
    </section>
  )
}
