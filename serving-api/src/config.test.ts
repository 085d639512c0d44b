import { describe, expect, test } from 'vitest'
import { ConfigError, readApiConfig } from './config.ts'

describe('readApiConfig', () => {
  test('needs nothing: local mode on 127.0.0.1:8000', () => {
    expect(readApiConfig({})).toMatchObject({
      mode: 'local',
      host: '127.0.0.1',
      port: 8000,
      tz: 'UTC',
      latenessMs: 600_000,
    })
  })
  test('an empty value is the default', () => {
    expect(readApiConfig({ API_PORT: '' }).port).toBe(8000)
  })
  test('tells every fault at once', () => {
    const env = { ECOMIND_MODE: 'staging', API_PORT: '65536', ECOMIND_TZ: 'Mars', ECOMIND_LATENESS_S: '-1' }
    expect(() => readApiConfig(env)).toThrow(ConfigError)
    try {
      readApiConfig(env)
    } catch (error) {
      expect((error as ConfigError).faults.map((f) => f.split(':')[0]).sort()).toEqual(Object.keys(env).sort())
    }
  })
})
