import { describe, expect, it } from 'vitest'
import { LoaderConfigError, loaderSettings, readLoaderConfig } from './config.ts'

describe('readLoaderConfig', () => {
  it('has a default for everything', () => {
    const config = readLoaderConfig({})
    expect(config.loader).toMatchObject({ retentionDays: 35, batch: { eventsMax: 131_072 } })
    expect(config.fault).toBeNull()
  })

  it('tells all faults together', () => {
    const env = { ECOMIND_DEDUPE_DAYS: '34', ECOMIND_LOADER_POLL_MS: 'x', ECOMIND_FAULT_POINT: 'nowhere:1' }
    expect(() => readLoaderConfig(env)).toThrow(LoaderConfigError)
    try {
      readLoaderConfig(env)
    } catch (error) {
      expect((error as LoaderConfigError).faults).toHaveLength(3)
    }
  })

  it('leaves the fault points of the edge to the edge', () => {
    expect(readLoaderConfig({ ECOMIND_FAULT_POINT: 'edge-before-append:1' }).fault).toBeNull()
    expect(readLoaderConfig({ ECOMIND_FAULT_POINT: 'after-intent:3' }).fault).toEqual({
      name: 'after-intent',
      passage: 3,
    })
  })

  it('describes every key', () => {
    for (const [key, shape] of Object.entries(loaderSettings.shape)) expect(shape.description, key).toBeTruthy()
  })
})
