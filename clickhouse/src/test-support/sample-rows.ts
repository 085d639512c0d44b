/** Usage rows made from a seed, for tests: the same seed and numbers always give the same rows. */
import type { UsageRow } from '../usage-row.ts'

/** A small generator (mulberry32); enough for test data. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export interface SampleOptions {
  readonly seed: number
  readonly count: number
  /** Offset of the first row in the log; each row gets the next. */
  readonly firstOffset: number
  /** Epoch milliseconds around which events fall. */
  readonly aroundMs: number
  /** How far around, to either side. */
  readonly spreadMs: number
}

const MODELS = ['gpt-4o', 'claude-sonnet-4', 'gemini-2.5-pro', 'mistral-large'] as const
const QUALITIES = ['measured', 'estimated', 'unknown'] as const

export function sampleRows(options: SampleOptions): UsageRow[] {
  const random = randomFrom(options.seed * 7919 + options.firstOffset)
  return Array.from({ length: options.count }, (_, i) => sampleRow(random, options, options.firstOffset + i))
}

function sampleRow(random: () => number, options: SampleOptions, offset: number): UsageRow {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const whole = (max: number): number => Math.floor(random() * max)
  const ts = options.aroundMs + Math.round((random() * 2 - 1) * options.spreadMs)
  const user = whole(20)
  const [kwh, water, co2] = [whole(1e9), whole(1e9), whole(1e9)]
  return {
    org_id: pick(['org_demo', 'org_b']),
    event_id: `event-${options.seed}-${offset}`,
    user_id: `user_${user}@example.com`,
    team_id: `team_${user % 5}`,
    project_id: user % 3 === 0 ? '' : `project_${user % 7}`,
    source: pick(['sdk', 'api', '']),
    provider: pick(['openai', 'anthropic']),
    model: pick(MODELS),
    region: pick(['US', 'DE', 'US-CAISO']),
    region_inferred: random() < 0.3,
    ts,
    arrived_at: ts + whole(3000),
    tokens_in: whole(400_000),
    tokens_out: whole(4000),
    tokens_cache_read: whole(1000),
    tokens_cache_write: whole(100),
    tokens_reasoning: whole(500),
    reasoning_separate: random() < 0.5,
    latency_ms: random() < 0.2 ? null : whole(60_000),
    tokens_source: pick(['provider', 'tokenizer', 'estimate', '']),
    service_tier: pick(['', 'batch']),
    tags: random() < 0.2 ? { app: `app${whole(5)}`, 'naïve "key"': "it's" } : {},
    factor_set: '2026.1',
    factor_id: pick(MODELS),
    factor_match: 'exact',
    grid_id: pick(['us', 'de']),
    grid_match: 'exact',
    quality: pick(QUALITIES),
    kwh,
    kwh_low: Math.floor(kwh / 2),
    kwh_high: kwh * 2,
    water_l: water,
    water_l_low: Math.floor(water / 3),
    water_l_high: water * 3,
    water_l_onsite: Math.floor(water / 4),
    co2_kg: co2,
    co2_kg_low: Math.floor(co2 / 3),
    co2_kg_high: co2 * 3,
    co2_kg_use: Math.floor(co2 / 2),
    watermark_at: Math.floor(options.aroundMs / 1000),
    log_generation: 7,
    log_partition: 0,
    log_offset: offset,
    log_index: 0,
    content_hash: whole(2 ** 32),
  }
}
