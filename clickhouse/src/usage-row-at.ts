/** One row of usage columns as an object: for the rare paths that look at single rows, and for tests. */
import { FOOTPRINT_COLUMNS } from './footprint-columns.ts'
import {
  type NumberColumn,
  USAGE_COLUMN_NAMES,
  type UsageColumn,
  type UsageColumns,
  usageColumn,
  type ValueColumn,
} from './usage-columns.ts'
import type { UsageRow } from './usage-row.ts'

export function usageRowAt(columns: UsageColumns, row: number): UsageRow {
  const entries = USAGE_COLUMN_NAMES.map((name) => [name, valueAt(usageColumn(columns, name), row)])
  const numbers = FOOTPRINT_COLUMNS.map(([name]) => [name, numberAt(columns.numbers[name], row)])
  // Every column of the list, with a value of its type.
  return Object.fromEntries([...entries, ...numbers]) as UsageRow
}

function valueAt({ name, type, column }: UsageColumn, row: number): UsageRow[keyof UsageRow] {
  switch (type) {
    case 'LowCardinality(String)':
      if (name === 'coefficients') return bytesAt(column, column.ids[row] ?? 0)
      return column.names.text(column.ids[row] ?? 0)
    case 'String':
      if ('names' in column) return column.names.text(column.ids[row] ?? 0)
      return textAt(column.bytes, column.starts[row], column.ends[row])
    case 'Map(String, String)':
      return Object.fromEntries(
        Array.from({ length: column.counts[row] ?? 0 }, (_, i) => {
          const at = ((column.firsts[row] ?? 0) + i) * 4
          const [keyStart, keyEnd, valueStart, valueEnd] = column.spans.subarray(at, at + 4)
          return [textAt(column.bytes, keyStart, keyEnd), textAt(column.bytes, valueStart, valueEnd)]
        }),
      )
    case 'Bool':
      return numberAt(column, row) === 1
    case 'Nullable(UInt32)': {
      const value = numberAt(column, row)
      return Number.isNaN(value) ? null : value
    }
    default:
      return numberAt(column, row)
  }
}

function bytesAt({ names }: ValueColumn, id: number): Uint8Array {
  return names.bytes.slice(names.starts[id], names.starts[id + 1])
}

export function numberAt(column: NumberColumn, row: number): number {
  return typeof column === 'number' ? column : (column[row] ?? Number.NaN)
}

function textAt(bytes: Uint8Array, start: number | undefined, end: number | undefined): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8', start, end)
}
