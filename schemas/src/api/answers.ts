/** The answer of every endpoint of the serving API and the edge, as zod shapes: the API, the UI, its mock and the OpenAPI document share them. */
import { z } from 'zod'
import { calendarDate, numbers, rfc3339, windowStatus } from './numbers.ts'

export const errorBody = z
  .object({
    error: z.object({ code: z.string(), message: z.string(), request_id: z.string(), field: z.string().optional() }),
  })
  .meta({ id: 'Error' })

export const rejection = z
  .object({
    index: z.number().int().min(0).describe('position of the event in the request, from 0'),
    event_id: z.string().optional(),
    code: z.string(),
    field: z.string().optional(),
    message: z.string(),
  })
  .meta({ id: 'Rejection' })

export const ingestAnswer = z
  .object({
    accepted: z.number().int().min(0),
    rejected: z.array(rejection),
    event_ids: z.array(z.string()).describe('ids of the accepted events, in their order in the request'),
  })
  .meta({ id: 'IngestAnswer' })

export const health = z
  .object({
    status: z.enum(['ok', 'degraded', 'down']),
    mode: z.string(),
    version: z.string(),
    checks: z.record(
      z.string(),
      z.object({ status: z.enum(['ok', 'degraded', 'down']), detail: z.string().optional() }).catchall(z.unknown()),
    ),
  })
  .meta({ id: 'Health' })

export const today = numbers
  .extend({
    org_id: z.string(),
    user_id: z.string().optional(),
    date: calendarDate,
    tz: z.string(),
    status: windowStatus,
  })
  .meta({ id: 'Today' })

export const dailyItem = numbers.extend({ date: calendarDate, status: windowStatus }).meta({ id: 'DailyItem' })
export const dailyAnswer = z
  .object({ items: z.array(dailyItem), totals: numbers, tz: z.string(), next_cursor: z.string().optional() })
  .meta({ id: 'DailyAnswer' })

export const GROUP_FIELDS = ['provider', 'model', 'region', 'team_id', 'user_id', 'source', 'project_id'] as const
export type GroupField = (typeof GROUP_FIELDS)[number]
/** The fields that an answer is grouped by; the others are absent. */
export const groupNames = z.object({
  provider: z.string().optional(),
  model: z.string().optional(),
  region: z.string().optional(),
  team_id: z.string().optional(),
  user_id: z.string().optional(),
  source: z.string().optional(),
  project_id: z.string().optional(),
})
export const WINDOWS = ['1m', '15m', '1h', '1d'] as const
export type WindowSize = (typeof WINDOWS)[number]

/** What groups can be ranked by. */
export const RANKED = ['calls', 'tokens_in', 'tokens_out', 'kwh', 'water_l', 'co2_kg'] as const
export type Ranked = (typeof RANKED)[number]

export const usageItem = numbers
  .extend({
    window_start: rfc3339,
    window_end: rfc3339,
    status: windowStatus,
    ...groupNames.shape,
  })
  .meta({ id: 'UsageItem' })
export const usageAnswer = z
  .object({
    items: z
      .array(usageItem)
      .describe(
        'ascending by window_start, then by the group fields (with `limit` the largest group first); without `window` one item per group for the whole period',
      ),
    totals: numbers.describe('of all groups, also of those that `limit` leaves out'),
    group_count: z.number().int().optional().describe('with `limit`: how many groups have calls'),
    compare: z.object({ from: rfc3339, to: rfc3339, totals: numbers, items: z.array(usageItem) }).optional(),
    from: rfc3339,
    to: rfc3339,
    tz: z.string(),
    watermark: rfc3339.nullable().describe('events before this time have been counted, but for late ones'),
    next_cursor: z.string().optional(),
  })
  .meta({ id: 'UsageAnswer' })

export const eventItem = z
  .object({
    event_id: z.string(),
    org_id: z.string(),
    user_id: z.string(),
    team_id: z.string().nullable(),
    project_id: z.string().nullable(),
    source: z.string().nullable(),
    provider: z.string(),
    model: z.string(),
    region: z.string().describe('as declared, or the default serving region of the provider'),
    region_inferred: z.boolean(),
    ts: rfc3339,
    arrived_at: rfc3339,
    tokens_in: z.number().int(),
    tokens_out: z.number().int(),
    tokens_cache_read: z.number().int(),
    tokens_cache_write: z.number().int(),
    tokens_reasoning: z.number().int(),
    reasoning_separate: z.boolean(),
    latency_ms: z.number().int().nullable(),
    tokens_source: z.string().nullable(),
    service_tier: z.string().nullable(),
    tags: z.record(z.string(), z.string()),
    factor_set: z.string(),
    factor_id: z.string(),
    grid_id: z.string(),
    kwh: z.number(),
    kwh_low: z.number(),
    kwh_high: z.number(),
    water_l: z.number(),
    water_l_low: z.number(),
    water_l_high: z.number(),
    water_l_onsite: z.number(),
    water_l_offsite: z.number(),
    co2_kg: z.number(),
    co2_kg_low: z.number(),
    co2_kg_high: z.number(),
    co2_kg_use: z.number(),
    co2_kg_embodied: z.number(),
  })
  .meta({ id: 'Event' })
