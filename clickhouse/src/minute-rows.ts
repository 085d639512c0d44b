/**
 * What the loader counts per minute and key: the rows that feed usage_1m, and through it the coarser rollups. The plain
 * form, exact by BigInt: the loader's columns are held against it.
 */
import { FOOTPRINT_COLUMNS } from './footprint-columns.ts'
import { NativeBlock } from './native-block.ts'
import { ROLLUP_KEYS } from './rollup-columns.ts'
import type { UsageRow } from './usage-row.ts'

const MINUTE_MS = 60_000
/** Larger prompts count as this many tokens in the quadratic term: QUADRATIC_TOKENS_MAX of the footprint package. */
const QUADRATIC_TOKENS_MAX = 200_000

/** Counts of a minute, Int64, and what one event adds to each; the views of coarser rollups add them up. */
export const MINUTE_COUNTS: readonly (readonly [name: string, of: (row: UsageRow) => number])[] = [
  ['calls', () => 1],
  ['calls_measured', (row) => Number(row.quality === 'measured')],
  ['calls_unknown', (row) => Number(row.quality === 'unknown')],
  ['calls_region_inferred', (row) => Number(row.region_inferred)],
  ['tokens_in', (row) => row.tokens_in],
  ['tokens_in_squared', (row) => Math.min(row.tokens_in, QUADRATIC_TOKENS_MAX) ** 2],
  ['tokens_out', (row) => row.tokens_out],
  ['tokens_cache_read', (row) => row.tokens_cache_read],
  ['tokens_cache_write', (row) => row.tokens_cache_write],
  ['tokens_reasoning', (row) => row.tokens_reasoning],
  ['tokens_reasoning_separate', (row) => (row.reasoning_separate ? row.tokens_reasoning : 0)],
  ['tokens_out_reasoning_hidden', (row) => (isHidden(row) ? row.tokens_out : 0)],
]

const isHidden = (row: UsageRow): boolean =>
  (row.tokens_source === 'tokenizer' || row.tokens_source === 'estimate') && row.tokens_reasoning === 0

interface Minute {
  readonly windowStart: number
  readonly first: UsageRow
  readonly counts: bigint[]
  readonly numbers: bigint[]
  watermarkAt: number
}

/** One Native block for `usage_minutes`; minutes in the order of their first event. */
export function encodeMinuteRows(rows: readonly UsageRow[]): Uint8Array {
  const minutes = [...groupByMinute(rows).values()]
  const block = new NativeBlock(minutes.length)
  const at = (i: number): Minute => minutes[i] as Minute
  block.dateTime('window_start', (i) => at(i).windowStart)
  for (const key of ROLLUP_KEYS) {
    if (key === 'user_id') block.string(key, (i) => at(i).first[key])
    else block.lowCardinality(key, (i) => at(i).first[key])
  }
  MINUTE_COUNTS.forEach(([name], column) => {
    block.bigInt64(name, (i) => at(i).counts[column] as bigint)
  })
  FOOTPRINT_COLUMNS.forEach(([name], column) => {
    block.decimal38Scale12(name, (i) => at(i).numbers[column] as bigint)
  })
  return block.dateTime('watermark_at', (i) => at(i).watermarkAt).toBytes()
}

function groupByMinute(rows: readonly UsageRow[]): ReadonlyMap<string, Minute> {
  const minutes = new Map<string, Minute>()
  for (const row of rows) {
    const minute = Math.floor(row.ts / MINUTE_MS)
    const key = JSON.stringify([minute, ...ROLLUP_KEYS.map((name) => row[name])])
    const known = minutes.get(key) ?? emptyMinute(minute, row)
    minutes.set(key, known)
    MINUTE_COUNTS.forEach(([, of], i) => {
      known.counts[i] = (known.counts[i] as bigint) + BigInt(of(row))
    })
    FOOTPRINT_COLUMNS.forEach(([name], i) => {
      known.numbers[i] = (known.numbers[i] as bigint) + BigInt(row[name])
    })
    known.watermarkAt = Math.max(known.watermarkAt, row.watermark_at)
  }
  return minutes
}

const emptyMinute = (minute: number, first: UsageRow): Minute => ({
  windowStart: (minute * MINUTE_MS) / 1000,
  first,
  counts: MINUTE_COUNTS.map(() => 0n),
  numbers: FOOTPRINT_COLUMNS.map(() => 0n),
  watermarkAt: 0,
})
