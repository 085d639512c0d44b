/**
 * How a rollup row is made from raw events, said once for the check and the rebuild. The views of migrations/0005 say the
 * same; rebuild-rollups.integration.test.ts proves that both give equal rows.
 */
import { FOOTPRINT_COLUMNS } from './footprint-columns.ts'

export const ROLLUPS = ['usage_1m', 'usage_15m', 'usage_1h', 'usage_1d'] as const
export type Rollup = (typeof ROLLUPS)[number]

const WINDOW_OF: Readonly<Record<Rollup, string>> = {
  usage_1m: 'toStartOfMinute',
  usage_15m: 'toStartOfFifteenMinutes',
  usage_1h: 'toStartOfHour',
  usage_1d: 'toStartOfDay',
}

export const ROLLUP_KEYS = [
  'org_id',
  'user_id',
  'team_id',
  'project_id',
  'source',
  'provider',
  'model',
  'region',
  'factor_set',
  'factor_id',
  'grid_id',
] as const

/**
 * Name of a summed column and its sum over raw events (`e`). Counts are signed, since rows of a recomputation may take
 * back what earlier generations counted.
 */
export const ROLLUP_SUMS: readonly (readonly [name: string, fromRaw: string])[] = [
  ['calls', 'toInt64(count())'],
  ['calls_measured', "toInt64(countIf(e.quality = 'measured'))"],
  ['calls_unknown', "toInt64(countIf(e.quality = 'unknown'))"],
  ['calls_region_inferred', 'toInt64(countIf(e.region_inferred))'],
  ['tokens_in', 'toInt64(sum(e.tokens_in))'],
  // 200,000 is QUADRATIC_TOKENS_MAX of the footprint package.
  ['tokens_in_squared', 'toInt64(sum(toUInt64(least(e.tokens_in, 200000)) * least(e.tokens_in, 200000)))'],
  ['tokens_out', 'toInt64(sum(e.tokens_out))'],
  ['tokens_cache_read', 'toInt64(sum(e.tokens_cache_read))'],
  ['tokens_cache_write', 'toInt64(sum(e.tokens_cache_write))'],
  ['tokens_reasoning', 'toInt64(sum(e.tokens_reasoning))'],
  ['tokens_reasoning_separate', 'toInt64(sumIf(e.tokens_reasoning, e.reasoning_separate))'],
  // The rule of activityOfCall of the footprint package.
  [
    'tokens_out_reasoning_hidden',
    "toInt64(sumIf(e.tokens_out, e.tokens_source IN ('tokenizer', 'estimate') AND e.tokens_reasoning = 0))",
  ],
  ...FOOTPRINT_COLUMNS.map(([name]) => [name, `sum(e.${name})`] as const),
]

/** The window that a time lies in. */
export function windowExpression(rollup: Rollup, time: string): string {
  return `${WINDOW_OF[rollup]}(${time}, 'UTC')`
}

/** The window of a raw event. */
export const windowOf = (rollup: Rollup): string => windowExpression(rollup, 'e.ts')

/** Column list and SELECT that make the rows of a rollup from raw events matching `where` (alias `e`). */
export function rollupFromRaw(rollup: Rollup, where: string): { readonly columns: string; readonly select: string } {
  const columns = ['window_start', ...ROLLUP_KEYS, ...ROLLUP_SUMS.map(([name]) => name), 'watermark_at']
  const parts = [
    windowOf(rollup),
    ...ROLLUP_KEYS.map((key) => `e.${key}`),
    ...ROLLUP_SUMS.map(([, sum]) => sum),
    'max(e.watermark_at)',
  ]
  const groups = [windowOf(rollup), ...ROLLUP_KEYS.map((key) => `e.${key}`)]
  const select = `SELECT ${parts.join(', ')} FROM ecomind.usage_events AS e WHERE ${where} GROUP BY ${groups.join(', ')}`
  return { columns: columns.join(', '), select }
}
