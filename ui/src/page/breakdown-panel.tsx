/** Who and what uses most: a ranked list whose rows are filters. */
import { Tabs } from '@kobalte/core/tabs'
import { useQuery } from '@tanstack/solid-query'
import { createEffect, createMemo, createSignal, For, Show } from 'solid-js'
import { breakdownQuestion } from '../api/questions.ts'
import { type RankedRow, rankedRows } from '../numbers/ranking.ts'
import { GROUP_TEXT } from '../view/group-fields.ts'
import { BREAKDOWNS, type Breakdown } from '../view/url-state.ts'
import { BarRow } from './bar-row.tsx'
import { usePage } from './page-context.ts'
import { Answered, Panel, Skeleton } from './panel.tsx'

const ROWS_AT_FIRST = 8
/** The API ranks no more at once. */
const ROWS_MAX = 1000
/** Of these there may be thousands: the page asks for the rows that it shows. */
const RANKED_BY_API: ReadonlySet<Breakdown> = new Set(['user_id'])

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
  // Trying again asks for a few rows again.
  createEffect(() => {
    if (breakdown.isError) setAllOf(null)
  })
  const rows = createMemo(() =>
    breakdown.data === undefined ? [] : rankedRows(breakdown.data, view.breakdown(), view.metric()),
  )
  return (
    <Panel heading="Breakdown" note="Choose a row to filter everything by it">
      <Tabs
        class="mt-3"
        value={view.breakdown()}
        onChange={(value) => {
          setAllOf(null)
          view.choose({ breakdown: BREAKDOWNS.find((field) => field === value) })
        }}
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
