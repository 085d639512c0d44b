/** A row of a ranked list: name, quantity, its bar over that of the largest, range, share and change. A click filters. */
import { Show } from 'solid-js'
import { changeShort } from '../numbers/change.ts'
import { percent, quantityText, rangeText } from '../numbers/quantity.ts'
import type { RankedRow } from '../numbers/ranking.ts'
import { GROUP_TEXT, valueText } from '../view/group-fields.ts'
import { addFilter, type Breakdown } from '../view/url-state.ts'
import { CrossIcon } from './icons.tsx'
import { usePage } from './page-context.ts'

export function BarRow(props: { row: RankedRow; largest: number; field: Breakdown }) {
  const { view } = usePage()
  const name = () => valueText(props.row.value)
  const barPercent = () => (props.largest > 0 ? (props.row.range.central / props.largest) * 100 : 0)
  const filter = (exclude: boolean) =>
    view.choose({
      filters: addFilter(view.chosen().filters, { field: props.field, value: props.row.value, exclude }),
    })
  return (
    <li class="bar-row">
      <button
        type="button"
        class="bar-button"
        title={`Show only ${GROUP_TEXT[props.field].toLowerCase()} ${name()}`}
        onClick={() => filter(false)}
      >
        <span class="bar-name">
          <span class="truncate">{name()}</span>
          <Show when={props.row.unknownShare > 0.5}>
            <span class="badge" title="No factor covers this; the range is very wide">
              <span aria-hidden="true">?</span> unknown
            </span>
          </Show>
        </span>
        <span class="bar-value">{quantityText(view.metric(), props.row.range.central)}</span>
        <svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
          <rect class="range-track" width="100" height="6" />
          <rect class="bar-fill" width={barPercent()} height="6" />
        </svg>
        <span class="bar-detail">{rangeText(view.metric(), props.row.range)}</span>
        <span class="bar-detail text-right">
          <span class="sr-only">share </span>
          {percent(props.row.share)}
          <Show when={props.row.change}>
            {(change) => (
              <span class="change ml-2" data-change={change().kind}>
                {changeShort(change())}
              </span>
            )}
          </Show>
        </span>
      </button>
      <button
        type="button"
        class="icon-button bar-exclude"
        aria-label={`Leave out ${name()}`}
        title={`Leave out ${name()}`}
        onClick={() => filter(true)}
      >
        <CrossIcon class="size-3.5" />
      </button>
    </li>
  )
}
