/** What every panel of the page needs to know. */
import type { Today } from '@ecomind/schemas'
import { type UseQueryResult, useQuery } from '@tanstack/solid-query'
import { type Accessor, createContext, createMemo, createSignal, onCleanup, useContext } from 'solid-js'
import { createLive, type Live } from '../api/live.ts'
import { type Scope, todayQuestion } from '../api/questions.ts'
import type { Access } from '../sign-in/access.ts'
import { type ResolvedPeriod, resolvePeriod } from '../time/period.ts'
import { browserZone } from '../time/zone.ts'
import { encodeFilter, type Filter } from '../view/url-state.ts'
import type { View } from '../view/view-state.ts'

export interface Page {
  readonly view: View
  /** What the asker may see of the organisation. */
  readonly access: Accessor<Access>
  readonly live: Live
  readonly today: UseQueryResult<Today, Error>
  /** The chosen zone, else the organisation's; undefined until that is known. */
  readonly zone: Accessor<string>
  readonly zoneKnown: Accessor<boolean>
  readonly resolved: Accessor<ResolvedPeriod>
  readonly scope: Accessor<Scope>
}

/** How often "now" moves on; periods are cut at quarters of an hour, so this is often enough. */
const CLOCK_MS = 15_000

function createClock(paused: Accessor<boolean>): Accessor<number> {
  const [nowMs, setNowMs] = createSignal(Date.now())
  const timer = setInterval(() => !paused() && setNowMs(Date.now()), CLOCK_MS)
  onCleanup(() => clearInterval(timer))
  return nowMs
}

function sameSpan(a: ResolvedPeriod, b: ResolvedPeriod): boolean {
  return a.fromMs === b.fromMs && a.toMs === b.toMs && a.previous.fromMs === b.previous.fromMs
}

function sameFilters(a: readonly Filter[], b: readonly Filter[]): boolean {
  return a.map(encodeFilter).join('\n') === b.map(encodeFilter).join('\n')
}

export function createPage(view: View, access: Accessor<Access>): Page {
  // Compared by content: opening the drawer must not reconnect the live stream.
  const filters = createMemo(() => view.chosen().filters, undefined, { equals: sameFilters })
  const today = useQuery(() => todayQuestion(view.orgId(), view.chosen().zone, filters()))
  const answeredZone = createMemo(() => (today.isError ? browserZone() : today.data?.tz))
  const zoneOrUnknown = createMemo(() => view.chosen().zone ?? answeredZone())
  const zone = createMemo(() => zoneOrUnknown() ?? 'UTC')
  const live = createLive(view.orgId, zoneOrUnknown, filters)
  const nowMs = createClock(live.paused)
  const resolved = createMemo(() => resolvePeriod(view.period(), nowMs(), zone()), undefined, { equals: sameSpan })
  const scope = createMemo<Scope>(() => ({
    orgId: view.orgId(),
    zone: zone(),
    fromMs: resolved().fromMs,
    toMs: resolved().toMs,
    filters: filters(),
    compareWith: view.compare() ? resolved().previous : undefined,
  }))
  return { view, access, live, today, zone, zoneKnown: () => zoneOrUnknown() !== undefined, resolved, scope }
}

export const PageContext = createContext<Page>()

export function usePage(): Page {
  const page = useContext(PageContext)
  if (page === undefined) throw new Error('Use the page: no PageContext around this component')
  return page
}
