/** Real log, real ClickHouse, real processes: the loader is killed with SIGKILL at each fault point in turn. */
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClickHouse, openClickHouse } from '@ecomind/clickhouse'
import { type EventLog, openLog } from '@ecomind/event-log'
import type { UsageEvent } from '@ecomind/schemas'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { activityOf } from './enrich.ts'
import { FAULT_POINTS } from './fault-points.ts'
import { processModels, processPaths } from './testing/process-models.ts'
import { oracle, type SentBatch, send, usageEvent } from './testing/traffic.ts'

const PARTITIONS = 2
const NOON = 1_760_011_200_000
const LOADER = new URL('./testing/loader-process.ts', import.meta.url).pathname

type Sums = Readonly<
  Record<'calls' | 'tokens_in' | 'tokens_out', number> & Record<'kwh' | 'water_l_high' | 'co2_kg_low', string>
>

interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
}

describe('a loader process', () => {
  let dataDir: string
  let log: EventLog
  let sent: (SentBatch | Uint8Array)[]

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'loader-kills-'))
    log = await openLog({ kind: 'embedded', dir: join(dataDir, 'log'), partitions: PARTITIONS })
    sent = []
  })
  afterEach(async () => {
    await log.close()
    await rm(dataDir, { recursive: true, force: true })
  })

  /** Some new events, a duplicate, a conflict and a poison record, to every partition. */
  async function sendRound(round: number): Promise<void> {
    const at = NOON + round * 1000
    const events = Array.from({ length: 40 }, (_, i) =>
      usageEvent({ event_id: `event-${round}-${i}`, user_id: `user_${i % 3}`, tokens_in: i, ts: at - i * 400_000 }),
    )
    const [first, ...others] = events
    if (first === undefined) return
    const conflicts = others.slice(0, 6).map((event) => ({ ...event, tokens_in: event.tokens_in + 1 }))
    await sendOne({ arrivedAtMs: at, events })
    await sendOne({ arrivedAtMs: at + 1, events: [first, ...others.slice(10, 20)] })
    await sendOne({ arrivedAtMs: at + 2, events: conflicts })
    await sendOne(Buffer.from(`poison ${round}`))
  }
  async function sendOne(one: SentBatch | Uint8Array): Promise<void> {
    sent.push(one)
    await send(log, one, NOON)
  }
  const run = (faultPoint = '', env: Record<string, string> = {}): Promise<Exit> => runLoader(dataDir, faultPoint, env)

  it('killed at each fault point in turn loses nothing and doubles nothing', { timeout: 900_000 }, async () => {
    let died = 0
    await sendRound(FAULT_POINTS.length)
    expect(await run()).toMatchObject({ code: 0 })
    for (const [round, point] of FAULT_POINTS.entries()) {
      await sendRound(round)
      if (point.includes('index-rebuild')) await rm(processPaths(dataDir).dedupe, { recursive: true, force: true })
      if (point.includes('redo')) expect(await run('after-intent:1')).toMatchObject({ signal: 'SIGKILL' })
      const exit = await run(`${point}:1`)
      expect({ point, ...exit, stderr: exit.signal === 'SIGKILL' ? '' : exit.stderr }).toMatchObject({
        signal: 'SIGKILL',
      })
      died += 1
    }
    expect(died).toBe(FAULT_POINTS.length)
    expect(await run()).toMatchObject({ code: 0 })
    await expectOracle(dataDir, sent)
  })

  it('with its dedupe index deleted, cut short or overwritten still knows every id', { timeout: 600_000 }, async () => {
    await sendRound(0)
    expect(await run()).toMatchObject({ code: 0 })
    const damages: ((file: string) => Promise<void>)[] = [
      (file) => rm(file),
      async (file) => truncate(file, Math.floor((await stat(file)).size / 2)),
      (file) => truncate(file, 100),
      (file) => truncate(file, 0),
      async (file) => overwrite(file),
    ]
    for (const [i, damage] of damages.entries()) {
      for (const file of await indexFiles(dataDir)) await damage(file)
      // The same events again: all of them are known, whatever became of the index.
      for (const one of [...sent]) if (!(one instanceof Uint8Array)) await sendOne(one)
      const exit = await untilItEnds(run)
      expect({ i, ...exit }).toMatchObject({ code: 0 })
    }
    await expectOracle(dataDir, sent)
  })

  it('on a log created anew still knows the ids of the old one', async () => {
    await sendRound(0)
    expect(await run()).toMatchObject({ code: 0 })
    await log.close()
    await rm(join(dataDir, 'log'), { recursive: true, force: true })
    log = await openLog({ kind: 'embedded', dir: join(dataDir, 'log'), partitions: PARTITIONS })
    for (const one of [...sent]) await sendOne(one)
    expect(await run()).toMatchObject({ code: 0 })
    await expectOracle(dataDir, sent)
  })

  it('stops and says what to do when ClickHouse lost what the log says is loaded', async () => {
    await sendRound(0)
    expect(await run()).toMatchObject({ code: 0 })
    await rm(processPaths(dataDir).clickhouse, { recursive: true, force: true })
    await sendRound(1)
    const exit = await run()
    expect(exit).toMatchObject({ code: 2 })
    expect(exit.stderr).toContain('Restore the newest backup')
  })
})

