import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { registrySettings, registryTarget } from './registry-settings.ts'

function read(env: Record<string, string>, topic: string | null = 'usage') {
  return registryTarget(z.object(registrySettings).parse(env), topic)
}

describe('registryTarget', () => {
  it('takes the credentials out of the address, which may be shown then', () => {
    const { registry, faults } = read({ SCHEMA_REGISTRY_URL: 'https://ann:p%40ss@registry:8081/apis/ccompat/v7/' })
    expect(faults).toEqual([])
    expect(registry).toMatchObject({
      url: 'https://registry:8081/apis/ccompat/v7',
      auth: { username: 'ann', password: 'p@ss' },
      subject: 'usage-value',
    })
  })

  it('takes them from settings of their own, and from a file', () => {
    const url = { SCHEMA_REGISTRY_URL: 'http://registry', SCHEMA_REGISTRY_USER: 'ann' }
    expect(read({ ...url, SCHEMA_REGISTRY_PASSWORD: 'word' }).registry?.auth).toEqual({
      username: 'ann',
      password: 'word',
    })
    const lost = read({ ...url, SCHEMA_REGISTRY_PASSWORD_FILE: '/nowhere/at/all' })
    expect(lost.faults).toEqual(['SCHEMA_REGISTRY_PASSWORD_FILE: ENOENT'])
  })

  it.each([
    [{ SCHEMA_REGISTRY_URL: 'http://a:b@r', SCHEMA_REGISTRY_USER: 'c', SCHEMA_REGISTRY_PASSWORD: 'd' }, /one of them/],
    [{ SCHEMA_REGISTRY_URL: 'http://r', SCHEMA_REGISTRY_USER: 'c' }, /both or neither/],
    [{ SCHEMA_REGISTRY_USER: 'c' }, /address is wanted/],
  ])('refuses %j', (env, message) => {
    expect(read(env as Record<string, string>).faults.join()).toMatch(message)
  })

  it('is for Kafka only, and absent by default', () => {
    expect(read({})).toEqual({ registry: null, faults: [] })
    expect(read({ SCHEMA_REGISTRY_URL: 'http://r' }, null).faults).toEqual([expect.stringContaining('KAFKA_BROKERS')])
  })
})
