/** The mock's answers about usage: today, usage and live. */
import type { GroupField, LiveMessage, Today, UsageAnswer, UsageItem, WindowSize, WindowStatus } from '@ecomind/schemas'
import { windowsOf } from '../src/time/period.ts'
import { isZone, startOfDay, wallOf } from '../src/time/zone.ts'
import { GROUP_FIELDS } from '../src/view/group-fields.ts'
import { decodeFilter, type Filter } from '../src/view/url-state.ts'
import type { MockEvent } from './events.ts'
import { MockFault } from './mock-fault.ts'
import { sumOf } from './sums.ts'

const ZONE_DEFAULT = 'UTC'
const LATENESS_MS = 600_000
const WINDOWS: readonly string[] = ['1m', '15m', '1h', '1d']

export function zoneParam(params: URLSearchParams): string {
  const zone = params.get('tz') ?? ZONE_DEFAULT
  if (!isZone(zone)) throw new MockFault(400, 'invalid_parameter', `Read tz: unknown zone ${zone}`)
  return zone
}

function timeParam(text: string | undefined, name: string): number {
  const ms = Date.parse(text ?? '')
  if (Number.isNaN(ms)) throw new MockFault(400, 'invalid_parameter', `Read ${name}: not an RFC 3339 time`)
  return ms
}

export function filtersParam(params: URLSearchParams): Filter[] {
  return params.getAll('filter').map((text) => {
    const filter = decodeFilter(text)
    if (filter === null) throw new MockFault(400, 'invalid_parameter', `Read filter: ${text} is no field:value`)
    return filter
  })
}

/** Values of one field are alternatives, fields combine, excluded values are dropped. */
export function passes(event: MockEvent, filters: readonly Filter[]): boolean {
  return GROUP_FIELDS.every((field) => {
    const value = event.item[field] ?? ''
    const ofField = filters.filter((filter) => filter.field === field)
    const kept = ofField.filter((filter) => !filter.exclude)
    const dropped = ofField.some((filter) => filter.exclude && filter.value === value)
    return !dropped && (kept.length === 0 || kept.some((filter) => filter.value === value))
  })
}

/** The mock's watermark is one minute behind the clock. */
function watermarkMs(nowMs: number): number {
  return nowMs - 60_000
}

function statusOf(endMs: number, nowMs: number): WindowStatus {
  return watermarkMs(nowMs) < endMs + LATENESS_MS ? 'provisional' : 'final'
}

interface Question {
  readonly zone: string
  readonly window: WindowSize | undefined
  readonly groupBy: readonly GroupField[]
  readonly filters: readonly Filter[]
  readonly nowMs: number
}

function groupsOf(events: readonly MockEvent[], fields: readonly GroupField[]): Map<string, MockEvent[]> {
  const groups = new Map<string, MockEvent[]>()
  for (const event of events) {
    const key = JSON.stringify(fields.map((field) => event.item[field] ?? ''))
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [event])
    else group.push(event)
  }
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function itemsOf(events: readonly MockEvent[], fromMs: number, toMs: number, question: Question): UsageItem[] {
  const { window, zone, groupBy, nowMs } = question
  const spans = window === undefined ? [{ fromMs, toMs }] : windowsOf({ fromMs, toMs }, window, zone)
  let at = 0
  return spans.flatMap(({ fromMs: startMs, toMs: endMs }) => {
    const inside: MockEvent[] = []
    for (let event = events[at]; event !== undefined && Date.parse(event.item.ts) < endMs; event = events[++at]) {
      inside.push(event)
    }
    // As the API does: without group_by every window is there, empty ones with zeros.
    const groups = groupBy.length === 0 ? [inside] : [...groupsOf(inside, groupBy).values()]
    return groups.map((group) => ({
      window_start: new Date(startMs).toISOString(),
      window_end: new Date(endMs).toISOString(),
      status: statusOf(endMs, nowMs),
      ...Object.fromEntries(groupBy.map((field) => [field, group[0]?.item[field] ?? ''])),
      ...sumOf(group),
    }))
  })
}

