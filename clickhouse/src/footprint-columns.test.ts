import { describe, expect, test } from 'vitest'
import {
  FOOTPRINT_COLUMNS,
  type FootprintColumn,
  footprintColumnActions,
  footprintExpression,
  storedNumbers,
} from './footprint-columns.ts'
import { readMigrations } from './migrate.ts'
import { ROLLUP_SUMS } from './rollup-columns.ts'

describe('footprint columns', () => {
  test('the newest migration that names them has exactly this text', () => {
    const text = readMigrations().findLast((m) => m.text.includes('MODIFY COLUMN kwh Decimal(18, 12)'))?.text
    expect(text).toContain(footprintColumnActions())
  })

  test('are the sums of the rollups, in their order', () => {
    const names = FOOTPRINT_COLUMNS.map(([name]) => name)
    expect(ROLLUP_SUMS.slice(-names.length).map(([name]) => name)).toEqual(names)
  })

  test('an unknown column is refused', () => {
    expect(() => footprintExpression('kg')).toThrow('make a footprint column: there is no kg')
  })

  test('storedNumbers keeps eleven whole numbers, little-endian', () => {
    const row = Object.fromEntries(FOOTPRINT_COLUMNS.map(([name], i) => [name, 2 ** 53 - 1 - i]))
    const bytes = storedNumbers(row as Record<FootprintColumn, number>)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    expect(Array.from({ length: 11 }, (_, i) => view.getFloat64(i * 8, true))).toEqual(Object.values(row))
  })
})
