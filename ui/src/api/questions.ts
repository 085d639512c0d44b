/** Every question the page asks, as options for solid-query. Keys begin with the endpoint, so that live news can refresh by it. */
import type { EventsAnswer, ExplainAnswer, Today, UsageAnswer } from '@ecomind/schemas'
import { keepPreviousData, queryOptions } from '@tanstack/solid-query'
import type { Metric } from '../numbers/quantity.ts'
import type { Span } from '../time/period.ts'
import type { GroupField } from '../view/group-fields.ts'
import { encodeFilter, type Filter } from '../view/url-state.ts'
import { addressOf, ask, type Params } from './ask.ts'

/** What a question about usage is restricted to. */
export interface Scope {
  readonly orgId: string
  readonly zone: string
  readonly fromMs: number
  readonly toMs: number
  readonly filters: readonly Filter[]
  /** undefined: no comparison. */
  readonly compareWith: Span | undefined
}

export const EVENTS_SHOWN = 20

function rfc3339(ms: number): string {
  return new Date(ms).toISOString()
}

function filterParams(filters: readonly Filter[]): Params {
  return filters.map((filter) => ['filter', encodeFilter(filter)] as const)
}

function scopeParams(scope: Scope): Params {
  const compare: Params =
    scope.compareWith === undefined
      ? []
      : [['compare', `${rfc3339(scope.compareWith.fromMs)}..${rfc3339(scope.compareWith.toMs)}`]]
  return [
    ['org_id', scope.orgId],
    ['from', rfc3339(scope.fromMs)],
    ['to', rfc3339(scope.toMs)],
    ['tz', scope.zone],
    ...filterParams(scope.filters),
    ...compare,
  ]
}

/** The day so far of the organisation; without a zone the organisation's own, which the answer names. */
export function todayQuestion(orgId: string, zone: string | undefined, filters: readonly Filter[]) {
  const zoneParam: Params = zone === undefined ? [] : [['tz', zone]]
  const params: Params = [['org_id', orgId], ...zoneParam, ...filterParams(filters)]
  return queryOptions({
    queryKey: ['today', params],
    queryFn: ({ signal }) => ask<Today>('/v1/today', params, ['tz', 'calls', 'kwh'], signal),
    placeholderData: keepPreviousData,
  })
}

/** Where live news of the same scope come from. */
export function liveAddress(orgId: string, zone: string, filters: readonly Filter[]): string {
  return addressOf('/v1/live', [['org_id', orgId], ['tz', zone], ...filterParams(filters)])
}

export function trendQuestion(scope: Scope, window: string) {
  const params: Params = [...scopeParams(scope), ['window', window]]
  return queryOptions({
    queryKey: ['usage', 'trend', params],
    queryFn: ({ signal }) => ask<UsageAnswer>('/v1/usage', params, ['items', 'totals'], signal),
    placeholderData: keepPreviousData,
  })
}

/** Rows of a breakdown that are asked for: the largest by one quantity. */
export interface Largest {
  readonly by: Metric
  readonly limit: number
}

/** Without `largest` all rows. */
export function breakdownQuestion(scope: Scope, field: GroupField, largest?: Largest) {
  const ranked: Params =
    largest === undefined
      ? []
      : [
          ['limit', String(largest.limit)],
          ['order_by', largest.by],
        ]
  const params: Params = [...scopeParams(scope), ['group_by', field], ...ranked]
  return queryOptions({
    queryKey: ['usage', 'breakdown', field, largest?.by, params],
    queryFn: ({ signal }) => ask<UsageAnswer>('/v1/usage', params, ['items', 'totals'], signal),
    // Old rows of another field would be shown under the wrong heading, and the largest by one quantity as those by
    // another, so only a change of scope keeps them.
    placeholderData: (previous: UsageAnswer | undefined, query) =>
      query?.queryKey[2] === field && query.queryKey[3] === largest?.by ? previous : undefined,
  })
}

/** The newest events that pass the filters, whatever the period. */
export function eventsQuestion(orgId: string, filters: readonly Filter[]) {
  const params: Params = [['org_id', orgId], ['limit', String(EVENTS_SHOWN)], ...filterParams(filters)]
  return queryOptions({
    queryKey: ['events', params],
    queryFn: ({ signal }) => ask<EventsAnswer>('/v1/events', params, ['items'], signal),
    placeholderData: keepPreviousData,
  })
}

export function explainQuestion(orgId: string, eventId: string) {
  return queryOptions({
    queryKey: ['explain', orgId, eventId],
    queryFn: ({ signal }) =>
      ask<ExplainAnswer>(
        `/v1/events/${encodeURIComponent(eventId)}/explain`,
        [['org_id', orgId]],
        ['event', 'steps', 'sources'],
        signal,
      ),
  })
}
