/**
 * Real ClickHouse, real processes: a part is taken away from the disk while the token of its insert stays in the table's
 * deduplication log, which is what a process leaves that was killed between the two. The redo must not believe the token.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { type ClickHouse, compareRollups, migrate, openClickHouse } from '@ecomind/clickhouse'
import { type EventLog, openLog } from '@ecomind/event-log'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectOracle } from './testing/expect-oracle.ts'
import { processPaths } from './testing/process-models.ts'
import { type Exit, runLoader } from './testing/run-loader.ts'
import { type SentBatch, send, usageEvent } from './testing/traffic.ts'

const TABLES = ['usage_events', 'usage_1m', 'usage_15m', 'usage_1h', 'usage_1d', 'quarantine', 'ingest_ledger'] as const
type Table = (typeof TABLES)[number]

const NOON = 1_760_011_200_000
const MONTH_MS = 30 * 86_400_000

describe('a token whose part is gone', () => {
  let dataDir: string
  let log: EventLog
  let sent: (SentBatch | Uint8Array)[]

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'phantom-tokens-'))
    log = await openLog({ kind: 'embedded', dir: join(dataDir, 'log'), partitions: 1 })
    sent = []
  })
  afterEach(async () => {
    await log.close()
    await rm(dataDir, { recursive: true, force: true })
  })

  /** Events of two months, a conflict and a poison record: one batch with rows for every table. */
  async function sendRound(round: number): Promise<void> {
    const at = NOON + round * 1000
    const events = Array.from({ length: 30 }, (_, i) =>
      usageEvent({
        event_id: `event-${round}-${i}`,
        user_id: `user_${i % 3}`,
        tokens_in: i,
        ts: at - i * 400_000 - (i % 2) * MONTH_MS,
      }),
    )
    const conflicts = events.slice(0, 3).map((event) => ({ ...event, tokens_in: event.tokens_in + 1 }))
    const records = [
      { arrivedAtMs: at, events },
      { arrivedAtMs: at + 1, events: conflicts },
      Buffer.from(`poison ${round}`),
    ]
    for (const record of records) {
      sent.push(record)
      await send(log, record, NOON)
    }
  }
  const run = (faultPoint = '', env: Record<string, string> = {}): Promise<Exit> =>
    runLoader(dataDir, faultPoint, { ECOMIND_LOG_PARTITIONS: '1', ECOMIND_LOADER_BATCH_EVENTS: '1000', ...env })
  const expectLoaded = (exit: Exit): void =>
    expect({ ...exit, stderr: exit.code === 0 ? '' : exit.stderr }).toEqual({ code: 0, signal: null, stderr: '' })
  const expectKilled = (exit: Exit): void =>
    expect({ ...exit, stderr: exit.signal === null ? exit.stderr : '' }).toEqual({
      code: null,
      signal: 'SIGKILL',
      stderr: '',
    })

  async function withDatabase<T>(work: (clickhouse: ClickHouse) => Promise<T>): Promise<T> {
    const paths = processPaths(dataDir)
    const target = { kind: 'embedded', dataDir: paths.clickhouse, spoolDir: paths.spool } as const
    const clickhouse = await openClickHouse(target, { role: 'api' })
    try {
      return await work(clickhouse)
    } finally {
      await clickhouse.close()
    }
  }

  /** Parts stay what was inserted, so that the newest one is of the newest batch alone. */
  async function createTablesWithoutMerges(clickhouse: ClickHouse): Promise<void> {
    await migrate(clickhouse)
    for (const table of TABLES) {
      await clickhouse.command({
        text: `ALTER TABLE ecomind.${table} MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1`,
      })
    }
  }

  /** Deletes the folder of the newest part; the database is closed meanwhile. */
  async function loseNewestPart(table: Table): Promise<void> {
    const part = await withDatabase(async (clickhouse) => {
      const [newest] = await clickhouse.query<{ path: string; level: string }>({
        text: `SELECT path, toString(level) AS level FROM system.parts
          WHERE database = 'ecomind' AND table = {table:String} AND active ORDER BY max_block_number DESC LIMIT 1`,
        params: { table },
      })
      return newest
    })
    if (part === undefined) throw new Error(`lose a part of ${table}: it has none`)
    expect({ table, level: part.level }).toEqual({ table, level: '0' })
    await rm(part.path, { recursive: true })
    expect(await deduplicationLog(part.path)).toContain(basename(part.path))
  }

  it.each(TABLES)('of %s is not believed: after the redo all tables are exact', async (table) => {
    await withDatabase(createTablesWithoutMerges)
    await sendRound(0)
    expectLoaded(await run())
    await sendRound(1)
    expectKilled(await run('before-commit:1'))
    await loseNewestPart(table)
    expectLoaded(await run())
    await expectOracle(dataDir, sent)
    expect(await withDatabase((clickhouse) => compareRollups(clickhouse))).toEqual([])
  })

  it('of one table, and rows that another never got: an intent too old for its token is done by position', async () => {
    await withDatabase(createTablesWithoutMerges)
    await sendRound(0)
    expectKilled(await run('after-insert-quarantine:1'))
    await loseNewestPart('usage_events')
    expectLoaded(await run('', { ECOMIND_TOKEN_TRUST_MS: '0' }))
    await expectOracle(dataDir, sent)
    expect(await withDatabase((clickhouse) => compareRollups(clickhouse))).toEqual([])
  })
})

/** Everything the table remembers about tokens, as text. */
async function deduplicationLog(partPath: string): Promise<string> {
  const folder = join(partPath, '..', 'deduplication_logs')
  const files = await readdir(folder)
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'latin1')))
  return texts.join('')
}
