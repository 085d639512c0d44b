/** Who and what uses most: a ranked list whose rows are filters. */
import { Tabs } from '@kobalte/core/tabs'
import { useQuery } from '@tanstack/solid-query'
import { createMemo, createSignal, For, Show } from 'solid-js'
import { breakdownQuestion } from '../api/questions.ts'
import { changeShort } from '../numbers/change.ts'
import { percent, quantityText, rangeText } from '../numbers/quantity.ts'
import { type RankedRow, rankedRows } from '../numbers/ranking.ts'
import { GROUP_TEXT, valueText } from '../view/group-fields.ts'
import { addFilter, BREAKDOWNS, type Breakdown } from '../view/url-state.ts'
import { CrossIcon } from './icons.tsx'
import { usePage } from './page-context.ts'
import { Answered, Panel, Skeleton } from './panel.tsx'

const ROWS_AT_FIRST = 8
/** The API ranks no more at once. */
const ROWS_MAX = 1000
/** Of these there may be thousands: the page asks for the rows that it shows. */
const RANKED_BY_API: ReadonlySet<Breakdown> = new Set(['user_id'])

function BarRow(props: { row: RankedRow; largest: number; field: Breakdown }) {
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

interface BarListProps {
  readonly rows: readonly RankedRow[]
  /** Rows that there are; those that are not here yet are asked for when all are wanted. */
  readonly count: number
  readonly field: Breakdown
  readonly all: boolean
  readonly onAll: (all: boolean) => void
}

function BarList(props: BarListProps) {
  // Rows live by their value, so that a refresh changes texts in place and keeps the focus where it is.
  const byValue = createMemo(() => new Map(props.rows.map((row) => [row.value, row])))
  const shown = createMemo(() => (props.all ? props.rows : props.rows.slice(0, ROWS_AT_FIRST)).map((row) => row.value))
  const largest = () => props.rows[0]?.range.central ?? 0
  return (
    <Show
      when={props.rows.length > 0}
      fallback={<p class="py-8 text-center text-sm text-muted">No calls in this period</p>}
    >
      <ol class="bar-list" classList={{ 'bar-list-long': props.all }}>
        <For each={shown()}>
          {(value) => (
            <Show when={byValue().get(value)}>
              {(row) => <BarRow row={row()} largest={largest()} field={props.field} />}
            </Show>
          )}
        </For>
      </ol>
      <Show when={props.count > ROWS_AT_FIRST}>
        <button
          type="button"
          class="quiet-button mt-2"
          aria-expanded={props.all}
          onClick={() => props.onAll(!props.all)}
        >
          {props.all ? `Show the first ${ROWS_AT_FIRST}` : moreText(props.count)}
        </button>
      </Show>
    </Show>
  )
}

const whole = new Intl.NumberFormat('en')

function moreText(count: number): string {
  if (count <= ROWS_MAX) return `Show all ${whole.format(count)}`
  return `Show the first ${whole.format(ROWS_MAX)} of ${whole.format(count)}`
}

export function BreakdownPanel() {
  const { view, zoneKnown, scope } = usePage()
  const [allOf, setAllOf] = createSignal<Breakdown | null>(null)
  const all = () => allOf() === view.breakdown()
  const largest = () =>
    RANKED_BY_API.has(view.breakdown()) ? { by: view.metric(), limit: all() ? ROWS_MAX : ROWS_AT_FIRST } : undefined
  const breakdown = useQuery(() => ({
    ...breakdownQuestion(scope(), view.breakdown(), largest()),
    enabled: zoneKnown(),
  }))
  const rows = createMemo(() =>
    breakdown.data === undefined ? [] : rankedRows(breakdown.data, view.breakdown(), view.metric()),
  )
  return (
    <Panel heading="Breakdown" note="Choose a row to filter everything by it">
      <Tabs
        class="mt-3"
        value={view.breakdown()}
        onChange={(value) => view.choose({ breakdown: BREAKDOWNS.find((field) => field === value) })}
      >
        <Tabs.List class="tab-list" aria-label="Break down by">
          <For each={BREAKDOWNS}>
            {(field) => (
              <Tabs.Trigger class="tab" value={field}>
                {GROUP_TEXT[field]}
              </Tabs.Trigger>
            )}
          </For>
        </Tabs.List>
        <Tabs.Content value={view.breakdown()} class="mt-2" data-metric={view.metric()}>
          <Answered query={breakdown} what="The breakdown" skeleton={<Skeleton class="h-105" label="the breakdown" />}>
            {(answer) => (
              <BarList
                rows={rows()}
                count={answer().group_count ?? rows().length}
                field={view.breakdown()}
                all={all()}
                onAll={(wanted) => setAllOf(wanted ? view.breakdown() : null)}
              />
            )}
          </Answered>
        </Tabs.Content>
      </Tabs>
    </Panel>
  )
}
