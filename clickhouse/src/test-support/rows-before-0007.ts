/** Rows of usage_events as they were inserted before migration 0007: eleven numbers and no coefficients. */
import { addUsageColumn } from '../encode-usage-rows.ts'
import { FOOTPRINT_COLUMNS } from '../footprint-columns.ts'
import { NativeBlock } from '../native-block.ts'
import { USAGE_COLUMN_NAMES } from '../usage-columns.ts'
import type { UsageRow } from '../usage-row.ts'

export function encodeRowsBefore0007(rows: readonly UsageRow[]): Uint8Array {
  const at = (i: number): UsageRow => rows[i] as UsageRow
  const block = new NativeBlock(rows.length)
  for (const name of USAGE_COLUMN_NAMES) {
    if (name !== 'coefficients') addUsageColumn(block, name, (i) => at(i)[name] as never)
    else for (const [number] of FOOTPRINT_COLUMNS) block.decimal18Scale12(number, (i) => at(i)[number])
  }
  return block.toBytes()
}
