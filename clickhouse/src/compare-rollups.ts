/**
 * Compares raw events with every rollup, per UTC day and organisation, exactly: all sums, and two checksums that change
 * when a call or its energy stands under another key or window. Numbers are fixed-point, so equal means equal. Raw events
 * keep the numbers of their arrival, so rows of recomputations (generation above 0) have no part in it. Days and people
 * whose raw events are gone on purpose have none either (raw-gone.ts): their rollups are all there is.
 */
import type { ClickHouse } from './clickhouse.ts'
import { daysWithRaw, readRawGone, usersWithRaw } from './raw-gone.ts'
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

interface ComparedRow {
  readonly day: string
  readonly org_id: string
  /** Sums of the raw events, then for each rollup its own sums and both sides of its checksums. */
  readonly sums: readonly string[]
  readonly rolled: readonly (readonly string[])[]
  readonly checks: readonly (readonly string[])[]
}

const SUMS = ROLLUP_SUMS.map(([name]) => name)

/** Raw events are read once for all rollups: their numbers are computed, which is the dear part. */
async function compareAll(ch: Pick<ClickHouse, 'query'>, range: DayRange): Promise<readonly RollupDifference[]> {
  const all = (names: readonly string[], side: string): string =>
    names.map((name) => `toString(sumIf(${name}, side = '${side}'))`).join(', ')
  const rolled = ROLLUPS.map((rollup) => `[${all(SUMS, rollup)}]`).join(', ')
  const checks = ROLLUPS.map((r) => `[${all(checksumsOf(r), 'raw')}, ${all(checksumsOf(r), r)}]`).join(', ')
  const gone = await readRawGone(ch)
  const days = daysWithRaw(gone, { orgId: 'org_id', day: 'day' }, range.from)
  const users = usersWithRaw(gone, 'r')
  const sides = [rawSide(usersWithRaw(gone, 'e').text), ...ROLLUPS.map((rollup) => rolledSide(rollup, users.text))]
  const rows = await ch.query<ComparedRow>({
    text: `SELECT toString(day) AS day, org_id, [${all(SUMS, 'raw')}] AS sums, [${rolled}] AS rolled, [${checks}] AS checks
      FROM (SELECT * FROM (${sides.join(' UNION ALL ')}) WHERE 1${days.text})
      GROUP BY day, org_id
      HAVING arrayExists(r -> r != sums, rolled) OR arrayExists(c -> c[1] != c[3] OR c[2] != c[4], checks)
      ORDER BY day, org_id`,
    params: { from: range.from, to: range.to, ...days.params, ...users.params },
  })
  return ROLLUPS.flatMap((rollup, at) => rows.flatMap((row) => differenceOf(rollup, at, row)))
}

function differenceOf(rollup: Rollup, at: number, row: ComparedRow): readonly RollupDifference[] {
  const [rawKey = '', rawKwh = '', rolledKey = '', rolledKwh = ''] = row.checks[at] ?? []
  const names = [...SUMS, ...CHECKSUMS]
  const raw = [...row.sums, rawKey, rawKwh]
  const rolled = [...(row.rolled[at] ?? []), rolledKey, rolledKwh]
  const columns = names.flatMap((name, i) => {
    const pair = { name, raw: raw[i] ?? '', rolled: rolled[i] ?? '' }
    return pair.raw === pair.rolled ? [] : [pair]
  })
  return columns.length === 0 ? [] : [{ rollup, day: row.day, org_id: row.org_id, columns }]
}

const checksumsOf = (rollup: Rollup): readonly string[] => CHECKSUMS.map((name) => `${name}_${rollup}`)

/** @param users further conditions on the rows */
function rawSide(users: string): string {
  const sums = ROLLUP_SUMS.map(([name, sum]) => `${sum} AS ${name}`)
  const checks = ROLLUPS.flatMap((rollup) => {
    const hash = `sipHash64(${[windowOf(rollup), ...ROLLUP_KEYS.map((key) => `e.${key}`)].join(', ')})`
    const [key, kwh] = checksumsOf(rollup)
    return [`sum(${hash}) AS ${key}`, `sum(${hash} * reinterpretAsUInt64(e.kwh)) AS ${kwh}`]
  })
  return `SELECT toDate(e.ts, 'UTC') AS day, e.org_id AS org_id, 'raw' AS side, ${[...sums, ...checks].join(', ')}
    FROM ecomind.usage_events AS e
    WHERE toDate(e.ts, 'UTC') >= {from:Date} AND toDate(e.ts, 'UTC') <= {to:Date}${users} GROUP BY day, org_id`
}

/** Sums wrap at 2^64 on both sides alike, so a checksum of a sum is the sum of the checksums. */
function rolledSide(rollup: Rollup, users: string): string {
  const hash = `sipHash64(${['r.window_start', ...ROLLUP_KEYS.map((key) => `r.${key}`)].join(', ')})`
  const sums = SUMS.map((name) => `sum(r.${name}) AS ${name}`)
  const own = [`sum(${hash} * reinterpretAsUInt64(toInt64(r.calls)))`, `sum(${hash} * reinterpretAsUInt64(r.kwh))`]
  const checks = ROLLUPS.flatMap((other) =>
    checksumsOf(other).map((name, i) => `${other === rollup ? own[i] : 'toUInt64(0)'} AS ${name}`),
  )
  return `SELECT toDate(r.window_start, 'UTC') AS day, r.org_id AS org_id, '${rollup}' AS side, ${[...sums, ...checks].join(', ')}
    FROM ecomind.${rollup} AS r
    WHERE r.generation = 0
      AND toDate(r.window_start, 'UTC') >= {from:Date} AND toDate(r.window_start, 'UTC') <= {to:Date}${users} GROUP BY day, org_id`
}
