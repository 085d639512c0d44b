import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scopeNames } from './scope-names.ts'

const scope = (text: string): string => scopeNames(text, 'ecomind_analyst')

describe('scopeNames', () => {
  test.each([
    ['SELECT * FROM ecomind.usage_1d', 'SELECT * FROM ecomind_analyst.usage_1d'],
    ['SELECT * FROM `ecomind`.`usage_1d` AS t', 'SELECT * FROM ecomind_analyst.usage_1d AS t'],
    ['SELECT ecomind.grids.id FROM ecomind.grids', 'SELECT ecomind_analyst.grids.id FROM ecomind_analyst.grids'],
    ['SELECT name FROM SYSTEM.Tables', 'SELECT name FROM ecomind_analyst.catalog_tables'],
    ['SELECT 1 FROM INFORMATION_SCHEMA.COLUMNS', 'SELECT 1 FROM ecomind_analyst.standard_columns'],
    ['SELECT currentDatabase() AS d, DATABASE()', "SELECT 'ecomind' AS d, 'ecomind'"],
  ])('%s', (text, wanted) => {
    expect(scope(text)).toBe(wanted)
  })

  test.each([
    'SELECT * FROM usage_1d',
    'SELECT * FROM ecomind.watermarks',
    "SELECT 'ecomind.usage_1d', 'system.tables' FROM usage_1d",
    'SELECT x AS `ecomind.usage_1d` FROM usage_1d',
    'SELECT sum(kwh) AS ecomind_total FROM usage_1d',
    'SELECT system.parts.name FROM system.parts',
  ])('leaves %s as it is', (text) => {
    expect(scope(text)).toBe(text)
  })

  test('the database of the views is not to be named', () => {
    for (const text of ['SELECT * FROM ecomind_analyst.usage_1d', 'SELECT * FROM `Ecomind_Analyst`.usage_1d'])
      expect(() => scope(text)).toThrow('not open')
  })

  test('a text in quotes is never changed', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z._ ]*$/), (text) => {
        expect(scope(`SELECT '${text}'`)).toBe(`SELECT '${text}'`)
      }),
    )
  })
})
