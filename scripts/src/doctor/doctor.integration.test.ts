/** Against the real stores: the embedded log, the engine behind a small HTTP front, PostgreSQL where one is given. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openLog } from '@ecomind/event-log'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { migratedClickHouse } from '../../../clickhouse/src/test-support/temp-clickhouse.ts'
import { openWriteFront, type WriteFront } from '../../../clickhouse/src/test-support/write-front.ts'
import { freePorts } from '../bench/free-ports.ts'
import { clickhouseFindings } from './check-clickhouse.ts'
import { databaseFindings } from './check-database.ts'
import { logFinding } from './check-log.ts'
import { closedPort, httpServer, tcpServer } from './testing/small-servers.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

function temp(): string {
  const dir = mkdtempSync(join(tmpdir(), 'ecomind-doctor-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

describe('logFinding', () => {
  test('is ok before the first start and beside an open log', async () => {
    const dir = join(temp(), 'log')
    const question = { dir, partitions: 3, maxBytes: 2 ** 30 }
    expect(await logFinding(question)).toMatchObject({ status: 'ok', detail: expect.stringContaining('first start') })
    const log = await openLog({ kind: 'embedded', dir, partitions: 3 })
    onTestFinished(() => log.close())
    await log.append(0, [{ value: Buffer.alloc(1000), arrivedAtMs: Date.now() }])
    expect(await logFinding(question)).toMatchObject({ status: 'ok', detail: expect.stringContaining('3 partitions') })
    expect(await logFinding({ ...question, maxBytes: 1000 })).toMatchObject({ status: 'warning' })
    await expect(logFinding({ ...question, partitions: 4 })).rejects.toThrow(/has 3 partitions, wanted 4/)
  })
})

describe('clickhouseFindings', () => {
  let world: Awaited<ReturnType<typeof migratedClickHouse>>
  let front: WriteFront
  beforeAll(async () => {
    world = await migratedClickHouse()
    front = await openWriteFront(world.temp.target)
  })
  afterAll(async () => {
    await front.close()
    await world.temp.remove()
  })
  const ask = (url: string, signIn = {}) => clickhouseFindings({ kind: 'http', url, ...signIn })

  test('a server that the loader made is ok in every respect', async () => {
    const findings = await ask(front.url)
    expect(findings.map(({ name, status }) => `${status} ${name}`)).toEqual([
      'ok ClickHouse',
      'ok clock of ClickHouse',
      'ok ClickHouse user',
      'ok migrations of ClickHouse',
      'ok tables of ClickHouse',
    ])
  })

  test('a table whose deduplication was switched off is a fault', async () => {
    const alter = (window: number) =>
      world.ch.command({
        text: `ALTER TABLE ecomind.usage_1h MODIFY SETTING non_replicated_deduplication_window = ${window}`,
      })
    await alter(0)
    onTestFinished(() => alter(10_000))
    expect(await ask(front.url)).toContainEqual(
      expect.objectContaining({ status: 'fault', name: 'table usage_1h', detail: expect.stringContaining('twice') }),
    )
  })

  test('migrations of a newer version are a fault, missing ones a warning', async () => {
    const add = 'INSERT INTO ecomind.schema_migrations'
    await world.ch.command({ text: `${add} SELECT 999, '0999_future.sql', 'x', now('UTC')` })
    onTestFinished(() =>
      world.ch.command({
        text: 'ALTER TABLE ecomind.schema_migrations DELETE WHERE number = 999 SETTINGS mutations_sync = 2',
      }),
    )
    expect(await ask(front.url)).toContainEqual(
      expect.objectContaining({ status: 'fault', detail: expect.stringContaining('0999_future.sql') }),
    )
  })

  test('an old server, one that refuses the password, nobody', async () => {
    const old = await httpServer((_path, body) => {
      if (body.includes('version()')) return { body: '{"version":"24.7.3.1"}\n' }
      return { body: body.includes('now64') ? `{"ms":"${Date.now()}"}\n` : '' }
    })
    expect(await ask(`http://127.0.0.1:${old}`, { compression: 'none' })).toContainEqual(
      expect.objectContaining({ name: 'ClickHouse', status: 'fault', detail: expect.stringContaining('24.7.3.1') }),
    )
    const locked = await httpServer(() => ({
      status: 403,
      body: 'Code: 516. DB::Exception: default: Authentication failed. (AUTHENTICATION_FAILED) (version 26.7)',
    }))
    for (const port of [locked, await closedPort()]) {
      const findings = await ask(`http://127.0.0.1:${port}`, { username: 'eco', password: 'long-secret' })
      expect(findings).toMatchObject([{ status: 'fault', mend: expect.stringContaining('CLICKHOUSE_URL') }])
      expect(JSON.stringify(findings)).not.toContain('long-secret')
    }
  })
})

describe('databaseFindings', () => {
  test('a server that refuses, or says nothing, is a fault that names the setting', async () => {
    for (const port of [await closedPort(), await tcpServer(null)]) {
      const url = `postgres://eco:long-secret@127.0.0.1:${port}/eco`
      const findings = await databaseFindings({ kind: 'postgres', url }, 200)
      expect(findings).toMatchObject([{ status: 'fault', mend: expect.stringContaining('DATABASE_URL') }])
      expect(JSON.stringify(findings)).not.toContain('long-secret')
    }
  })

  test('PGlite is ok before its first start and never opened', async () => {
    const folder = join(temp(), 'control')
    expect(await databaseFindings({ kind: 'pglite', folder }, 200)).toMatchObject([{ status: 'ok' }])
  })

  const url = process.env['ECOMIND_TEST_DATABASE_URL'] ?? ''
  if (url !== '') {
    test('a real server is ok, with its clock and its migrations', async () => {
      const findings = await databaseFindings({ kind: 'postgres', url }, 5000)
      expect(findings.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok'])
    })
  }
})

describe('npm run doctor', () => {
  const run = (env: NodeJS.ProcessEnv, ...args: readonly string[]) =>
    new Promise<{ code: number; output: string }>((resolve) => {
      const main = join(ROOT, 'scripts/src/doctor/main.ts')
      const all = { PATH: process.env['PATH'], HOME: process.env['HOME'], ECOMIND_DATA_DIR: temp(), ...env }
      execFile(
        process.execPath,
        ['--import', 'tsx', main, ...args],
        { cwd: ROOT, env: all },
        (error, stdout, stderr) => {
          resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr })
        },
      )
    })
  const portSettings = async () => {
    const [edge, api, sql] = await freePorts(3)
    return { EDGE_PORT: `${edge}`, API_PORT: `${api}`, SQL_PORT: `${sql}` }
  }

  test('ends with 0 on a machine that is ready, and says so in lines', async () => {
    const { code, output } = await run(await portSettings())
    expect(output).toMatch(/0 faults\n$/)
    expect(code).toBe(0)
  })

  test('ends with 1 on faults, as JSON on demand, and prints no secret', async () => {
    const dead = await closedPort()
    const { code, output } = await run(
      {
        ...(await portSettings()),
        DATABASE_URL: `postgres://eco:hidden-one@127.0.0.1:${dead}/eco`,
        CLICKHOUSE_URL: `http://127.0.0.1:${dead}`,
        CLICKHOUSE_USER: 'eco',
        CLICKHOUSE_PASSWORD: 'hidden-two',
        SCHEMA_REGISTRY_URL: `http://eco:hidden-three@127.0.0.1:${dead}`,
        REDIS_URL: `redis://eco:hidden-four@127.0.0.1:${dead}`,
        KAFKA_BROKERS: `127.0.0.1:${dead}`,
        ECOMIND_SECRET_KEYS: 'k:hidden-five',
      },
      '--json',
    )
    expect(code).toBe(1)
    expect(output).not.toContain('hidden')
    const report = JSON.parse(output) as { status: string; findings: { name: string; status: string; mend?: string }[] }
    const faults = report.findings.filter(({ status }) => status === 'fault').map(({ name }) => name)
    expect(faults).toEqual(
      expect.arrayContaining([
        'schema registry',
        'ClickHouse',
        'control store',
        'Redis',
        'secret in ECOMIND_SECRET_KEYS',
      ]),
    )
    expect(report.findings.every(({ status, mend }) => (status === 'ok') === (mend === undefined))).toBe(true)
  })
})
