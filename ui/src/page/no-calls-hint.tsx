/** A period without calls is not a dead end: it says where the newest calls are. */
import { useQuery } from '@tanstack/solid-query'
import { Show } from 'solid-js'
import { eventsQuestion } from '../api/questions.ts'
import { dayAndYear } from '../time/time-text.ts'
import { addDays, startOfDay } from '../time/zone.ts'
import { usePage } from './page-context.ts'

export function NoCallsHint() {
  const { view, zone, access } = usePage()
  const events = useQuery(() => ({
    ...eventsQuestion(view.orgId(), view.chosen().filters),
    enabled: access().may('events:read'),
  }))
  const newestMs = () => {
    const newest = events.data?.items[0]
    return newest === undefined ? undefined : Date.parse(newest.ts)
  }
  const showDay = (ms: number) => {
    const fromMs = startOfDay(ms, zone())
    view.choose({ period: { kind: 'custom', fromMs, toMs: addDays(fromMs, 1, zone()) } })
  }
  return (
    <Show when={newestMs()}>
      {(ms) => (
        <p class="mt-2 text-sm">
          The newest call{view.chosen().filters.length > 0 ? ' that passes the filters' : ''} is of{' '}
          {dayAndYear(ms(), zone())}.{' '}
          <button type="button" class="quiet-button" onClick={() => showDay(ms())}>
            Show that day
          </button>
        </p>
      )}
    </Show>
  )
}
