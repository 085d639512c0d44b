/** Real log, real ClickHouse, real processes: the loader is killed with SIGKILL at each fault point in turn. */
import { mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EventLog, openLog } from '@ecomind/event-log'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FAULT_POINTS } from './fault-points.ts'
import { expectOracle } from './testing/expect-oracle.ts'
import { processPaths } from './testing/process-models.ts'
import { type Exit, runLoader } from './testing/run-loader.ts'
import { type SentBatch, send, usageEvent } from './testing/traffic.ts'

const PARTITIONS = 2
const NOON = 1_760_011_200_000

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

  it('killed at each fault point in turn loses nothing and doubles nothing', { timeout: 2_400_000 }, async () => {
    let died = 0
    await sendRound(FAULT_POINTS.length)
    expect(await run()).toMatchObject({ code: 0 })
    for (const [round, point] of FAULT_POINTS.entries()) {
      await sendRound(round)
      if (point.includes('index-rebuild')) await rm(processPaths(dataDir).dedupe, { recursive: true, force: true })
      if (point.includes('redo')) expect(await run('after-intent:1')).toMatchObject({ signal: 'SIGKILL' })
      const exit = await run(`${point}:1`)
      expect(exit.signal, `${point}: ${exit.code} ${exit.stderr}`).toBe('SIGKILL')
      died += 1
    }
    expect(died).toBe(FAULT_POINTS.length)
    expect(await run()).toMatchObject({ code: 0 })
    await expectOracle(dataDir, sent)
  })

  it('with its dedupe index deleted, cut short or overwritten still knows every id', {
    timeout: 1_800_000,
  }, async () => {
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
      expect({ i, ...(await run()) }).toMatchObject({ code: 0 })
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

async function overwrite(file: string): Promise<void> {
  await writeFile(file, Buffer.alloc((await stat(file)).size, 0xa5))
}

async function indexFiles(dataDir: string): Promise<string[]> {
  const dir = processPaths(dataDir).dedupe
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}
