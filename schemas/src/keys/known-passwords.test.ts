import { describe, expect, it } from 'vitest'
import { isKnownPassword, knownPasswordFaults } from './known-passwords.ts'

const ADDRESS = 'postgres://ecomind:%s@db:5432/ecomind'
const production = (password: string) => ({ ECOMIND_MODE: 'production', DATABASE_URL: ADDRESS.replace('%s', password) })

describe('passwords that everybody knows', () => {
  it.each([
    'postgres',
    'PASSWORD',
    'Password123',
    'admin1',
    'demo-postgres-change-me',
    'change%6De',
    'changeit',
    '12345678',
  ])('are refused in production, and not repeated: %s', (password) => {
    const faults = knownPasswordFaults(production(password))
    expect(faults).toEqual([
      'DATABASE_URL: its password is one that everybody knows; production wants a long random one',
    ])
  })
  it('are named for each setting that has one', () => {
    const env = {
      ECOMIND_MODE: 'production',
      CLICKHOUSE_URL: 'http://default:clickhouse@db:8123',
      CLICKHOUSE_PASSWORD: 'test',
      KAFKA_SASL_PASSWORD: 'admin',
      REDIS_URL: 'redis://:redis@cache:6379',
    }
    expect(knownPasswordFaults(env).map((line) => line.split(':')[0])).toEqual([
      'CLICKHOUSE_URL',
      'REDIS_URL',
      'CLICKHOUSE_PASSWORD',
      'KAFKA_SASL_PASSWORD',
    ])
  })
  it('do not matter in local mode', () => {
    expect(knownPasswordFaults({ DATABASE_URL: ADDRESS.replace('%s', 'postgres') })).toEqual([])
  })
  it('are none of these: random, absent, with a broken escape, or an address that is none', () => {
    for (const password of ['V7uC2yq3mSxwA1', '', '%E0%A4%A'])
      expect(knownPasswordFaults(production(password))).toEqual([])
    expect(knownPasswordFaults({ ECOMIND_MODE: 'production', DATABASE_URL: 'postgres' })).toEqual([])
    for (const password of ['postgres-but-longer', 'k8-changeMeter-9f8a7b6c5d', 'Testament-of-9'])
      expect(isKnownPassword(password), password).toBe(false)
  })
  it('are found in the query of an address, and in a list of addresses', () => {
    for (const DATABASE_URL of ['postgres://u@h/db?password=postgres', 'http://a:V7uC2yq3m@r1,http://a:secret@r2'])
      expect(knownPasswordFaults({ ECOMIND_MODE: 'production', DATABASE_URL })).toHaveLength(1)
  })
})
