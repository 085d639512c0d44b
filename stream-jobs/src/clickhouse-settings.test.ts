import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LoaderConfigError, readLoaderConfig } from './config.ts'

const SECRET = 'p4ss:w@rd'
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clickhouse-settings-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const file = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const faultsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readLoaderConfig(env)
    return []
  } catch (error) {
    if (error instanceof LoaderConfigError) return error.faults
    throw error
  }
}

describe('the settings of a ClickHouse server', () => {
  test('unset mean the engine in process', () => {
    expect(readLoaderConfig({}).server).toBeNull()
    expect(readLoaderConfig({ CLICKHOUSE_CLUSTER: 'c' }).server).toBeNull()
  })

  test('name a server with its log-in, certificates, cluster and times', () => {
    const env = {
      CLICKHOUSE_URL: 'https://db:8443/clickhouse',
      CLICKHOUSE_USER: 'ecomind',
      CLICKHOUSE_PASSWORD_FILE: file('password', `${SECRET}\n`),
      CLICKHOUSE_CA_FILE: file('ca.pem', 'ca'),
      CLICKHOUSE_CERT_FILE: file('cert.pem', 'cert'),
      CLICKHOUSE_KEY_FILE: file('key.pem', 'key'),
      CLICKHOUSE_CLUSTER: 'main',
      CLICKHOUSE_REQUEST_MS: '5000',
    }
    expect(readLoaderConfig(env).server).toEqual({
      kind: 'http',
      url: 'https://db:8443/clickhouse',
      username: 'ecomind',
      password: SECRET,
      compression: 'gzip',
      tls: { ca: Buffer.from('ca'), cert: Buffer.from('cert'), key: Buffer.from('key') },
      cluster: 'main',
      timeouts: { connectMs: 10_000, requestMs: 5_000, longMs: 21_600_000 },
    })
  })

  test.each([
    [{ CLICKHOUSE_URL: 'tcp://db:9000' }, 'CLICKHOUSE_URL: http://host:8123'],
    [{ CLICKHOUSE_URL: `http://u:${encodeURIComponent(SECRET)}@db:8123` }, 'CLICKHOUSE_URL: addresses get into logs'],
    [{ CLICKHOUSE_URL: 'http://db:8123/?readonly=1' }, 'CLICKHOUSE_URL: settings in the address'],
    [
      { CLICKHOUSE_PASSWORD: SECRET, CLICKHOUSE_PASSWORD_FILE: '/dev/null' },
      'CLICKHOUSE_PASSWORD: CLICKHOUSE_PASSWORD_FILE',
    ],
    [
      { CLICKHOUSE_PASSWORD_FILE: '/nowhere/at/all' },
      "CLICKHOUSE_PASSWORD_FILE: /nowhere/at/all can't be read: ENOENT",
    ],
    [{ CLICKHOUSE_CERT_FILE: '/dev/null' }, 'CLICKHOUSE_CERT_FILE: CLICKHOUSE_KEY_FILE belongs to it'],
    [{ CLICKHOUSE_CA_FILE: '/dev/null' }, 'CLICKHOUSE_URL: certificates are given, so https:// is wanted'],
    [{ CLICKHOUSE_CLUSTER: "a'b" }, 'CLICKHOUSE_CLUSTER: a name of letters'],
    [{ CLICKHOUSE_REQUEST_MS: '10' }, 'CLICKHOUSE_REQUEST_MS: a whole number from 1000'],
  ])('%j is a fault that names its setting and no secret', (env, words) => {
    const faults = faultsOf({ CLICKHOUSE_URL: 'http://db:8123', ...env })
    expect(faults.join('\n')).toContain(words)
    expect(faults.join('\n')).not.toContain(SECRET)
    expect(faults.join('\n')).not.toContain(encodeURIComponent(SECRET))
  })
})
