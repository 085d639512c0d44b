/**
 * Brings a dedupe index up to the committed offset from the truth in ClickHouse. A marker of this generation that is
 * merely behind is caught up by offset; everything else is read anew, over all generations, because a log that was
 * created anew forgets nothing that ClickHouse holds. Read in slices of bounded size, so memory stays bounded.
 */
import type { ClickHouse } from '@ecomind/clickhouse'
import { partitionOf } from '@ecomind/schemas'
import { arrivalDay, DAY_MS } from './arrival-day.ts'
import type { DedupeIndex } from './dedupe-index.ts'
import { allocateIds } from './id-columns.ts'

export interface RebuildTarget {
  readonly generation: number
  readonly partition: number
  readonly partitions: number
  /** Everything of this generation before this offset must be known. */
  readonly upTo: number
  readonly retentionDays: number
  readonly nowMs: number
}

export interface RebuildContext {
  readonly clickhouse: Pick<ClickHouse, 'query'>
  readonly onProgress: (done: number, total: number) => void
  readonly betweenSlices: () => void
}

/** What is needed of an index to fill it. */
export type FilledIndex = Pick<DedupeIndex, 'keyOf' | 'marker' | 'add' | 'clear'>

export type IndexCheck = 'ready' | 'behind' | 'unusable'

/** `aheadTo`: how far the index may be ahead: to the end of an open intent, whose own rows it may already hold. */
export function checkIndex(index: Pick<DedupeIndex, 'marker'>, target: RebuildTarget, aheadTo: number): IndexCheck {
  const marker = index.marker()
  if (marker === null || marker.generation !== target.generation) return 'unusable'
  if (marker.partitions !== target.partitions || marker.offset > aheadTo) return 'unusable'
  return marker.offset >= target.upTo ? 'ready' : 'behind'
}

const SLICE_ROWS = 100_000

interface CopyRow {
  readonly org_id: string
  readonly event_id: string
  readonly generation: number
  readonly partition: number
  readonly offset: string
  readonly index: number
  readonly hash: number
  readonly arrived: string
}

/** Of events that were erased nothing is left but that there was one. */
const COPIES = `(
  SELECT org_id, event_id, log_generation, log_partition, log_offset, log_index, content_hash, arrived_at FROM ecomind.usage_events
  UNION ALL
  SELECT org_id, event_id, log_generation, log_partition, log_offset, log_index, toUInt32(0) AS content_hash, arrived_at
  FROM ecomind.erased_events FINAL WHERE event_id != '')`

const COPY_COLUMNS = `org_id, event_id, log_generation AS generation, log_partition AS partition, log_offset AS offset,
  log_index AS index, content_hash AS hash, toUnixTimestamp64Milli(arrived_at) AS arrived`

/** Reads the rows from the marker's offset on. Returns how many there were. */
export async function catchUpIndex(
  index: FilledIndex,
  target: RebuildTarget,
  context: RebuildContext,
): Promise<number> {
  const from = index.marker()?.offset ?? 0
  const where = `log_generation = {generation:UInt32} AND log_partition = {partition:UInt16}
    AND log_offset >= {from:UInt64} AND log_offset < {upTo:UInt64}`
  const { generation, partition, upTo } = target
  return await fill(index, target, context, where, { generation, partition, from, upTo })
}

/** Forgets everything and reads all rows that can still make a copy a duplicate. Returns how many there were. */
export async function rebuildIndex(
  index: FilledIndex,
  target: RebuildTarget,
  context: RebuildContext,
): Promise<number> {
  await index.clear()
  const [newest] = await context.clickhouse.query<{ ms: string }>({
    text: 'SELECT toUnixTimestamp64Milli(max(arrived_at)) AS ms FROM ecomind.usage_events',
  })
  // An arrival in the future, from an edge with a wrong clock, must not make the rest look old.
  const newestMs = Math.min(Number(newest?.ms ?? 0), target.nowMs)
  const sinceMs = Math.max(0, (arrivalDay(newestMs) - target.retentionDays - 1) * DAY_MS)
  const where = `arrived_at >= fromUnixTimestamp64Milli({sinceMs:Int64}, 'UTC')
    AND (log_generation != {generation:UInt32} OR (log_partition = {partition:UInt16} AND log_offset < {upTo:UInt64}))`
  const { generation, partition, upTo } = target
  return await fill(index, target, context, where, { generation, partition, upTo, sinceMs })
}

async function fill(
  index: FilledIndex,
  target: RebuildTarget,
  context: RebuildContext,
  where: string,
  params: Readonly<Record<string, number>>,
): Promise<number> {
  const counted = await context.clickhouse.query<{ hour: string; rows: string }>({
    text: `SELECT toUnixTimestamp(toStartOfHour(arrived_at, 'UTC')) AS hour, count() AS rows
      FROM ${COPIES} WHERE ${where} GROUP BY hour ORDER BY hour`,
    params,
  })
  const total = counted.reduce((sum, hour) => sum + Number(hour.rows), 0)
  let done = 0
  let kept = 0
  for (const { hour, rows } of counted) {
    const slices = Math.max(1, Math.ceil(Number(rows) / SLICE_ROWS))
    for (let slice = 0; slice < slices; slice++) {
      const answer = await context.clickhouse.query<CopyRow>({
        text: `SELECT ${COPY_COLUMNS} FROM ${COPIES}
          WHERE ${where} AND arrived_at >= toDateTime64({hour:UInt32}, 3, 'UTC') AND arrived_at < toDateTime64({hour:UInt32} + 3600, 3, 'UTC')
          AND cityHash64(event_id) % {slices:UInt32} = {slice:UInt32}`,
        params: { ...params, hour: Number(hour), slices, slice },
      })
      const own = answer.filter((row) => isOfPartition(row, target))
      await addRows(own, index)
      done += answer.length
      kept += own.length
      context.onProgress(done, total)
      context.betweenSlices()
    }
  }
  const { generation, partitions, upTo } = target
  await index.add(allocateIds(0), new Uint32Array(0), generation, { generation, partitions, offset: upTo })
  return kept
}

/** Ids of an earlier generation may have stood in another partition; each goes where it would go now. */
function isOfPartition(row: CopyRow, target: RebuildTarget): boolean {
  const partition =
    row.generation === target.generation ? row.partition : partitionOf(row.org_id, row.event_id, target.partitions)
  return partition === target.partition
}

async function addRows(rows: readonly CopyRow[], index: FilledIndex): Promise<void> {
  const ids = allocateIds(rows.length)
  const generations = new Map<number, number[]>()
  for (const [i, row] of rows.entries()) {
    index.keyOf.writeText(row.org_id, row.event_id, ids.keys, i)
    ids.offsets[i] = Number(row.offset)
    ids.indexes[i] = row.index
    ids.contentHashes[i] = row.hash
    ids.arrivalDays[i] = arrivalDay(Number(row.arrived))
    const own = generations.get(row.generation)
    if (own === undefined) generations.set(row.generation, [i])
    else own.push(i)
  }
  for (const [generation, own] of generations) await index.add(ids, Uint32Array.from(own), generation, null)
}
