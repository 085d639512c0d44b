/** A total: which models it is the sum of, what it consists of, and newest calls to take apart one by one. */
import type { Numbers } from '@ecomind/schemas'
import { useQuery } from '@tanstack/solid-query'
import { For, Show } from 'solid-js'
import { breakdownQuestion, eventsQuestion } from '../api/questions.ts'
import {
  count,
  METRIC_TEXT,
  type Metric,
  percent,
  quantityText,
  quantityWithRange,
  rangeOf,
  scaleFor,
  significant,
} from '../numbers/quantity.ts'
import { rankedRows } from '../numbers/ranking.ts'
import { usePage } from '../page/page-context.ts'
import { Answered, Skeleton } from '../page/panel.tsx'
import { clockSeconds, day, periodText } from '../time/time-text.ts'
import { valueText } from '../view/group-fields.ts'
import { type Fact, Facts } from './facts.tsx'

const CALLS_OFFERED = 5

function partFacts(metric: Metric, totals: Numbers): Fact[] {
  const share = (part: number, whole: number) => (whole > 0 ? ` (${percent(part / whole)})` : '')
  const line = (name: string, part: number, whole: number): Fact => ({
    name,
    value: `${quantityText(metric, part)}${share(part, whole)}`,
  })
  switch (metric) {
    case 'kwh':
      return [
        {
          name: 'Counted',
          value: 'at the meter of the data centre: servers, cooling and losses (PUE) included',
        },
      ]
    case 'water_l':
      return [
        line('Cooling on site', totals.water_l_onsite, totals.water_l),
        line('Power plants', totals.water_l_offsite, totals.water_l),
      ]
    case 'co2_kg':
      return [
        line('Electricity used', totals.co2_kg_use, totals.co2_kg),
        line('Making the hardware', totals.co2_kg_embodied, totals.co2_kg),
      ]
  }
}

function ModelTable(props: { rows: ReturnType<typeof rankedRows>; totals: Numbers; metric: Metric }) {
  const scale = () => scaleFor(props.metric, props.totals[props.metric])
  const cell = (value: number) => significant(value * scale().perBase, 3)
  const total = () => rangeOf(props.totals, props.metric)
  return (
    <table class="table inputs">
      <caption class="sr-only">
        {METRIC_TEXT[props.metric].name} by model, in {scale().unit}
      </caption>
      <thead>
        <tr>
          <th scope="col">Model</th>
          <th scope="col" class="number">
            Calls
          </th>
          <th scope="col" class="number">
            Low
          </th>
          <th scope="col" class="number">
            Central
          </th>
          <th scope="col" class="number">
            High
          </th>
        </tr>
      </thead>
      <tbody>
        <For each={props.rows}>
          {(row) => (
            <tr>
              <th scope="row" class="font-normal break-all">
                {valueText(row.value)}
              </th>
              <td class="number">{count(row.calls)}</td>
              <td class="number">{cell(row.range.low)}</td>
              <td class="number">{cell(row.range.central)}</td>
              <td class="number">{cell(row.range.high)}</td>
            </tr>
          )}
        </For>
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">Total, {scale().unit}</th>
          <td class="number">{count(props.totals.calls)}</td>
          <td class="number">{cell(total().low)}</td>
          <td class="number">{cell(total().central)}</td>
          <td class="number">{cell(total().high)}</td>
        </tr>
      </tfoot>
    </table>
  )
}

function CallsToUnfold() {
  const { view, zone } = usePage()
  const events = useQuery(() => eventsQuestion(view.orgId(), view.chosen().filters))
  return (
    <Answered query={events} what="The newest calls" skeleton={<Skeleton class="h-40" label="newest calls" />}>
      {(answer) => (
        <ul class="flex flex-col divide-y divide-line">
          <For each={answer().items.slice(0, CALLS_OFFERED)}>
            {(event) => (
              <li>
                <button
                  type="button"
                  class="call-button"
                  onClick={() => view.choose({ explained: { kind: 'event', eventId: event.event_id } })}
                >
                  <span class="min-w-0">
                    <span class="block truncate font-medium">{event.model}</span>
                    <span class="block truncate text-sm text-muted">
                      {day(Date.parse(event.ts), zone())}, {clockSeconds(Date.parse(event.ts), zone())}, {event.user_id}
                    </span>
                  </span>
                  <span class="shrink-0">{quantityText(view.metric(), event[view.metric()])}</span>
                </button>
              </li>
            )}
          </For>
        </ul>
      )}
    </Answered>
  )
}

export function TotalExplanation() {
  const { view, access, zone, zoneKnown, scope } = usePage()
  const byModel = useQuery(() => ({ ...breakdownQuestion(scope(), 'model'), enabled: zoneKnown() }))
  const metric = view.metric
  return (
    <Answered query={byModel} what="The explanation" skeleton={<Skeleton class="h-140" label="the explanation" />}>
      {(answer) => (
        <>
          <p>
            {METRIC_TEXT[metric()].name}, {periodText(view.period(), zone())}:{' '}
            <strong>{quantityWithRange(metric(), rangeOf(answer().totals, metric()))}</strong>.
          </p>
          <p class="mt-2 text-muted">
            It is the sum over {count(answer().totals.calls)} calls. Each call was computed when it arrived, from its
            tokens, the factor of its model and the grid of its region.
          </p>
          <h3 class="drawer-heading">Built from these models</h3>
          <ModelTable rows={rankedRows(answer(), 'model', metric())} totals={answer().totals} metric={metric()} />
          <p class="mt-2 text-sm text-muted">
            The central values add up. Low and high of the total are narrower than their sums: errors inside one factor
            go the same way and do not cancel, errors of different factors do in part.
          </p>
          <h3 class="drawer-heading">What is in it</h3>
          <Facts facts={partFacts(metric(), answer().totals)} />
          <Show when={answer().totals.calls > 0 && access().may('events:read')}>
            <h3 class="drawer-heading">Take one call apart</h3>
            <p class="mb-2 text-sm text-muted">Formula, inputs and sources are shown for each call.</p>
            <CallsToUnfold />
          </Show>
        </>
      )}
    </Answered>
  )
}
