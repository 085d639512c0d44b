/**
 * Everything the user chose, as a URL and back. Only explicit choices are written: a link that says nothing of the unit
 * shows each reader their own default. Garbage in a URL is dropped, never an error. Pure; round trip is property-tested.
 */

import { METRICS, type Metric } from '../numbers/quantity.ts'
import { type Period, PRESETS, SPAN_MAX_MS, SPAN_MIN_MS } from '../time/period.ts'
import { isZone } from '../time/zone.ts'
import { GROUP_FIELDS, type GroupField } from './group-fields.ts'

export interface Filter {
  readonly field: GroupField
  /** Empty: the event does not state the field. */
  readonly value: string
  /** Keeps everything but this value. */
  readonly exclude: boolean
}

export type Explained = { readonly kind: 'total' } | { readonly kind: 'event'; readonly eventId: string }

export const BREAKDOWNS = ['model', 'provider', 'user_id', 'region'] as const satisfies readonly GroupField[]
export type Breakdown = (typeof BREAKDOWNS)[number]

/** `undefined`: not chosen, the default applies. */
export interface ViewState {
  readonly orgId: string | undefined
  readonly period: Period | undefined
  readonly zone: string | undefined
  readonly metric: Metric | undefined
  readonly breakdown: Breakdown | undefined
  readonly filters: readonly Filter[]
  readonly compare: boolean | undefined
  readonly table: boolean | undefined
  readonly explained: Explained | undefined
}

export const NOTHING_CHOSEN: ViewState = {
  orgId: undefined,
  period: undefined,
  zone: undefined,
  metric: undefined,
  breakdown: undefined,
  filters: [],
  compare: undefined,
  table: undefined,
  explained: undefined,
}

/** As many as the API takes well in one question. */
const FILTERS_MAX = 32
const FILTER_VALUE_MAX = 256

export function encodeFilter(filter: Filter): string {
  return `${filter.exclude ? '-' : ''}${filter.field}:${filter.value}`
}

export function decodeFilter(text: string): Filter | null {
  const match = /^(-?)([a-z_]+):([\s\S]*)$/.exec(text)
  const [, sign, name, value] = match ?? []
  const field = GROUP_FIELDS.find((known) => known === name)
  if (field === undefined || value === undefined || value.length > FILTER_VALUE_MAX) return null
  return { field, value, exclude: sign === '-' }
}

function oneOf<T extends string>(allowed: readonly T[], value: string | null): T | undefined {
  return allowed.find((candidate) => candidate === value)
}

function encodePeriod(period: Period): [string, string][] {
  if (period.kind === 'preset') return [['period', period.preset]]
  return [
    ['from', new Date(period.fromMs).toISOString()],
    ['to', new Date(period.toMs).toISOString()],
  ]
}

export function isValidSpan(fromMs: number, toMs: number): boolean {
  const spanMs = toMs - fromMs
  return spanMs >= SPAN_MIN_MS && spanMs <= SPAN_MAX_MS
}

function decodePeriod(params: URLSearchParams): Period | undefined {
  const preset = oneOf(PRESETS, params.get('period'))
  if (preset !== undefined) return { kind: 'preset', preset }
  const fromMs = Date.parse(params.get('from') ?? '')
  const toMs = Date.parse(params.get('to') ?? '')
  // Comparisons with NaN are false, so a missing or broken end falls through to the default.
  return isValidSpan(fromMs, toMs) ? { kind: 'custom', fromMs, toMs } : undefined
}

function encodeFlag(name: string, flag: boolean | undefined): [string, string][] {
  return flag === undefined ? [] : [[name, flag ? 'yes' : 'no']]
}

function decodeFlag(value: string | null): boolean | undefined {
  if (value === 'yes') return true
  return value === 'no' ? false : undefined
}

function decodeExplained(value: string | null): Explained | undefined {
  if (value === 'total') return { kind: 'total' }
  const eventId = /^event:([\s\S]{1,64})$/.exec(value ?? '')?.[1]
  return eventId === undefined ? undefined : { kind: 'event', eventId }
}

/** The query string, without `?`; empty when nothing was chosen. */
export function encodeView(view: ViewState): string {
  const pairs: [string, string][] = []
  if (view.orgId !== undefined) pairs.push(['org_id', view.orgId])
  if (view.period !== undefined) pairs.push(...encodePeriod(view.period))
  if (view.zone !== undefined) pairs.push(['tz', view.zone])
  if (view.metric !== undefined) pairs.push(['metric', view.metric])
  if (view.breakdown !== undefined) pairs.push(['by', view.breakdown])
  for (const filter of view.filters) pairs.push(['filter', encodeFilter(filter)])
  pairs.push(...encodeFlag('compare', view.compare), ...encodeFlag('table', view.table))
  if (view.explained?.kind === 'total') pairs.push(['explain', 'total'])
  if (view.explained?.kind === 'event') pairs.push(['explain', `event:${view.explained.eventId}`])
  return new URLSearchParams(pairs).toString()
}

export function decodeView(query: string): ViewState {
  const params = new URLSearchParams(query)
  const orgId = params.get('org_id') ?? ''
  const zone = params.get('tz') ?? ''
  return {
    orgId: /^[A-Za-z0-9_.:-]{1,64}$/.test(orgId) ? orgId : undefined,
    period: decodePeriod(params),
    zone: zone !== '' && isZone(zone) ? zone : undefined,
    metric: oneOf(METRICS, params.get('metric')),
    breakdown: oneOf(BREAKDOWNS, params.get('by')),
    filters: distinct(params.getAll('filter').flatMap((text) => decodeFilter(text) ?? [])),
    compare: decodeFlag(params.get('compare')),
    table: decodeFlag(params.get('table')),
    explained: decodeExplained(params.get('explain')),
  }
}

function distinct(filters: readonly Filter[]): Filter[] {
  return [...new Map(filters.map((filter) => [encodeFilter(filter), filter])).values()].slice(0, FILTERS_MAX)
}

/** Adds a filter. A value that was kept can't also be dropped, so the opposite filter goes. */
export function addFilter(filters: readonly Filter[], added: Filter): Filter[] {
  const opposite = encodeFilter({ ...added, exclude: !added.exclude })
  return distinct([...filters.filter((filter) => encodeFilter(filter) !== opposite), added])
}

export function removeFilter(filters: readonly Filter[], removed: Filter): Filter[] {
  const text = encodeFilter(removed)
  return filters.filter((filter) => encodeFilter(filter) !== text)
}
