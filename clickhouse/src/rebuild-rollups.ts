/**
 * Makes the rollups of days that differ again from raw events. Per rollup and month: a staging table gets the other days
 * as they are, rows of recomputations too, and the days in question from raw; then REPLACE PARTITION puts it in place in
 * one step. Killed before that step, nothing has changed; killed after it, that rollup is right; running again does what
 * is left. Rows of days and people whose raw events are gone on purpose stay as they are: from raw they would be nothing.
 *
 * The loader must be between two commits (WhileLoadingPaused): replacing a partition forgets which tokens its parts came
 * from, so a batch that is redone afterwards would be counted twice in the rollup.
 */
import type { ClickHouse } from './clickhouse.ts'
import { compareRollups, type RollupDifference, type WhileLoadingPaused } from './compare-rollups.ts'
import { type Condition, daysWithRaw, type RawGone, readRawGone, usersWithRaw } from './raw-gone.ts'
import { type Rollup, rollupFromRaw } from './rollup-columns.ts'

export interface RebuildOptions {
  readonly fromDay?: string
  readonly toDay?: string
  readonly whileLoadingPaused: WhileLoadingPaused
}

export interface RebuildReport {
  /** What differed before. */
  readonly differences: readonly RollupDifference[]
  /** Rollups and months that were made again, e.g. `usage_1h 202611`. */
  readonly rebuilt: readonly string[]
  /** What still differs; anything here is a bug or a broken table. */
  readonly remaining: readonly RollupDifference[]
}

/** @throws ClickHouseError; whatever was replaced until then is right */
export async function rebuildRollups(ch: ClickHouse, options: RebuildOptions): Promise<RebuildReport> {
  const { whileLoadingPaused, ...range } = options
  if ((await compareRollups(ch, { ...range, whileLoadingPaused })).length === 0) {
    return { differences: [], rebuilt: [], remaining: [] }
  }
  return await whileLoadingPaused(async () => {
    const differences = await compareRollups(ch, range)
    const gone = await readRawGone(ch)
    const rebuilt: string[] = []
    for (const [key, days] of daysByPartition(differences)) {
      await rebuildPartition(ch, key, days, gone)
      rebuilt.push(`${key.rollup} ${key.month}`)
    }
    return { differences, rebuilt, remaining: await compareRollups(ch, range) }
  })
}

interface PartitionKey {
  readonly rollup: Rollup
  /** YYYYMM. */
  readonly month: string
}

function daysByPartition(
  differences: readonly RollupDifference[],
): readonly (readonly [PartitionKey, readonly string[]])[] {
  const groups = new Map<string, { key: PartitionKey; days: Set<string> }>()
  for (const { rollup, day } of differences) {
    const month = day.slice(0, 7).replace('-', '')
    const id = `${rollup} ${month}`
    const group = groups.get(id) ?? { key: { rollup, month }, days: new Set<string>() }
    group.days.add(day)
    groups.set(id, group)
  }
  return [...groups.values()].map(({ key, days }) => [key, [...days].sort()] as const)
}

async function rebuildPartition(
  ch: ClickHouse,
  { rollup, month }: PartitionKey,
  days: readonly string[],
  gone: RawGone,
): Promise<void> {
  const staging = `ecomind.${rollup}_rebuild`
  await ch.command({ text: `DROP TABLE IF EXISTS ${staging} SYNC` })
  await ch.command({ text: `CREATE TABLE ${staging} AS ecomind.${rollup}` })
  // Rows are what they are here; two equal blocks are two blocks.
  const settings = 'SETTINGS insert_deduplicate = 0, async_insert = 0, max_threads = 1, max_insert_threads = 1'
  const fromRaw = madeFromRaw(gone, 'e', "toDate(e.ts, 'UTC')", days)
  const { columns, select } = rollupFromRaw(rollup, fromRaw.text)
  const replaced = madeFromRaw(gone, 'r', "toDate(r.window_start, 'UTC')", days)
  await ch.command({
    text: `INSERT INTO ${staging} (${columns}, generation) SELECT ${columns}, generation FROM ecomind.${rollup} AS r
      WHERE toYYYYMM(r.window_start) = {month:UInt32} AND (r.generation != 0 OR NOT (${replaced.text})) ${settings}`,
    params: { month: Number(month), ...replaced.params },
  })
  await ch.command({ text: `INSERT INTO ${staging} (${columns}) ${select} ${settings}`, params: fromRaw.params })
  await ch.command({
    text: `ALTER TABLE ecomind.${rollup} REPLACE PARTITION ${month} FROM ${staging}
      SETTINGS allow_replace_partition_from_empty_source = 1`,
  })
  await ch.command({ text: `DROP TABLE ${staging} SYNC` })
}

/** Rows of the days that raw events can say anew. */
function madeFromRaw(gone: RawGone, alias: string, day: string, days: readonly string[]): Condition {
  const kept = daysWithRaw(gone, { orgId: `${alias}.org_id`, day }, days[0] ?? '')
  const users = usersWithRaw(gone, alias)
  return {
    text: `has({days:Array(Date)}, ${day})${kept.text}${users.text}`,
    params: { days, ...kept.params, ...users.params },
  }
}
