/**
 * Compares raw events with every rollup, per UTC day and organisation, exactly: all sums, and two checksums that change
 * when a call or its energy stands under another key or window. Numbers are fixed-point, so equal means equal. Raw events
 * keep the numbers of their arrival, so rows of recomputations (generation above 0) have no part in it.
 */
import type { ClickHouse } from './clickhouse.ts'
import { ROLLUP_KEYS, ROLLUP_SUMS, ROLLUPS, type Rollup, windowOf } from './rollup-columns.ts'

export interface RollupDifference {
  readonly rollup: Rollup
  /** UTC day, YYYY-MM-DD. */
  readonly day: string
  readonly org_id: string
  /** What differs: sums as decimal text, `key_checksum` and `kwh_checksum` as integers. */
  readonly columns: readonly { readonly name: string; readonly raw: string; readonly rolled: string }[]
}

/**
 * Runs `work` while no insert is under way AND no batch is open, i.e. between two commits of the loader: a batch that is
 * redone later must not meet rollups that were changed meanwhile.
 */
export type WhileLoadingPaused = <T>(work: () => Promise<T>) => Promise<T>

export interface CompareOptions {
  /** First UTC day, YYYY-MM-DD; default: the oldest that raw events are kept for. */
  readonly fromDay?: string
  /** Last UTC day, inclusive; default: all there is. */
  readonly toDay?: string
  /**
   * Without it the loader must be idle. With it, days that seem to differ are looked at once more while it is paused: raw
   * rows become visible a moment before those of the views.
   */
  readonly whileLoadingPaused?: WhileLoadingPaused
}

/** Raw events of older days may be gone (migrations/0001), so rollups of those days are all there is. */
export const RAW_KEPT_DAYS = 1130
const CHECKSUMS = ['key_checksum', 'kwh_checksum'] as const

/** @returns an empty list when everything agrees. @throws ClickHouseError */
export async function compareRollups(
  ch: Pick<ClickHouse, 'query'>,
  options: CompareOptions = {},
): Promise<readonly RollupDifference[]> {
  const range = readRange(options)
  const seen = await compareAll(ch, range)
  if (seen.length === 0 || options.whileLoadingPaused === undefined) return seen
  const days = seen.map((difference) => difference.day).sort()
  const again = { from: days[0] ?? range.from, to: days.at(-1) ?? range.to }
  return await options.whileLoadingPaused(async () => await compareAll(ch, again))
}

interface DayRange {
  readonly from: string
  /** Inclusive. */
  readonly to: string
}

const DAY = /^\d{4}-\d{2}-\d{2}$/
const DAY_MS = 86_400_000
const LAST_DAY = '2105-12-31'

function readRange(options: CompareOptions): DayRange {
  const oldest = new Date(Date.now() - (RAW_KEPT_DAYS - 1) * DAY_MS).toISOString().slice(0, 10)
  const asked = options.fromDay ?? oldest
  const to = options.toDay ?? LAST_DAY
  for (const day of [asked, to]) {
    if (!DAY.test(day)) throw new RangeError(`compare rollups: ${JSON.stringify(day)} is not a day YYYY-MM-DD`)
  }
  return { from: [asked, oldest].sort().at(-1) ?? asked, to }
}

async function compareAll(ch: Pick<ClickHouse, 'query'>, range: DayRange): Promise<readonly RollupDifference[]> {
  const found: RollupDifference[] = []
  for (const rollup of ROLLUPS) found.push(...(await compareOne(ch, rollup, range)))
  return found
}

interface ComparedRow {
  readonly day: string
  readonly org_id: string
  readonly raw: readonly string[]
  readonly rolled: readonly string[]
}

async function compareOne(
  ch: Pick<ClickHouse, 'query'>,
  rollup: Rollup,
  range: DayRange,
): Promise<readonly RollupDifference[]> {
  const names = [...ROLLUP_SUMS.map(([name]) => name), ...CHECKSUMS]
  const side = (isRaw: 0 | 1): string => names.map((name) => `toString(sumIf(${name}, is_raw = ${isRaw}))`).join(', ')
  const rows = await ch.query<ComparedRow>({
    text: `SELECT toString(day) AS day, org_id, [${side(1)}] AS raw, [${side(0)}] AS rolled
      FROM (${rawSide(rollup)} UNION ALL ${rolledSide(rollup)})
      GROUP BY day, org_id HAVING raw != rolled ORDER BY day, org_id`,
    params: { from: range.from, to: range.to },
  })
  return rows.map((row) => ({
    rollup,
    day: row.day,
    org_id: row.org_id,
    columns: names.flatMap((name, i) => {
      const [raw = '', rolled = ''] = [row.raw[i], row.rolled[i]]
      return raw === rolled ? [] : [{ name, raw, rolled }]
    }),
  }))
}

function rawSide(rollup: Rollup): string {
  const hash = `sipHash64(${[windowOf(rollup), ...ROLLUP_KEYS.map((key) => `e.${key}`)].join(', ')})`
  const sums = ROLLUP_SUMS.map(([name, sum]) => `${sum} AS ${name}`).join(', ')
  return `SELECT toDate(e.ts, 'UTC') AS day, e.org_id AS org_id, 1 AS is_raw, ${sums},
      sum(${hash}) AS key_checksum, sum(${hash} * reinterpretAsUInt64(e.kwh)) AS kwh_checksum
    FROM ecomind.usage_events AS e
    WHERE toDate(e.ts, 'UTC') >= {from:Date} AND toDate(e.ts, 'UTC') <= {to:Date} GROUP BY day, org_id`
}

/** Sums wrap at 2^64 on both sides alike, so a checksum of a sum is the sum of the checksums. */
function rolledSide(rollup: Rollup): string {
  const hash = `sipHash64(${['r.window_start', ...ROLLUP_KEYS.map((key) => `r.${key}`)].join(', ')})`
  const sums = ROLLUP_SUMS.map(([name]) => `sum(r.${name}) AS ${name}`).join(', ')
  return `SELECT toDate(r.window_start, 'UTC') AS day, r.org_id AS org_id, 0 AS is_raw, ${sums},
      sum(${hash} * reinterpretAsUInt64(toInt64(r.calls))) AS key_checksum, sum(${hash} * reinterpretAsUInt64(r.kwh)) AS kwh_checksum
    FROM ecomind.${rollup} AS r
    WHERE r.generation = 0
      AND toDate(r.window_start, 'UTC') >= {from:Date} AND toDate(r.window_start, 'UTC') <= {to:Date} GROUP BY day, org_id`
}
