/**
 * Rows of `usage_events` as one Native block. Names, order and types are those of migrations/0001 and 0007. The plain form
 * of the encoder: the loader's columns are held against it.
 */
import { storedNumbers } from './footprint-columns.ts'
import { NativeBlock } from './native-block.ts'
import type { UsageRow } from './usage-row.ts'

type TextField = {
  [K in keyof UsageRow]-?: UsageRow[K] extends string ? K : never
}[keyof UsageRow]

/** @returns one block; an empty list gives a block without rows, which nobody should insert */
export function encodeUsageRows(rows: readonly UsageRow[]): Uint8Array {
  const at = (i: number): UsageRow => {
    const row = rows[i]
    if (row === undefined) throw new RangeError(`encode usage rows: no row ${i} of ${rows.length}`)
    return row
  }
  const block = new NativeBlock(rows.length)
  const low = (name: TextField): NativeBlock => block.lowCardinality(name, (i) => at(i)[name])
  low('org_id')
  block.string('event_id', (i) => at(i).event_id).string('user_id', (i) => at(i).user_id)
  for (const name of ['team_id', 'project_id', 'source', 'provider', 'model', 'region'] as const) low(name)
  block
    .bool('region_inferred', (i) => at(i).region_inferred)
    .dateTime64Ms('ts', (i) => at(i).ts)
    .dateTime64Ms('arrived_at', (i) => at(i).arrived_at)
    .uint32('tokens_in', (i) => at(i).tokens_in)
    .uint32('tokens_out', (i) => at(i).tokens_out)
    .uint32('tokens_cache_read', (i) => at(i).tokens_cache_read)
    .uint32('tokens_cache_write', (i) => at(i).tokens_cache_write)
    .uint32('tokens_reasoning', (i) => at(i).tokens_reasoning)
    .bool('reasoning_separate', (i) => at(i).reasoning_separate)
    .nullableUint32('latency_ms', (i) => at(i).latency_ms)
  low('tokens_source')
  low('service_tier')
  block.map('tags', (i) => at(i).tags)
  for (const name of ['factor_set', 'factor_id', 'factor_match', 'grid_id', 'grid_match', 'quality'] as const) low(name)
  return block
    .lowCardinalityBytes('coefficients', (i) => at(i).coefficients ?? storedNumbers({ ...at(i) }))
    .dateTime('watermark_at', (i) => at(i).watermark_at)
    .uint32('log_generation', (i) => at(i).log_generation)
    .uint16('log_partition', (i) => at(i).log_partition)
    .uint64('log_offset', (i) => at(i).log_offset)
    .uint32('log_index', (i) => at(i).log_index)
    .uint32('content_hash', (i) => at(i).content_hash)
    .toBytes()
}