function between(events: readonly MockEvent[], fromMs: number, toMs: number): MockEvent[] {
  return events.filter((event) => {
    const ms = Date.parse(event.item.ts)
    return ms >= fromMs && ms < toMs
  })
}

function compareParam(params: URLSearchParams, fromMs: number, toMs: number): { fromMs: number; toMs: number } | null {
  const compare = params.get('compare')
  if (compare === null) return null
  if (compare === 'previous') return { fromMs: 2 * fromMs - toMs, toMs: fromMs }
  const [from, to] = compare.split('..')
  return { fromMs: timeParam(from, 'compare'), toMs: timeParam(to, 'compare') }
}

export function usageAnswer(all: readonly MockEvent[], params: URLSearchParams, nowMs: number): UsageAnswer {
  const fromMs = timeParam(params.get('from') ?? undefined, 'from')
  const toMs = timeParam(params.get('to') ?? undefined, 'to')
  if (fromMs >= toMs) throw new MockFault(400, 'invalid_parameter', 'Read from and to: from must be before to')
  const window = params.get('window')
  const groupBy = (params.get('group_by') ?? '').split(',').filter((field) => field !== '')
  const question: Question = {
    zone: zoneParam(params),
    window: window !== null && WINDOWS.includes(window) ? (window as WindowSize) : undefined,
    groupBy: GROUP_FIELDS.filter((field) => groupBy.includes(field)),
    filters: filtersParam(params),
    nowMs,
  }
  const events = all.filter((event) => passes(event, question.filters))
  const inside = between(events, fromMs, toMs)
  const compare = compareParam(params, fromMs, toMs)
  const before = compare === null ? [] : between(events, compare.fromMs, compare.toMs)
  return {
    items: itemsOf(inside, fromMs, toMs, question),
    totals: sumOf(inside),
    ...(compare === null
      ? {}
      : {
          compare: {
            from: new Date(compare.fromMs).toISOString(),
            to: new Date(compare.toMs).toISOString(),
            totals: sumOf(before),
            items: itemsOf(before, compare.fromMs, compare.toMs, question),
          },
        }),
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    tz: question.zone,
    watermark: new Date(watermarkMs(nowMs)).toISOString(),
  }
}

export function todayAnswer(all: readonly MockEvent[], params: URLSearchParams, orgId: string, nowMs: number): Today {
  const zone = zoneParam(params)
  const userId = params.get('user_id')
  const filters = filtersParam(params)
  const events = between(all, startOfDay(nowMs, zone), nowMs + 1).filter(
    (event) => passes(event, filters) && (userId === null || event.item.user_id === userId),
  )
  return {
    org_id: orgId,
    ...(userId === null ? {} : { user_id: userId }),
    date: new Date(wallOf(nowMs, zone)).toISOString().slice(0, 10),
    tz: zone,
    status: 'provisional',
    ...sumOf(events),
  }
}

export function liveAnswer(all: readonly MockEvent[], zone: string, nowMs: number, sinceMs: number): LiveMessage {
  const last = (ms: number) => between(all, nowMs - ms, nowMs + 1)
  const changed = between(all, sinceMs, nowMs + 1)
  const question: Question = { zone, window: '1m', groupBy: [], filters: [], nowMs }
  return {
    at: new Date(nowMs).toISOString(),
    watermark: new Date(watermarkMs(nowMs)).toISOString(),
    today: sumOf(between(all, startOfDay(nowMs, zone), nowMs + 1)),
    last_5m: sumOf(last(300_000)),
    last_60m: sumOf(last(3_600_000)),
    calls_per_minute: last(300_000).length / 5,
    windows: itemsOf(changed, Math.floor(sinceMs / 60_000) * 60_000, nowMs + 1, question),
  }
}
