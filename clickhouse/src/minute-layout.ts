/** The sums of a minute as the loader keeps them: 64-bit floats, so many a group, plain ones first, then low and high halves. */
import { FOOTPRINT_COLUMNS } from './footprint-columns.ts'

/** Sums that stay below 2^53 in any batch: one float each. */
export const PLAIN_COUNTS = [
  'calls',
  'calls_measured',
  'calls_unknown',
  'calls_region_inferred',
  'tokens_in',
  'tokens_out',
  'tokens_cache_read',
  'tokens_cache_write',
  'tokens_reasoning',
  'tokens_reasoning_separate',
  'tokens_out_reasoning_hidden',
] as const

/** Sums in two floats: what is below 2^32 of each value, and how often 2^32 is in it. The first is Int64, the rest Decimal(38, 12). */
export const WIDE_SUMS: readonly string[] = ['tokens_in_squared', ...FOOTPRINT_COLUMNS.map(([name]) => name)]

/** Floats of one group. */
export const MINUTE_STRIDE = PLAIN_COUNTS.length + 2 * WIDE_SUMS.length

/** Groups of a batch's events by minute and names, in the order of their first events. */
export interface MinuteColumns {
  readonly count: number
  /** Row number of a group's first event, whose names are the group's. */
  readonly firstRows: Uint32Array
  /** Epoch seconds. */
  readonly windowStarts: Uint32Array
  readonly sums: Float64Array
}
