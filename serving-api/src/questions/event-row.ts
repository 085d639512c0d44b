/** One stored event as the database gives it, and as the API tells it. */
import type { EventItem } from '@ecomind/schemas'
import { parseDecimal, toNumber } from '../numbers/decimal.ts'

const TEXTS = [
  'event_id',
  'org_id',
  'user_id',
  'team_id',
  'project_id',
  'source',
  'provider',
  'model',
  'region',
  'tokens_source',
  'service_tier',
  'factor_set',
  'factor_id',
  'factor_match',
  'grid_id',
  'grid_match',
] as const
const COUNTS = [
  'tokens_in',
  'tokens_out',
  'tokens_cache_read',
  'tokens_cache_write',
  'tokens_reasoning',
  'latency_ms',
] as const
export const STORED_DECIMALS = [
  'kwh',
  'kwh_low',
  'kwh_high',
  'water_l',
  'water_l_low',
  'water_l_high',
  'water_l_onsite',
  'co2_kg',
  'co2_kg_low',
  'co2_kg_high',
  'co2_kg_use',
] as const

export type StoredDecimal = (typeof STORED_DECIMALS)[number]

export type EventRow = Readonly<Record<(typeof TEXTS)[number], string>> &
  Readonly<Record<Exclude<(typeof COUNTS)[number], 'latency_ms'>, number>> &
  Readonly<Record<StoredDecimal, string>> & {
    readonly latency_ms: number | null
    readonly region_inferred: boolean
    readonly reasoning_separate: boolean
    readonly tags: Readonly<Record<string, string>>
    readonly quality: 'measured' | 'estimated' | 'unknown'
    /** Epoch milliseconds as text. */
    readonly ts_ms: string
    readonly arrived_ms: string
  }

export const EVENT_COLUMNS = [
  ...TEXTS,
  ...COUNTS,
  ...STORED_DECIMALS,
  'region_inferred',
  'reasoning_separate',
  'tags',
  'quality',
  'toUnixTimestamp64Milli(ts) AS ts_ms',
  'toUnixTimestamp64Milli(arrived_at) AS arrived_ms',
].join(', ')

const orNull = (text: string): string | null => (text === '' ? null : text)
const isoOf = (ms: string): string => new Date(Number(ms)).toISOString()

export function toEventItem(row: EventRow): EventItem {
  const value = (name: StoredDecimal): number => toNumber(parseDecimal(row[name]))
  const difference = (a: StoredDecimal, b: StoredDecimal): number =>
    toNumber(parseDecimal(row[a]) - parseDecimal(row[b]))
  return {
    event_id: row.event_id,
    org_id: row.org_id,
    user_id: row.user_id,
    team_id: orNull(row.team_id),
    project_id: orNull(row.project_id),
    source: orNull(row.source),
    provider: row.provider,
    model: row.model,
    region: row.region,
    region_inferred: row.region_inferred,
    ts: isoOf(row.ts_ms),
    arrived_at: isoOf(row.arrived_ms),
    tokens_in: row.tokens_in,
    tokens_out: row.tokens_out,
    tokens_cache_read: row.tokens_cache_read,
    tokens_cache_write: row.tokens_cache_write,
    tokens_reasoning: row.tokens_reasoning,
    reasoning_separate: row.reasoning_separate,
    latency_ms: row.latency_ms,
    tokens_source: orNull(row.tokens_source),
    service_tier: orNull(row.service_tier),
    tags: row.tags,
    factor_set: row.factor_set,
    factor_id: row.factor_id,
    grid_id: row.grid_id,
    kwh: value('kwh'),
    kwh_low: value('kwh_low'),
    kwh_high: value('kwh_high'),
    water_l: value('water_l'),
    water_l_low: value('water_l_low'),
    water_l_high: value('water_l_high'),
    water_l_onsite: value('water_l_onsite'),
    water_l_offsite: difference('water_l', 'water_l_onsite'),
    co2_kg: value('co2_kg'),
    co2_kg_low: value('co2_kg_low'),
    co2_kg_high: value('co2_kg_high'),
    co2_kg_use: value('co2_kg_use'),
    co2_kg_embodied: difference('co2_kg', 'co2_kg_use'),
  }
}
