/** The newest calls; each row opens the explanation of its number. */
import type { EventItem } from '@ecomind/schemas'
import { useQuery } from '@tanstack/solid-query'
import { createMemo, For, Show } from 'solid-js'
import { EVENTS_SHOWN, eventsQuestion } from '../api/questions.ts'
import { count, METRIC_TEXT, quantityText, rangeOf, rangeText } from '../numbers/quantity.ts'
import { clockSeconds, day } from '../time/time-text.ts'
import { usePage } from './page-context.ts'
import { Answered, Panel, Skeleton } from './panel.tsx'

function EventRow(props: { event: EventItem }) {
  const { view, zone } = usePage()
  const atMs = () => Date.parse(props.event.ts)
  const range = () => rangeOf(props.event, view.metric())
  return (
    <li>
      <button
        type="button"
        class="event-row"
        onClick={() => view.choose({ explained: { kind: 'event', eventId: props.event.event_id } })}
      >
        <span class="event-time">
          {day(atMs(), zone())}, {clockSeconds(atMs(), zone())}
        </span>
        <span class="event-model">
          <span class="truncate font-medium">{props.event.model}</span>
          <span class="truncate text-muted">
            {props.event.provider}, {props.event.region}
            {props.event.region_inferred ? ' (inferred)' : ''}
          </span>
        </span>
        <span class="event-user truncate">{props.event.user_id}</span>
        <span class="event-tokens">
          {count(props.event.tokens_in)} in, {count(props.event.tokens_out)} out
        </span>
        <span class="event-number">
          <span class="font-medium">{quantityText(view.metric(), range().central)}</span>
          <span class="text-muted">{rangeText(view.metric(), range())}</span>
        </span>
        <span class="sr-only">Explain this number</span>
      </button>
    </li>
  )
}

export function EventsPanel() {
  const { view, access } = usePage()
  const events = useQuery(() => eventsQuestion(view.orgId(), view.chosen().filters))
  const byId = createMemo(() => new Map((events.data?.items ?? []).map((event) => [event.event_id, event])))
  const note = () => {
    const whose = access().seesAll('events:read') ? '' : ' that you may see'
    const passing = view.chosen().filters.length > 0 ? ' that pass the filters' : ''
    return `The newest ${EVENTS_SHOWN}${whose}${passing}, whatever the period`
  }
  return (
    <div class="mt-4">
      <Panel heading="Recent calls" note={`${note()}. Choose one to see how its number came about.`}>
        <Answered query={events} what="The recent calls" skeleton={<Skeleton class="mt-3 h-96" label="recent calls" />}>
          {() => (
            <Show
              when={byId().size > 0}
              fallback={
                <p class="py-8 text-center text-sm text-muted">
                  {access().seesAll('events:read')
                    ? 'No call passes the filters'
                    : 'None of the calls that you may see'}
                </p>
              }
            >
              <p class="event-head mt-3" aria-hidden="true">
                <span class="event-time">Time</span>
                <span class="event-model">Model, provider, region</span>
                <span class="event-user">User</span>
                <span class="event-tokens">Tokens</span>
                <span class="event-number">{METRIC_TEXT[view.metric()].name}</span>
              </p>
              <ol class="divide-y divide-line">
                <For each={[...byId().keys()]}>
                  {(id) => <Show when={byId().get(id)}>{(event) => <EventRow event={event()} />}</Show>}
                </For>
              </ol>
            </Show>
          )}
        </Answered>
      </Panel>
    </div>
  )
}
