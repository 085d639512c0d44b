/**
 * Minutes of a batch as one Native block for `usage_minutes`, without an object for any of them: byte for byte what
 * `encodeMinuteRows` makes of the same events (load-columns.test.ts of stream-jobs).
 */
import type { BlockBuffer } from './block-buffer.ts'
import { MINUTE_STRIDE, type MinuteColumns, PLAIN_COUNTS, WIDE_SUMS } from './minute-layout.ts'
import { ROLLUP_KEYS, ROLLUP_SUMS } from './rollup-columns.ts'
import type { NameColumn, TextColumn, UsageColumns } from './usage-columns.ts'

/** @returns a view of `buffer`, valid until it is used again */
export function encodeMinuteColumns(columns: UsageColumns, minutes: MinuteColumns, buffer: BlockBuffer): Uint8Array {
  const { count } = minutes
  const groups = Uint32Array.from({ length: count }, (_, group) => group)
  const firstRows = minutes.firstRows.subarray(0, count)
  buffer.begin(ROLLUP_KEYS.length + ROLLUP_SUMS.length + 2, count)
  buffer.head('window_start', "DateTime('UTC')")
  buffer.uints(4, minutes.windowStarts, groups)
  for (const key of ROLLUP_KEYS) writeKey(buffer, key, columns[key], firstRows)
  for (const [name] of ROLLUP_SUMS) writeSum(buffer, name, minutes)
  buffer.head('watermark_at', "DateTime('UTC')")
  buffer.uints(4, columns.watermark_at, firstRows)
  return buffer.toBytes()
}

function writeKey(buffer: BlockBuffer, name: string, column: NameColumn | TextColumn, firstRows: Uint32Array): void {
  if ('ends' in column) {
    buffer.head(name, 'String')
    buffer.texts(column, firstRows)
    return
  }
  buffer.head(name, 'LowCardinality(String)')
  buffer.lowCardinality(column, firstRows)
}

function writeSum(buffer: BlockBuffer, name: string, { sums, count }: MinuteColumns): void {
  const plain: number = (PLAIN_COUNTS as readonly string[]).indexOf(name)
  if (plain >= 0) {
    buffer.head(name, 'Int64')
    buffer.plainSums(sums, plain, MINUTE_STRIDE, count)
    return
  }
  const wide = WIDE_SUMS.indexOf(name)
  if (wide < 0) throw new RangeError(`encode minutes: there is no sum ${name}`)
  const isCount = wide === 0
  buffer.head(name, isCount ? 'Int64' : 'Decimal(38, 12)')
  buffer.wideSums(isCount ? 8 : 16, sums, PLAIN_COUNTS.length + 2 * wide, MINUTE_STRIDE, count)
}
