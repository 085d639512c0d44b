/** Rows of `usage_events` as one Native block: the plain way, for rows that are few and for tests. */
import { storedNumbers } from './footprint-columns.ts'
import { NativeBlock } from './native-block.ts'
import { USAGE_COLUMN_NAMES, USAGE_COLUMNS, type UsageColumnName } from './usage-columns.ts'
import type { UsageRow } from './usage-row.ts'

/** @returns one block; an empty list gives a block without rows, which nobody should insert */
export function encodeUsageRows(rows: readonly UsageRow[]): Uint8Array {
  const at = (i: number): UsageRow => {
    const row = rows[i]
    if (row === undefined) throw new RangeError(`encode usage rows: no row ${i} of ${rows.length}`)
    return row
  }
  const block = new NativeBlock(rows.length)
  for (const name of USAGE_COLUMN_NAMES) {
    if (name === 'coefficients') block.lowCardinalityBytes(name, (i) => at(i).coefficients ?? storedNumbers(at(i)))
    else addUsageColumn(block, name, (i) => at(i)[name] as never)
  }
  return block.toBytes()
}

/** `value` gives what the type of the column takes: USAGE_COLUMNS is checked against the types of UsageRow. */
export function addUsageColumn(block: NativeBlock, name: UsageColumnName, value: (row: number) => never): NativeBlock {
  switch (USAGE_COLUMNS[name]) {
    case 'LowCardinality(String)':
      return block.lowCardinality(name, value)
    case 'String':
      return block.string(name, value)
    case 'Bool':
      return block.bool(name, value)
    case 'UInt16':
      return block.uint16(name, value)
    case 'UInt32':
      return block.uint32(name, value)
    case 'UInt64':
      return block.uint64(name, value)
    case 'Nullable(UInt32)':
      return block.nullableUint32(name, value)
    case "DateTime('UTC')":
      return block.dateTime(name, value)
    case "DateTime64(3, 'UTC')":
      return block.dateTime64Ms(name, value)
    case 'Map(String, String)':
      return block.map(name, value)
  }
}
