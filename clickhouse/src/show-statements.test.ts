import { describe, expect, test } from 'vitest'
import { showStatement } from './show-statements.ts'

const show = (text: string): string | null => showStatement(text, 'ecomind_analyst')

describe('showStatement', () => {
  test.each(['SELECT 1', 'DROP TABLE x', 'SHOWS', 'EXISTS TABLE usage_1d'])('%s is none of its matter', (text) => {
    expect(show(text)).toBeNull()
  })

  test.each([
    ['SHOW DATABASES', 'SELECT name FROM ecomind_analyst.catalog_databases'],
    ['SHOW TABLES', 'SELECT name FROM ecomind_analyst.catalog_tables ORDER BY name'],
    [
      "SHOW TABLES FROM ecomind ILIKE 'usage%'",
      "SELECT name FROM ecomind_analyst.catalog_tables WHERE name ILIKE 'usage%' ORDER BY name",
    ],
    ['DESCRIBE TABLE ecomind.usage_1d', 'DESCRIBE TABLE ecomind_analyst.usage_1d'],
  ])('%s asks our own catalogue', (text, wanted) => {
    expect(show(text)).toBe(wanted)
  })

  test.each([
    'SHOW TABLES FROM system',
    "SHOW TABLES LIKE '\\'' LIMIT 1",
    "SHOW TABLES LIKE 'a' OR 1",
    'SHOW CREATE TABLE watermarks',
    'SHOW CREATE VIEW usage_1d',
    'SHOW COLUMNS FROM watermarks',
    'SHOW COLUMNS FROM usage_1d FROM system',
    'DESCRIBE TABLE ecomind.watermarks',
    "DESCRIBE TABLE file('x')",
    'DESCRIBE TABLE usage_1d SETTINGS x = 1',
    'SHOW PROCESSLIST',
  ])('%s is refused', (text) => {
    expect(() => show(text)).toThrow('only DATABASES')
  })
})
