/**
 * The columns that analysts see, table by table. Left out on purpose: positions in the log and the loader's watermark
 * (they count and time what all organisations sent) and the stored form of coefficients (`kwh` and the others are made
 * from it). A column that is not here is not seen.
 */
import type { AnalystTable } from './analyst-tables.ts'
import { FOOTPRINT_COLUMNS } from './footprint-columns.ts'
import { ROLLUP_KEYS, ROLLUP_SUMS } from './rollup-columns.ts'

export interface VisibleColumn {
  readonly name: string
  /** Stored with a dictionary (LowCardinality), given out without. */
  readonly plainText: boolean
}

/** Texts that are stored with a dictionary in one table or another; a cast of a plain string costs nothing. */
const DICTIONARY_TEXTS = new Set([
  'org_id',
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
  'quality',
  'reason',
  'licence',
  'method_version',
])

const DERIVED = ['water_l_offsite', 'co2_kg_embodied'] as const

const EVENT = [
  'org_id',
  'event_id',
  'user_id',
  'team_id',
  'project_id',
  'source',
  'provider',
  'model',
  'region',
  'region_inferred',
  'ts',
  'arrived_at',
  'tokens_in',
  'tokens_out',
  'tokens_cache_read',
  'tokens_cache_write',
  'tokens_reasoning',
  'reasoning_separate',
  'latency_ms',
  'tokens_source',
  'service_tier',
  'tags',
  'factor_set',
  'factor_id',
  'factor_match',
  'grid_id',
  'grid_match',
  'quality',
  ...FOOTPRINT_COLUMNS.map(([name]) => name),
  ...DERIVED,
]
const ROLLUP = ['window_start', ...ROLLUP_KEYS, 'generation', ...ROLLUP_SUMS.map(([name]) => name), ...DERIVED]
const QUARANTINED = ['org_id', 'event_id', 'reason', 'detail', 'raw', 'schema_id', 'arrived_at']
const APPLIED = [
  'factor_set',
  'id',
  'record',
  'checksum',
  'source',
  'year',
  'licence',
  'method_version',
  'published_at',
]

export const VISIBLE_COLUMNS: Readonly<Record<AnalystTable, readonly VisibleColumn[]>> = {
  usage_events: columns(EVENT),
  usage_1m: columns(ROLLUP),
  usage_15m: columns(ROLLUP),
  usage_1h: columns(ROLLUP),
  usage_1d: columns(ROLLUP),
  quarantine: columns(QUARANTINED),
  factors: columns(APPLIED),
  grids: columns(APPLIED),
}

function columns(names: readonly string[]): readonly VisibleColumn[] {
  return names.map((name) => ({ name, plainText: DICTIONARY_TEXTS.has(name) }))
}
