import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ConfigError, edgeSettings, readEdgeConfig } from './config.ts'

const faultsOf = (env: Record<string, string>) => {
  try {
    readEdgeConfig(env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

describe('readEdgeConfig', () => {
  it('has the defaults of the contract', () => {
    expect(readEdgeConfig({})).toMatchObject({
      mode: 'local',
      host: '127.0.0.1',
      port: 8080,
      bodyBytesMax: 1_048_576,
      eventsMax: 1000,
      tsAgeMsMax: 1096 * 86_400_000,
      tsAheadMsMax: 300_000,
      flushDelayMs: 2,
      kafka: null,
      faultPoint: null,
      corsOrigins: ['http://127.0.0.1:8000', 'http://localhost:8000'],
    })
  })

  it('names all faults together', () => {
    const faults = faultsOf({
      EDGE_PORT: '99999',
      EDGE_EVENTS_MAX: 'many',
      EDGE_CORS_ORIGINS: 'https://a.example/path',
    })
    expect(faults.map((fault) => fault.split(':')[0]).sort()).toEqual([
      'EDGE_CORS_ORIGINS',
      'EDGE_EVENTS_MAX',
      'EDGE_PORT',
    ])
  })

  it('wants room for more than one body in flight', () => {
    expect(faultsOf({ EDGE_IN_FLIGHT_BYTES_MAX: '2000000' })[0]).toMatch(/EDGE_IN_FLIGHT_BYTES_MAX/)
  })

  it('takes an empty setting as absent', () => {
    expect(readEdgeConfig({ EDGE_PORT: '', KAFKA_BROKERS: '' })).toMatchObject({ port: 8080, kafka: null })
  })

  it('arms its own fault points only', () => {
    expect(readEdgeConfig({ ECOMIND_FAULT_POINT: 'edge-after-append:3' }).faultPoint).toEqual({
      name: 'edge-after-append',
      nth: 3,
    })
    expect(readEdgeConfig({ ECOMIND_FAULT_POINT: 'after-intent:3' }).faultPoint).toBeNull()
    expect(faultsOf({ ECOMIND_FAULT_POINT: 'edge-nowhere:1' })).toHaveLength(1)
  })

  it('describes every setting', () => {
    for (const field of Object.values(edgeSettings.shape)) expect(field.description).toMatch(/\w/)
  })

  const SECRET_KEYS = `k1:${randomBytes(32).toString('base64')}`

  it('starts in production with secret keys only, on all addresses, and asks the API of this machine for keys', () => {
    const config = readEdgeConfig({ ECOMIND_MODE: 'production', ECOMIND_SECRET_KEYS: SECRET_KEYS, API_PORT: '8123' })
    expect(config).toMatchObject({ mode: 'production', host: '0.0.0.0' })
    expect(config.keys).toMatchObject({ controlUrl: 'http://127.0.0.1:8123', redisUrl: null, ring: { activeId: 'k1' } })
    const fallback = `k1:${Buffer.alloc(32, 1).toString('base64')}`
    expect(faultsOf({ ECOMIND_MODE: 'production' })).toEqual([expect.stringMatching(/^ECOMIND_SECRET_KEYS: /)])
    const faults = faultsOf({ ECOMIND_MODE: 'production', ECOMIND_SECRET_KEYS: fallback })
    expect(faults).toEqual([expect.stringMatching(/^ECOMIND_SECRET_KEYS: .*not a default/)])
    expect(faults.join()).not.toContain(fallback.slice(3))
  })

  it('stays on this machine in local mode, whatever else is set', () => {
    expect(readEdgeConfig({ ECOMIND_SECRET_KEYS: SECRET_KEYS })).toMatchObject({ host: '127.0.0.1', keys: null })
    expect(faultsOf({ EDGE_HOST: '0.0.0.0' })).toEqual([expect.stringMatching(/^EDGE_HOST: /)])
    const production = { ECOMIND_MODE: 'production', ECOMIND_SECRET_KEYS: SECRET_KEYS, EDGE_HOST: '10.0.0.5' }
    expect(readEdgeConfig(production).host).toBe('10.0.0.5')
  })
})