/** A damaged memory map may kill the process a few times before the index is given up. */
async function untilItEnds(run: () => Promise<Exit>): Promise<Exit> {
  let exit = await run()
  for (let again = 0; again < 4 && exit.signal !== null; again++) exit = await run()
  return exit
}

async function overwrite(file: string): Promise<void> {
  const { writeFile } = await import('node:fs/promises')
  await writeFile(file, Buffer.alloc((await stat(file)).size, 0xa5))
}

async function indexFiles(dataDir: string): Promise<string[]> {
  const dir = processPaths(dataDir).dedupe
  const partitions = await readdir(dir)
  return partitions.map((partition) => join(dir, partition, 'data.mdb'))
}

function runLoader(dataDir: string, faultPoint: string, env: Record<string, string>): Promise<Exit> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', LOADER], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        ECOMIND_DATA_DIR: dataDir,
        ECOMIND_LOG_PARTITIONS: String(PARTITIONS),
        ECOMIND_LOADER_BATCH_EVENTS: '25',
        ECOMIND_LOADER_PAUSE_MS: '0',
        ECOMIND_LOADER_POLL_MS: '20',
        ECOMIND_WATERMARK_PUBLISH_MS: '100',
        ECOMIND_FAULT_POINT: faultPoint,
        LOG_LEVEL: 'warn',
        ...env,
      },
    })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve({ code, signal, stderr: stderr.slice(-4000) }))
  })
}

async function expectOracle(dataDir: string, sent: readonly (SentBatch | Uint8Array)[]): Promise<void> {
  const paths = processPaths(dataDir)
  const target = { kind: 'embedded', dataDir: paths.clickhouse, spoolDir: paths.spool } as const
  const clickhouse = await openClickHouse(target, { role: 'api' })
  try {
    const expected = oracle(sent, 35)
    const sums = sumUp(expected.stored.map(({ event }) => event))
    const ids = await clickhouse.query<{ key: string }>({
      text: `SELECT concat(org_id, '/', event_id) AS key FROM ecomind.usage_events`,
    })
    expect(ids.map((row) => row.key).sort()).toEqual(expected.stored.map(({ key }) => key).sort())
    for (const table of ['usage_events', 'usage_1m', 'usage_15m', 'usage_1h', 'usage_1d']) {
      expect({ table, ...(await sumsOf(clickhouse, table)) }).toEqual({ table, ...sums })
    }
    const [ledger] = await clickhouse.query({
      text: `SELECT sum(accepted)::Int32 AS accepted, sum(stored)::Int32 AS stored, sum(duplicate)::Int32 AS duplicate,
        sum(quarantined)::Int32 AS quarantined FROM ecomind.ingest_ledger`,
    })
    expect(ledger).toEqual({
      accepted: expected.accepted,
      stored: sums.calls,
      duplicate: expected.duplicates,
      quarantined: expected.conflicts + expected.poison,
    })
    const [set] = await clickhouse.query<{ rows: number }>({
      text: 'SELECT count()::Int32 AS rows FROM ecomind.quarantine',
    })
    expect(set?.rows).toBe(expected.conflicts + expected.poison)
  } finally {
    await clickhouse.close()
  }
}

/** What raw and every rollup must say, footprint included: integers of 1e-12, so that sums are exact in any order. */
function sumUp(events: readonly UsageEvent[]): Sums {
  const { running } = processModels()
  const sums = { calls: 0, tokens_in: 0, tokens_out: 0 }
  const units = { kwh: 0n, water_l_high: 0n, co2_kg_low: 0n }
  for (const event of events) {
    const computed = running.resolve(event.provider, event.model, event.region).compute(activityOf(event))
    sums.calls += 1
    sums.tokens_in += event.tokens_in
    sums.tokens_out += event.tokens_out
    units.kwh += BigInt(computed.kwh)
    units.water_l_high += BigInt(computed.waterLHigh)
    units.co2_kg_low += BigInt(computed.co2KgLow)
  }
  return { ...sums, kwh: `${units.kwh}`, water_l_high: `${units.water_l_high}`, co2_kg_low: `${units.co2_kg_low}` }
}

async function sumsOf(clickhouse: ClickHouse, table: string): Promise<Sums> {
  const calls = table === 'usage_events' ? 'count()' : 'sum(calls)'
  const units = ['kwh', 'water_l_high', 'co2_kg_low'].map(
    (name) => `toString(toInt128(sum(toDecimal256(${name}, 12)) * 1000000000000)) AS ${name}`,
  )
  const text = `SELECT ${calls}::Int32 AS calls, sum(tokens_in)::Int32 AS tokens_in, sum(tokens_out)::Int32 AS tokens_out,
    ${units.join(', ')} FROM ecomind.${table} AS t`
  const [row] = await clickhouse.query<Sums>({ text: text.replace(/toDecimal256\((\w+)/g, 'toDecimal256(t.$1') })
  if (row === undefined) throw new Error(`sum ${table}: no answer`)
  return row
}