export const eventsAnswer = z
  .object({ items: z.array(eventItem), next_cursor: z.string().optional() })
  .meta({ id: 'EventsAnswer' })

export const range = z.object({ low: z.number(), central: z.number(), high: z.number() }).meta({ id: 'Range' })
export const source = z
  .object({
    id: z.string(),
    title: z.string(),
    url: z.string().optional(),
    year: z.number().int(),
    licence: z.string(),
  })
  .meta({ id: 'Source' })
export const explainStep = z
  .object({
    id: z.string(),
    label: z.string(),
    formula: z.string().describe('with the names of the inputs'),
    inputs: z.array(z.object({ name: z.string(), unit: z.string(), value: range, source_ids: z.array(z.string()) })),
    result: range,
    unit: z.string(),
  })
  .meta({ id: 'ExplainStep' })
export const explainAnswer = z
  .object({
    event: eventItem,
    factor_set: z.string(),
    method_version: z.string(),
    factor: z.object({
      id: z.string(),
      match: z.string(),
      class: z.string(),
      tier: z.string(),
      note: z.string().optional(),
    }),
    grid: z.object({ id: z.string(), match: z.string(), name: z.string(), year: z.number().int(), basis: z.string() }),
    steps: z.array(explainStep),
    sources: z.array(source),
    flags: z.array(z.object({ code: z.string(), message: z.string() })),
    reproduced: z.boolean().describe('the steps, computed again, give exactly the stored numbers'),
  })
  .meta({ id: 'ExplainAnswer' })

export const reconciliationItem = z
  .object({
    org_id: z.string(),
    hour: rfc3339.describe('hour of arrival, UTC'),
    accepted: z.number().int(),
    stored: z.number().int(),
    duplicate: z.number().int(),
    quarantined: z.number().int(),
    in_flight: z.number().int(),
    balanced: z.boolean().describe('accepted = stored + duplicate + quarantined + in_flight'),
  })
  .meta({ id: 'ReconciliationItem' })
export const reconciliationAnswer = z
  .object({ items: z.array(reconciliationItem), balanced: z.boolean(), next_cursor: z.string().optional() })
  .meta({ id: 'ReconciliationAnswer' })

export const quarantineItem = z
  .object({
    id: z.string().describe('position in the log'),
    org_id: z.string(),
    event_id: z.string().nullable(),
    reason: z.string(),
    detail: z.string(),
    arrived_at: rfc3339.nullable(),
    state: z.enum(['open', 'replayed']),
    event: z.record(z.string(), z.unknown()).nullable().describe('the metadata of the event, where it can be decoded'),
  })
  .meta({ id: 'QuarantineItem' })
export const quarantineAnswer = z
  .object({ items: z.array(quarantineItem), next_cursor: z.string().optional() })
  .meta({ id: 'QuarantineAnswer' })
export const replayRequest = z
  .strictObject({
    ids: z.array(z.string()).min(1).max(1000),
    dry_run: z.boolean().default(true),
    assign_new_ids: z
      .boolean()
      .default(false)
      .describe('give an event with an id conflict a new id, so that it is stored as an event of its own'),
  })
  .meta({ id: 'ReplayRequest' })
export const replayAnswer = z
  .object({
    dry_run: z.boolean(),
    items: z.array(
      z.object({
        id: z.string(),
        outcome: z.enum(['would_store', 'would_stay', 'replayed', 'already_replayed', 'not_found']),
        event_id: z.string().nullable(),
        message: z.string(),
      }),
    ),
  })
  .meta({ id: 'ReplayAnswer' })

/** One message of `GET /v1/live` (event name `usage`). */
export const liveMessage = z
  .object({
    at: rfc3339,
    watermark: rfc3339.nullable(),
    today: numbers.describe('the day so far in the zone of the request'),
    last_5m: numbers,
    last_60m: numbers,
    calls_per_minute: z.number(),
    windows: z.array(usageItem).describe('1-minute windows that changed since the last message'),
  })
  .meta({ id: 'LiveMessage' })

export type ErrorBody = z.output<typeof errorBody>
export type Rejection = z.output<typeof rejection>
export type IngestAnswer = z.output<typeof ingestAnswer>
export type Health = z.output<typeof health>
export type Today = z.output<typeof today>
export type DailyItem = z.output<typeof dailyItem>
export type DailyAnswer = z.output<typeof dailyAnswer>
export type UsageItem = z.output<typeof usageItem>
export type UsageAnswer = z.output<typeof usageAnswer>
export type EventItem = z.output<typeof eventItem>
export type EventsAnswer = z.output<typeof eventsAnswer>
export type ExplainStep = z.output<typeof explainStep>
export type ExplainAnswer = z.output<typeof explainAnswer>
export type ReconciliationItem = z.output<typeof reconciliationItem>
export type ReconciliationAnswer = z.output<typeof reconciliationAnswer>
export type QuarantineItem = z.output<typeof quarantineItem>
export type QuarantineAnswer = z.output<typeof quarantineAnswer>
export type ReplayRequest = z.output<typeof replayRequest>
export type ReplayAnswer = z.output<typeof replayAnswer>
export type LiveMessage = z.output<typeof liveMessage>
export type Source = z.output<typeof source>
