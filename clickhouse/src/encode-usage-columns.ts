/**
 * Columns of `usage_events` as one Native block, for chosen rows and without an object for any of them: byte for byte
 * what `encodeUsageRows` makes of the same rows (stream-jobs/src/load-columns.test.ts).
 */
import type { BlockBuffer } from './block-buffer.ts'
import { USAGE_COLUMN_NAMES, type UsageColumn, type UsageColumns, usageColumn } from './usage-columns.ts'

/** Values written in one go: some 5 ms. */
const VALUES_AT_ONCE = 400_000

/**
 * @param rows row numbers in the columns, in the order of the block
 * @param breathe lets other work run; called between columns of large blocks
 * @returns a view of `buffer`, valid until it is used again
 */
export async function encodeUsageColumns(
  columns: UsageColumns,
  rows: Uint32Array,
  buffer: BlockBuffer,
  breathe: () => Promise<unknown>,
): Promise<Uint8Array> {
  buffer.begin(USAGE_COLUMN_NAMES.length, rows.length)
  let written = 0
  for (const name of USAGE_COLUMN_NAMES) {
    const column = usageColumn(columns, name)
    buffer.head(name, column.type)
    writeColumn(buffer, column, rows)
    written += rows.length
    if (written < VALUES_AT_ONCE) continue
    written = 0
    await breathe()
  }
  return buffer.toBytes()
}

function writeColumn(buffer: BlockBuffer, { type, column }: UsageColumn, rows: Uint32Array): void {
  switch (type) {
    case 'LowCardinality(String)':
      buffer.lowCardinality(column, rows)
      break
    case 'String':
      if ('names' in column) buffer.namesAsTexts(column, rows)
      else buffer.texts(column, rows)
      break
    case 'Bool':
      buffer.uints(1, column, rows)
      break
    case 'UInt16':
      buffer.uints(2, column, rows)
      break
    case 'UInt32':
    case "DateTime('UTC')":
      buffer.uints(4, column, rows)
      break
    case 'Nullable(UInt32)':
      buffer.nullableUint32s(column, rows)
      break
    case 'UInt64':
    case "DateTime64(3, 'UTC')":
      buffer.int64s(column, rows)
      break
    case 'Map(String, String)':
      buffer.pairs(column, rows)
      break
  }
}
