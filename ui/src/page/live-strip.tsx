/** The last minutes as they come in, and the day so far, whatever the period; the filters apply here too. */
import type { Numbers } from '@ecomind/schemas'
import { For, Show } from 'solid-js'
import { METRIC_TEXT, quantityWithRange, rangeOf, significant } from '../numbers/quantity.ts'
import { clockSeconds } from '../time/time-text.ts'
import { usePage } from './page-context.ts'

interface Entry {
  readonly label: string
  readonly numbers: Numbers
}

export function LiveStrip() {
  const { view, live, today, zone } = usePage()
  const entries = (): Entry[] => {
    const message = live.message()
    const day = today.data
    return [
      ...(message === undefined ? [] : [{ label: 'Last 5 min', numbers: message.last_5m }]),
      ...(message === undefined ? [] : [{ label: 'Last 60 min', numbers: message.last_60m }]),
      ...(day === undefined ? [] : [{ label: 'Today so far', numbers: day }]),
    ]
  }
  return (
    <section aria-label="Now" class="live-strip">
      <p class="font-medium">Now</p>
      <dl class="contents">
        <For each={entries().map((entry) => entry.label)}>
          {(label) => {
            const numbers = () => entries().find((entry) => entry.label === label)?.numbers
            return (
              <Show when={numbers()}>
                {(row) => (
                  <div>
                    <dt>{label}</dt>
                    <dd>{quantityWithRange(view.metric(), rangeOf(row(), view.metric()))}</dd>
                  </div>
                )}
              </Show>
            )
          }}
        </For>
        <Show when={live.message()}>
          {(message) => (
            <div>
              <dt>Calls a minute</dt>
              <dd>{significant(message().calls_per_minute)}</dd>
            </div>
          )}
        </Show>
      </dl>
      <p class="text-muted sm:ml-auto">
        <Show when={live.message()} fallback={METRIC_TEXT[view.metric()].name}>
          {(message) => (
            <>
              {METRIC_TEXT[view.metric()].name}, at {clockSeconds(Date.parse(message().at), zone())}
            </>
          )}
        </Show>
      </p>
    </section>
  )
}
