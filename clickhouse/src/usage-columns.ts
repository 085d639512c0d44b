/**
 * The columns of `usage_events` that the loader fills: names, order and types of the migrations. The one list: both
 * encoders (encode-usage-rows.ts, encode-usage-columns.ts) follow it, so a line added or taken out here is all they need.
 */
import type { FootprintColumn } from './footprint-columns.ts'
import type { UsageRow } from './usage-row.ts'

export const USAGE_COLUMNS = {
  org_id: 'LowCardinality(String)',
  event_id: 'String',
  user_id: 'String',
  team_id: 'LowCardinality(String)',
  project_id: 'LowCardinality(String)',
  source: 'LowCardinality(String)',
  provider: 'LowCardinality(String)',
  model: 'LowCardinality(String)',
  region: 'LowCardinality(String)',
  region_inferred: 'Bool',
  ts: "DateTime64(3, 'UTC')",
  arrived_at: "DateTime64(3, 'UTC')",
  tokens_in: 'UInt32',
  tokens_out: 'UInt32',
  tokens_cache_read: 'UInt32',
  tokens_cache_write: 'UInt32',
  tokens_reasoning: 'UInt32',
  reasoning_separate: 'Bool',
  latency_ms: 'Nullable(UInt32)',
  tokens_source: 'LowCardinality(String)',
  service_tier: 'LowCardinality(String)',
  tags: 'Map(String, String)',
  factor_set: 'LowCardinality(String)',
  factor_id: 'LowCardinality(String)',
  factor_match: 'LowCardinality(String)',
  grid_id: 'LowCardinality(String)',
  grid_match: 'LowCardinality(String)',
  quality: 'LowCardinality(String)',
  coefficients: 'LowCardinality(String)',
  watermark_at: "DateTime('UTC')",
  log_generation: 'UInt32',
  log_partition: 'UInt16',
  log_offset: 'UInt64',
  log_index: 'UInt32',
  content_hash: 'UInt32',
} as const satisfies { readonly [K in keyof UsageRow]?: TypeFor<NonNullable<UsageRow[K]>> | TypeFor<UsageRow[K]> }

export type UsageColumnName = keyof typeof USAGE_COLUMNS

type NumberType = 'UInt16' | 'UInt32' | 'UInt64' | "DateTime('UTC')" | "DateTime64(3, 'UTC')"
type NativeType = NumberType | 'LowCardinality(String)' | 'String' | 'Bool' | 'Nullable(UInt32)' | 'Map(String, String)'

/** Types that a value of a row can be stored as. */
type TypeFor<V> = [V] extends [string | Uint8Array]
  ? 'LowCardinality(String)' | 'String'
  : [V] extends [boolean]
    ? 'Bool'
    : [V] extends [number]
      ? NumberType
      : [V] extends [number | null]
        ? 'Nullable(UInt32)'
        : 'Map(String, String)'

/** Values by number: number `id` stands from `starts[id]` to `starts[id + 1]`; number 0 is ''. */
export interface ValueDictionary {
  readonly bytes: Uint8Array
  readonly starts: Uint32Array
  readonly count: number
}

/** Of texts, in UTF-8. */
export interface NameDictionary extends ValueDictionary {
  text(id: number): string
}

export interface ValueColumn {
  readonly names: ValueDictionary
  readonly ids: Uint32Array
}

export interface NameColumn extends ValueColumn {
  readonly names: NameDictionary
}

/** UTF-8 texts as places in one array of bytes. */
export interface TextColumn {
  readonly bytes: Uint8Array
  readonly starts: Uint32Array
  readonly ends: Uint32Array
}

/** Pairs of row `r` are `counts[r]` from `firsts[r]` on; a pair is four places in `bytes`: key from, to, value from, to. */
export interface PairsColumn {
  readonly bytes: Uint8Array
  readonly firsts: Uint32Array
  readonly counts: Uint32Array
  readonly spans: Uint32Array
}

/** One value for all rows, or an array with one a row. NaN is null where the column can hold it. */
export type NumberColumn = number | Float64Array | Uint32Array | Uint8Array

type ColumnFor<T extends NativeType> = T extends 'LowCardinality(String)'
  ? NameColumn
  : T extends 'String'
    ? NameColumn | TextColumn
    : T extends 'Map(String, String)'
      ? PairsColumn
      : NumberColumn

/** Where the values of each column are; row numbers are those of the arrays. */
export type UsageColumns = {
  readonly [K in UsageColumnName]: K extends 'coefficients' ? ValueColumn : ColumnFor<(typeof USAGE_COLUMNS)[K]>
} & {
  /** Not stored: what the ALIAS columns compute from coefficients and activity, in integers of 1e-12. */
  readonly numbers: { readonly [K in FootprintColumn]: NumberColumn }
}

/** Name, type and values of every column, in order. */
export type UsageColumn = {
  [T in NativeType]: { readonly name: UsageColumnName; readonly type: T; readonly column: ColumnFor<T> }
}[NativeType]

export const USAGE_COLUMN_NAMES = Object.keys(USAGE_COLUMNS) as readonly UsageColumnName[]

export function usageColumn(columns: UsageColumns, name: UsageColumnName): UsageColumn {
  // The mapped types above say that they belong together.
  return { name, type: USAGE_COLUMNS[name], column: columns[name] } as UsageColumn
}
