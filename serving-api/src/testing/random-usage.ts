/** Random usage rows for tests: seeded, computed with the real factor set, with every kind of match among them. */
import type { UsageRow } from '@ecomind/clickhouse'
import {
  activityOfCall,
  compileCoefficients,
  computeFootprint,
  type FactorSet,
  type FootprintUnits,
  toUnits,
} from '@ecomind/footprint'

export type Random = () => number

/** mulberry32: small, fast and good enough to spread test data. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function pick<T>(random: Random, values: readonly T[]): T {
  if (values.length === 0) throw new RangeError('pick: no values')
  return values[Math.floor(random() * values.length)] as T
}

const MODELS = [
  ['openai', 'gpt-4o'],
  ['openai', 'gpt-4o-mini'],
  ['anthropic', 'claude-3-5-sonnet'],
  ['google', 'gemini-1.5-pro'],
  ['mistral', 'mistral-large'],
  ['nobody', 'unheard:of "model"'],
] as const
const REGIONS = ['US-CAISO', 'DE', 'FR', 'eu-west-1', '', 'Atlantis'] as const
export const USERS = ['user_alice', 'user_bob', "o'hara@example.org", 'Zoë 🌍', 'user:with:colons'] as const
export const TEAMS = ['', 'research', 'sales'] as const

export interface RowSpec {
  readonly tsMs: number
  readonly index: number
  /** Watermark at loading, epoch milliseconds. */
  readonly watermarkMs: number
}

export function randomRow(random: Random, set: FactorSet, { tsMs, index, watermarkMs }: RowSpec): UsageRow {
  const [provider, model] = pick(random, MODELS)
  const declared = pick(random, REGIONS)
  const factor = set.resolveFactor(provider, model)
  const grid = set.resolveGrid(declared === '' ? null : declared, provider)
  const tokensIn = Math.floor(random() * 300_000)
  const cacheRead = random() < 0.3 ? Math.floor(tokensIn / 2) : 0
  const tokensOut = Math.floor(random() * 4000)
  const separate = random() < 0.2
  const reasoning = random() < 0.3 ? Math.floor(random() * (separate ? 5000 : tokensOut)) : 0
  const units = toUnits(
    computeFootprint(
      compileCoefficients(factor.factor, grid.grid),
      activityOfCall({
        tokens_in: tokensIn,
        tokens_out: tokensOut,
        tokens_cache_read: cacheRead,
        tokens_reasoning: reasoning,
        reasoning_separate: separate,
        tokens_source: 'provider',
      }),
    ),
  )
  return {
    org_id: 'org_demo',
    event_id: `event-${String(index).padStart(6, '0')}`,
    user_id: pick(random, USERS),
    team_id: pick(random, TEAMS),
    project_id: random() < 0.5 ? '' : 'project-1',
    source: pick(random, ['api', 'sdk', '']),
    provider,
    model,
    region: grid.region,
    region_inferred: grid.inferred,
    ts: tsMs,
    arrived_at: tsMs + 1000,
    tokens_in: tokensIn,
    tokens_out: tokensOut,
    tokens_cache_read: cacheRead,
    tokens_cache_write: 0,
    tokens_reasoning: reasoning,
    reasoning_separate: separate,
    latency_ms: random() < 0.5 ? null : Math.floor(random() * 5000),
    tokens_source: 'provider',
    service_tier: '',
    tags: random() < 0.3 ? { stage: 'test', constructor: "it's" } : {},
    factor_set: set.id,
    factor_id: factor.factor.id,
    factor_match: factor.kind,
    grid_id: grid.grid.id,
    grid_match: grid.kind,
    quality: pick(random, ['measured', 'measured', 'estimated', 'unknown']),
    ...storedUnits(units),
    watermark_at: Math.floor(watermarkMs / 1000),
    log_generation: 1,
    log_partition: index % 2,
    log_offset: Math.floor(index / 2),
    log_index: 0,
    content_hash: index,
  }
}

/** The stored numbers under their column names. */
export function storedUnits(u: FootprintUnits) {
  return {
    kwh: u.kwh,
    kwh_low: u.kwhLow,
    kwh_high: u.kwhHigh,
    water_l: u.waterL,
    water_l_low: u.waterLLow,
    water_l_high: u.waterLHigh,
    water_l_onsite: u.waterLOnsite,
    co2_kg: u.co2Kg,
    co2_kg_low: u.co2KgLow,
    co2_kg_high: u.co2KgHigh,
    co2_kg_use: u.co2KgUse,
  }
}
