/** What needs no server: settings, secrets, clocks, folders, the report. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { dataDirFindings } from './check-data-dir.ts'
import { engineFinding, nodeFinding } from './check-node.ts'
import { secretsFindings } from './check-secrets.ts'
import { settingsFindings } from './check-settings.ts'
import { clockFinding } from './clock-skew.ts'
import { fault, ok, warning } from './finding.ts'
import { hideSecrets, secretsOf, shownUrl } from './hide-secrets.ts'
import { asText, makeReport } from './report.ts'
import { runChecks } from './run-checks.ts'

function temp(): string {
  const dir = mkdtempSync(join(tmpdir(), 'ecomind-doctor-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

describe('settingsFindings', () => {
  test('defaults are valid', () => {
    expect(settingsFindings({}, '/nowhere')).toMatchObject([{ status: 'ok' }])
  })

  test('every fault of every part is a finding, told once', () => {
    const findings = settingsFindings({ EDGE_PORT: 'x', ECOMIND_LOG_PARTITIONS: '0', ECOMIND_TZ: 'Mars' }, '/nowhere')
    const details = findings.map(({ detail }) => detail)
    for (const setting of ['EDGE_PORT', 'ECOMIND_LOG_PARTITIONS']) {
      expect(details.filter((text) => text.startsWith(setting))).toHaveLength(1)
    }
    expect(details).toContainEqual(expect.stringContaining('ECOMIND_TZ'))
    expect(findings.every(({ status }) => status === 'fault')).toBe(true)
  })

  test('a name that nobody reads is a warning with the likely one', () => {
    const [finding] = settingsFindings({ KAFKA_BROKER: 'a:1' }, '/nowhere')
    expect(finding).toMatchObject({ status: 'warning', mend: expect.stringContaining('KAFKA_BROKERS is meant?') })
  })
})

describe('secretsFindings', () => {
  const key = (bytes: Buffer) => `k1:${bytes.toString('base64')}`
  test.each([
    ['no secret is set', {}, 'ok'],
    ['a long password', { DATABASE_URL: 'postgres://eco:9f8a7d6c5b@db/eco' }, 'ok'],
    ['a known password', { DATABASE_URL: 'postgres://postgres:postgres@127.0.0.1/eco' }, 'warning'],
    [
      'the same in production',
      { ECOMIND_MODE: 'production', DATABASE_URL: 'postgres://postgres:postgres@h/eco' },
      'fault',
    ],
    ['a known password in the query', { REDIS_URL: 'redis://h:6379?password=redis' }, 'warning'],
    ['a known password of the second address', { REDIS_URL: 'redis://a:9f8a7d6c5b@h,redis://a:redis@i' }, 'warning'],
    ['an open server on this machine', { CLICKHOUSE_URL: 'http://127.0.0.1:8123' }, 'ok'],
    ['an open server elsewhere', { CLICKHOUSE_URL: 'http://db.example:8123' }, 'warning'],
    [
      'a key that is random',
      { ECOMIND_SECRET_KEYS: key(Buffer.from(Array.from({ length: 32 }, (_, i) => i * 7))) },
      'ok',
    ],
    ['a password of its own', { CLICKHOUSE_URL: 'http://db.example:8123', CLICKHOUSE_PASSWORD: '9f8a7d6c5b' }, 'ok'],
    ['a known password apart', { CLICKHOUSE_PASSWORD: 'clickhouse' }, 'warning'],
    ['a key of zeros', { ECOMIND_SECRET_KEYS: key(Buffer.alloc(32)) }, 'fault'],
    ['a short key', { ECOMIND_SECRET_KEYS: key(Buffer.alloc(16, 'abcdefghijklmnop')) }, 'fault'],
    ['a short owner password', { ECOMIND_INIT_OWNER_PASSWORD: 'short' }, 'fault'],
  ])('%s', (_name, env, status) => {
    expect(secretsFindings(env)[0]?.status).toBe(status)
  })
})

describe('hideSecrets', () => {
  const env = {
    DATABASE_URL: 'postgres://eco:p%40ss-word@db/eco',
    ECOMIND_SECRET_KEYS: 'k1:QUFBQUFB,k2:QkJCQkJC',
    ECOMIND_INIT_ADMIN_KEY: 'eco_a_123456',
  }
  test('blots out passwords as written and as meant, keys, and each key of a list', () => {
    const text = 'p%40ss-word p@ss-word QUFBQUFB QkJCQkJC eco_a_123456 eco db'
    expect(hideSecrets(text, secretsOf(env))).toBe('*** *** *** *** *** eco db')
  })

  test('blots out a password in a query and those of a list', () => {
    const lists = { REDIS_URL: 'redis://a:secret-1@h,redis://b:secret-2@i?password=secret%203' }
    expect(hideSecrets('secret-1 secret-2 secret 3', secretsOf(lists))).toBe('*** *** ***')
  })

  test('a report never holds one, wherever it came from', () => {
    const report = makeReport([fault('x', 'failed for p@ss-word', 'set p%40ss-word')], secretsOf(env))
    expect(JSON.stringify(report)).not.toMatch(/ss-word/)
  })

  test('an address is shown without user, password and query', () => {
    expect(shownUrl('postgres://a:b@h:5432/db?password=c')).toBe('postgres://h:5432/db')
    expect(shownUrl('://')).toBe('(not an address)')
  })
})

describe('clockFinding', () => {
  const at = (theirsMs: number, resolutionMs?: number) =>
    clockFinding('X', {
      theirsMs,
      askedMs: 100_000,
      answeredMs: 100_400,
      ...(resolutionMs === undefined ? {} : { resolutionMs }),
    })
  test.each([
    [100_200, undefined, 'ok'],
    [99_400, 1000, 'ok'],
    [102_000, undefined, 'ok'],
    [103_000, undefined, 'warning'],
    [97_000, undefined, 'warning'],
    [200_000, undefined, 'fault'],
    [0, undefined, 'fault'],
  ])('%i ms, resolution %s: %s', (theirsMs, resolutionMs, status) => {
    expect(at(theirsMs, resolutionMs).status).toBe(status)
  })
})

describe('dataDirFindings', () => {
  test('a folder of ours is ok, one that others can read is a warning', async () => {
    const dir = temp()
    expect(await dataDirFindings(dir, 0)).toMatchObject([{ status: 'ok' }, { name: 'disk space' }])
    chmodSync(dir, 0o755)
    expect(await dataDirFindings(dir, 0)).toMatchObject([{ status: 'warning' }, { name: 'disk space' }])
  })

  test('a file in its place is a fault, a folder that is not made yet is not', async () => {
    const file = join(temp(), 'file')
    writeFileSync(file, '')
    expect(await dataDirFindings(file, 0)).toMatchObject([{ status: 'fault' }])
    expect(await dataDirFindings(join(temp(), 'a/b/c'), 0)).toMatchObject([{ status: 'ok' }, {}])
  })

  test('less room than the log may take is a warning', async () => {
    const [, space] = await dataDirFindings(temp(), Number.MAX_SAFE_INTEGER)
    expect(space?.status).not.toBe('ok')
  })

  // Root may write everywhere.
  if (process.getuid?.() !== 0) {
    test('a folder that can only be read is a fault', async () => {
      const dir = join(temp(), 'locked')
      mkdirSync(dir, { mode: 0o500 })
      expect(await dataDirFindings(dir, 0)).toMatchObject([{ status: 'fault' }])
    })
  }
})

describe('nodeFinding', () => {
  test.each([
    ['18.20.0', 'fault'],
    ['20.18.1', 'fault'],
    ['20.19.0', 'ok'],
    ['24.1.0', 'ok'],
  ])('Node %s: %s', (version, status) => {
    expect(nodeFinding(version).status).toBe(status)
  })

  test('the JavaScript engine is fine when it was asked for', () => {
    expect(engineFinding({ EDGE_HTTP_ENGINE: 'javascript' })).toMatchObject({ status: 'ok', detail: 'javascript' })
  })
})

describe('runChecks', () => {
  test('keeps the order; a check that throws or hangs is a fault, and the others stand', async () => {
    const findings = await runChecks(
      [
        { name: 'hangs', run: () => new Promise(() => undefined) },
        { name: 'throws', run: () => Promise.reject(new Error('fetch failed', { cause: new Error('refused') })) },
        { name: 'well', run: async () => [ok('well', 'yes')] },
      ],
      50,
    )
    expect(findings).toMatchObject([
      { name: 'hangs', status: 'fault', detail: expect.stringContaining('no answer') },
      { name: 'throws', status: 'fault', detail: 'refused' },
      { name: 'well', status: 'ok' },
    ])
  })
})

describe('asText', () => {
  test('is one line a finding, whatever stands in it', () => {
    const report = makeReport([ok('a', 'b'), warning('c', 'd\ne', 'f'), fault('g', 'h', 'i')], [])
    expect(report.status).toBe('fault')
    expect(asText(report)).toBe(
      ['ok       a: b', 'warning  c: d e -> f', 'fault    g: h -> i', '', '1 ok, 1 warnings, 1 faults'].join('\n'),
    )
  })
})
