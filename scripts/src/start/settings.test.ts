import { describe, expect, test } from 'vitest'
import { readStartSettings } from './settings.ts'

describe('readStartSettings', () => {
  test('has a default for everything; an empty variable is one that is not set', () => {
    const expected = { dataDir: '/app/data', edgePort: 8080, apiPort: 8000, sqlPort: 8123, mode: 'local' }
    expect(readStartSettings({}, '/app')).toEqual(expected)
    expect(readStartSettings({ EDGE_PORT: '', ECOMIND_DATA_DIR: '', ECOMIND_MODE: '' }, '/app')).toEqual(expected)
  })

  test('tells every fault with its variable and what is wanted', () => {
    const env = { EDGE_PORT: 'abc', API_PORT: '0', SQL_PORT: '0x1F90', ECOMIND_MODE: 'prod' }
    expect(() => readStartSettings(env, '/app')).toThrow(
      [
        'read the settings: 4 fault(s)',
        '  ECOMIND_MODE: local or production is wanted',
        '  EDGE_PORT: a whole number from 1 to 65535 is wanted',
        '  API_PORT: a whole number from 1 to 65535 is wanted',
        '  SQL_PORT: a whole number from 1 to 65535 is wanted',
      ].join('\n'),
    )
  })

  test('two parts on one port are a fault', () => {
    expect(() => readStartSettings({ EDGE_PORT: '8000' }, '/app')).toThrow('must differ')
  })
})
