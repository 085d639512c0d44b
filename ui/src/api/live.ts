/** Live news for the page: runs the connection while the tab is visible and not paused, and refreshes what is on screen. */
import type { LiveMessage, Today } from '@ecomind/schemas'
import { useQueryClient } from '@tanstack/solid-query'
import { type Accessor, createEffect, createMemo, createSignal, on, onCleanup } from 'solid-js'
import type { Filter } from '../view/url-state.ts'
import { createLiveConnection, type LiveStatus } from './live-connection.ts'
import { liveAddress } from './questions.ts'
import { throttle } from './throttle.ts'

export type LiveState = LiveStatus | 'paused'

export interface Live {
  readonly state: Accessor<LiveState>
  readonly message: Accessor<LiveMessage | undefined>
  readonly paused: Accessor<boolean>
  readonly setPaused: (paused: boolean) => void
}

/** At most one refresh in this time, however many messages arrive. */
const REFRESH_MS_MIN = 2_000

export function createLive(
  orgId: Accessor<string>,
  zone: Accessor<string | undefined>,
  filters: Accessor<readonly Filter[]>,
): Live {
  const client = useQueryClient()
  const [status, setStatus] = createSignal<LiveStatus>('connecting')
  const [message, setMessage] = createSignal<LiveMessage>()
  const [paused, setPaused] = createSignal(false)
  const [visible, setVisible] = createSignal(!document.hidden)

  const onVisibility = () => setVisible(!document.hidden)
  document.addEventListener('visibilitychange', onVisibility)
  onCleanup(() => document.removeEventListener('visibilitychange', onVisibility))

  const refresh = throttle(() => {
    // Answers that are still on their way are left to arrive: cancelling them at every message could starve a slow one.
    for (const key of ['usage', 'events', 'today']) {
      void client.invalidateQueries({ queryKey: [key] }, { cancelRefetch: false })
    }
  }, REFRESH_MS_MIN)
  onCleanup(refresh.cancel)

  const receive = (news: LiveMessage, isFirst: boolean) => {
    setMessage(news)
    client.setQueriesData<Today>({ queryKey: ['today'], type: 'active' }, (day) => day && { ...day, ...news.today })
    // The first message is the state of things, which the questions on screen have just asked for; later ones are news.
    if (!isFirst && news.windows.length > 0) refresh.run()
  }

  createEffect(
    on([paused, visible, orgId, zone, filters], ([isPaused, isVisible, org, zoneNow, filtersNow], before) => {
      if (zoneNow === undefined || isPaused || !isVisible) return
      const wasResting = before !== undefined && (before[0] || !before[1])
      if (wasResting) refresh.run()
      const address = liveAddress(org, zoneNow, filtersNow)
      let isFirst = true
      const connection = createLiveConnection({
        open: () => new EventSource(address),
        onStatus: setStatus,
        onMessage: (news) => {
          receive(news, isFirst)
          isFirst = false
        },
        onRefresh: refresh.run,
      })
      connection.start()
      onCleanup(connection.stop)
    }),
  )

  const state = createMemo<LiveState>(() => (paused() ? 'paused' : status()))
  return { state, message, paused, setPaused }
}
