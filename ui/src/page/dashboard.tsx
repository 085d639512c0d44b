/** The one page, read from top to bottom. */
import { useQuery } from '@tanstack/solid-query'
import { type Accessor, createMemo, lazy, onCleanup, Show, Suspense, untrack } from 'solid-js'
import { eventsQuestion } from '../api/questions.ts'
import type { Access } from '../sign-in/access.ts'
import type { View } from '../view/view-state.ts'
import { BreakdownPanel } from './breakdown-panel.tsx'
import { Cards } from './cards.tsx'
import { EmptyState } from './empty-state.tsx'
import { EventsPanel } from './events-panel.tsx'
import { FilterBar } from './filter-bar.tsx'
import { Header } from './header.tsx'
import { LiveStrip } from './live-strip.tsx'
import { createPage, PageContext } from './page-context.ts'
import { PartNote } from './part-note.tsx'
import { TrendPanel } from './trend-panel.tsx'

const ExplainDrawer = lazy(async () => ({ default: (await import('../explain/explain-drawer.tsx')).ExplainDrawer }))

/** How often an empty page looks for its first event. */
const FIRST_EVENT_POLL_MS = 2_000

export interface DashboardProps {
  readonly view: View
  readonly access: Accessor<Access>
}

export function Dashboard(props: DashboardProps) {
  // Both are there for as long as the page is.
  const { view, access } = untrack(() => props)
  const page = createPage(view, access)
  const anyEvents = useQuery(() => ({
    ...eventsQuestion(view.orgId(), []),
    // Who sees a part of the calls only can't tell from them that there are none.
    enabled: access().seesAll('events:read'),
    refetchInterval: (query) => (query.state.data?.items.length === 0 ? FIRST_EVENT_POLL_MS : false),
  }))
  const isEmpty = createMemo(() => access().seesAll('events:read') && anyEvents.data?.items.length === 0)

  const clearFiltersOnEscape = (event: KeyboardEvent) => {
    const inField = event.target instanceof Element && event.target.matches('input, select, textarea')
    if (event.key !== 'Escape' || event.defaultPrevented || inField || view.chosen().explained !== undefined) return
    if (view.chosen().filters.length > 0) view.choose({ filters: [] })
  }
  addEventListener('keydown', clearFiltersOnEscape)
  onCleanup(() => removeEventListener('keydown', clearFiltersOnEscape))

  return (
    <PageContext.Provider value={page}>
      <a class="skip-link" href="#main">
        Skip to the numbers
      </a>
      <Header />
      <main id="main" tabindex="-1" class="mx-auto w-full max-w-7xl px-4 pb-12 outline-none sm:px-6">
        <Show when={!isEmpty()} fallback={<EmptyState />}>
          <FilterBar />
          <PartNote />
          <Cards />
          <LiveStrip />
          <div class="mt-4 grid grid-cols-1 gap-4 lg:grid-cols-5">
            <div class="min-w-0 lg:col-span-3">
              <TrendPanel />
            </div>
            <div class="min-w-0 lg:col-span-2">
              <BreakdownPanel />
            </div>
          </div>
          <Show when={access().may('events:read')}>
            <EventsPanel />
          </Show>
        </Show>
      </main>
      <footer class="mx-auto w-full max-w-7xl px-4 pb-8 text-sm text-muted sm:px-6">
        Metadata only: Ecomind never sees prompts or answers. Ranges run from the 5th to the 95th percentile.{' '}
        <a class="link" href="/docs">
          API documentation
        </a>
      </footer>
      <Suspense>
        <Show when={view.chosen().explained !== undefined}>
          <ExplainDrawer />
        </Show>
      </Suspense>
    </PageContext.Provider>
  )
}
