import { execFile, spawn } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ClickHouse } from './clickhouse.ts'
import { compareRollups } from './compare-rollups.ts'
import { encodeLedgerRows } from './encode-ledger-rows.ts'
import { encodeQuarantineRows, encodeReplayRows } from './encode-quarantine-rows.ts'
import { encodeUsageRows } from './encode-usage-rows.ts'
import { insertUsageRows } from './insert-usage-rows.ts'
import { migrate } from './migrate.ts'
import { NativeBlock } from './native-block.ts'
import { sampleRows } from './test-support/sample-rows.ts'
import { migratedClickHouse, readTotals, type TempClickHouse, tempClickHouse } from './test-support/temp-clickhouse.ts'

const AROUND_MS = Date.UTC(2026, 9, 1)
const rows = (firstOffset: number, count = 300) =>
  sampleRows({ seed: 3, count, firstOffset, aroundMs: AROUND_MS, spreadMs: 40 * 86_400_000 })
const block = (firstOffset: number): Uint8Array => encodeUsageRows(rows(firstOffset))
const insert = (firstOffset: number, token: string): Promise<void> => insertUsageRows(ch, rows(firstOffset), token)

let temp: TempClickHouse
let ch: ClickHouse
beforeEach(async () => {
  ;({ temp, ch } = await migratedClickHouse())
})
afterEach(async () => await temp.remove())

async function expectCalls(calls: number): Promise<void> {
  const totals = await readTotals(ch)
  for (const table of Object.keys(totals))
    expect({ table, ...totals[table] }).toMatchObject({ table, calls: String(calls) })
  expect(await compareRollups(ch)).toEqual([])
}

describe('insertNative', () => {
  test('stores every value of a row as it was given', async () => {
    const sample = rows(0)
    await insertUsageRows(ch, sample, 'a')
    const stored = await ch.query<Record<string, unknown>>({
      text: 'SELECT *, kwh FROM ecomind.usage_events ORDER BY log_offset',
    })
    expect(stored.length).toBe(sample.length)
    for (const [i, row] of stored.entries()) {
      const given = sample[i]
      expect(row).toMatchObject({
        event_id: given?.event_id,
        tags: given?.tags,
        latency_ms: given?.latency_ms,
        region_inferred: given?.region_inferred,
        content_hash: given?.content_hash,
        ts: new Date(given?.ts ?? 0).toISOString().slice(0, 23).replace('T', ' '),
      })
      expect(BigInt(String(row['kwh']).replace('.', '').padEnd(1, '0') || '0')).toBeDefined()
    }
    const [sum] = await ch.query({ text: 'SELECT toString(sum(kwh)) AS kwh FROM ecomind.usage_events' })
    const units = sample.reduce((all, row) => all + BigInt(row.kwh), 0n)
    expect(sum).toEqual({ kwh: decimalText(units) })
  })

  test('the same token is a no-op in the table and every rollup; another token is not', async () => {
    for (const token of ['a', 'a', 'b', 'a', 'b']) await insert(token === 'a' ? 0 : 300, token)
    await expectCalls(600)
    await insert(0, 'c')
    await expectCalls(900)
  })

  test('goes ahead of what waits for the connection when it is told to', async () => {
    const at = { org_id: 'o', log_generation: 1, log_partition: 2, log_offset: 3, hour: 3600 }
    const ledger = encodeLedgerRows([{ ...at, accepted: 1, stored: 1, duplicate: 0, quarantined: 0 }])
    const done: string[] = []
    const named = (name: string, work: Promise<unknown>) => work.then(() => void done.push(name))
    await Promise.all([
      named('events', ch.insertNative('usage_events', block(0), 'a')),
      named('question', ch.query({ text: 'SELECT 1' })),
      named('ledger', ch.insertNative('ingest_ledger', ledger, 'b', true)),
    ])
    expect(done).toEqual(['events', 'ledger', 'question'])
  })

  test('a token of any characters stays one token', async () => {
    for (const token of ["t'1", 't\\1', "t', x='", 'ü\n\t', "t'1"]) await insert(0, token)
    await expectCalls(300 * 4)
  })

  test('a token is remembered over a restart', async () => {
    await insert(0, 'a')
    await ch.close()
    ch = await temp.open('loader')
    await insert(0, 'a')
    await expectCalls(300)
  })

  test('a repetition completes views whose inner target was missing', async () => {
    await insert(0, 'a')
    const [ddl] = await ch.query<{ ddl: string }>({
      text: `SELECT create_table_query AS ddl FROM system.tables WHERE database = 'ecomind' AND name = 'usage_1h'`,
    })
    await ch.command({ text: 'RENAME TABLE ecomind.usage_1h TO ecomind.usage_1h_away' })
    await expect(insert(300, 'b')).rejects.toThrow('usage_1h')
    expect(ddl?.ddl).toContain('non_replicated_deduplication_window')
    await ch.command({ text: 'RENAME TABLE ecomind.usage_1h_away TO ecomind.usage_1h' })
    await insert(300, 'b')
    await expectCalls(600)
  })

  test('a block of another shape is refused and nothing is stored', async () => {
    const wrong = new NativeBlock(2).string('event_id', (i) => `e${i}`).toBytes()
    await expect(ch.insertNative('ingest_ledger', wrong, 'a')).rejects.toThrow('insert into ingest_ledger')
    await expect(ch.insertNative('nope', wrong, 'a')).rejects.toThrow('no such table')
    await expect(ch.insertNative("x' y", wrong, 'a')).rejects.toThrow('check identifier')
    const [row] = await ch.query({ text: 'SELECT toString(count()) AS n FROM ecomind.ingest_ledger' })
    expect(row).toEqual({ n: '0' })
  })

  test('a damaged block is refused and the next one is stored', async () => {
    await expect(ch.insertNative('usage_events', block(0).subarray(0, 5000), 'a')).rejects.toThrow()
    await insert(0, 'a')
    await expectCalls(300)
  })

  test('leaves no spool file behind, neither after a success nor after a failure', async () => {
    await insert(0, 'a')
    await expect(ch.insertNative('usage_events', new Uint8Array([1, 2, 3]), 'b')).rejects.toThrow()
    expect((await readdir(temp.target.spoolDir)).filter((name) => name.endsWith('.native'))).toEqual([])
  })

  test('negative counts of the ledger, poison of unknown arrival and replays are stored', async () => {
    const at = { org_id: 'o', log_generation: 1, log_partition: 2, log_offset: 2 ** 40 }
    await ch.insertNative(
      'ingest_ledger',
      encodeLedgerRows([{ ...at, hour: 3600, accepted: 0, stored: 1, duplicate: 0, quarantined: -1 }]),
      'a',
    )
    await ch.insertNative(
      'quarantine',
      encodeQuarantineRows([
        { ...at, event_id: '', reason: 'poison', detail: '', raw: 'AA==', schema_id: 0, arrived_at: 0, log_index: 3 },
      ]),
      'a',
    )
    await ch.insertNative(
      'quarantine_replays',
      encodeReplayRows([{ ...at, log_index: 3, event_id: 'e', outcome: 'stored', replayed_at: 5 }]),
      'a',
    )
    expect(await ch.query({ text: 'SELECT quarantined, log_offset FROM ecomind.ingest_ledger' })).toEqual([
      { quarantined: '-1', log_offset: String(2 ** 40) },
    ])
    await ch.command({ text: 'OPTIMIZE TABLE ecomind.quarantine FINAL' })
    expect(await ch.query({ text: 'SELECT reason, log_index FROM ecomind.quarantine' })).toEqual([
      { reason: 'poison', log_index: 3 },
    ])
    expect(await ch.query({ text: 'SELECT outcome FROM ecomind.quarantine_replays' })).toEqual([{ outcome: 'stored' }])
  })
})

describe('a database that can not take it now', () => {
  test('too many parts is an error worth another try, and the repetition stores everything once', async () => {
    await ch.command({ text: 'SYSTEM STOP MERGES ecomind.usage_1m' })
    await ch.command({
      text: 'ALTER TABLE ecomind.usage_1m MODIFY SETTING parts_to_delay_insert = 1, parts_to_throw_insert = 2',
    })
    let failed: unknown = null
    let stored = 0
    for (; stored < 5 && failed === null; stored++) {
      await insert(stored * 300, `t${stored}`).catch((error: unknown) => {
        failed = error
      })
    }
    expect(failed).toMatchObject({ code: 252, retryable: true })
    await ch.command({
      text: 'ALTER TABLE ecomind.usage_1m RESET SETTING parts_to_delay_insert, parts_to_throw_insert',
    })
    await ch.command({ text: 'SYSTEM START MERGES ecomind.usage_1m' })
    await insert((stored - 1) * 300, `t${stored - 1}`)
    await expectCalls(stored * 300)
  })

  test('a spool folder that can not be written is an error worth another try', async () => {
    await rm(temp.target.spoolDir, { recursive: true })
    await writeFile(temp.target.spoolDir, 'in the way')
    await expect(insert(0, 'a')).rejects.toMatchObject({ name: 'ClickHouseError' })
    await rm(temp.target.spoolDir)
    await insert(0, 'a')
    await expectCalls(300)
  })
})

describe('a full disk', () => {
  test('is an error worth another try, and the repetition stores everything once', async (context) => {
    await temp.remove()
    const mountPoint = await mkdtemp(join(tmpdir(), 'ecomind-small-disk-'))
    const run = promisify(execFile)
    try {
      await run('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', mountPoint])
    } catch {
      await rm(mountPoint, { recursive: true })
      context.skip('mounting a small disk is not permitted here')
    }
    const small = await tempClickHouse(mountPoint)
    const ballast = join(mountPoint, 'ballast')
    try {
      ch = await small.open('loader')
      await migrate(ch)
      await insert(0, 'a')
      await writeFile(ballast, Buffer.alloc(64 * 1024 * 1024)).catch(() => undefined)
      await expect(insert(300, 'b')).rejects.toMatchObject({ retryable: true })
      await rm(ballast)
      await insert(300, 'b')
      await expectCalls(600)
    } finally {
      await small.remove()
      await run('umount', [mountPoint])
      await rm(mountPoint, { recursive: true })
    }
  })
})

describe('query', () => {
  test('gives text back exactly, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme' }),
        fc.array(fc.string({ unit: 'grapheme' })),
        async (text, list) => {
          const [row] = await ch.query({
            text: 'SELECT {text:String} AS text, {list:Array(String)} AS list',
            params: { text, list },
          })
          expect(row).toEqual({ text, list })
        },
      ),
      { numRuns: 200 },
    )
  })

  test('an answer after a failed statement holds nothing of that statement', async () => {
    for (let i = 0; i < 3; i++) {
      const failing = 'SELECT number, throwIf(number = 70000) FROM numbers(100000) SETTINGS max_block_size = 100'
      await expect(ch.command({ text: failing })).rejects.toMatchObject({ code: 395 })
      expect(await ch.query({ text: 'SELECT 1 AS one' })).toEqual([{ one: 1 }])
    }
  })

  test.each([
    ['rows', 'SELECT number FROM numbers(1000)', { maxResultRows: 10 }, 396],
    ['time', 'SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1', { maxExecutionMs: 100 }, 159],
    ['memory', 'SELECT groupArray(number) FROM numbers(100000000)', { maxMemoryBytes: 20_000_000 }, 241],
  ])('a limit on %s ends the statement with an error', async (_, text, limits, code) => {
    await expect(ch.query({ text }, limits)).rejects.toMatchObject({ code })
    expect(await ch.query({ text: 'SELECT 2 AS two' })).toEqual([{ two: 2 }])
  })

  test('a limit of one statement does not stay for the next', async () => {
    await expect(ch.query({ text: 'SELECT number FROM numbers(1000)' }, { maxResultRows: 10 })).rejects.toThrow()
    expect((await ch.query({ text: 'SELECT number FROM numbers(1000)' })).length).toBe(1000)
  })

  test('statements of one connection run in the order they were given', async () => {
    const seen: number[] = []
    const slow = ch.query({ text: 'SELECT sleep(0.3)' }).then(() => seen.push(1))
    const quick = ch.query({ text: 'SELECT 1' }).then(() => seen.push(2))
    await Promise.all([slow, quick])
    expect(seen).toEqual([1, 2])
  })

  test('a slow statement with parameters on one connection does not hold up another connection', async () => {
    const api = await temp.open('api')
    const seen: string[] = []
    const slow = ch.query({ text: 'SELECT sleep({s:Float64})', params: { s: 2 } }).then(() => seen.push('slow'))
    await api.query({ text: 'SELECT {a:UInt8} AS a', params: { a: 1 } }).then(() => seen.push('quick'))
    await slow
    expect(seen).toEqual(['quick', 'slow'])
  })
})

describe('openClickHouse', () => {
  test('a second process is refused, with the pid of the first', async () => {
    const script = fileURLToPath(new URL('./test-processes/open-and-wait.ts', import.meta.url))
    const child = spawn(process.execPath, ['--import', 'tsx', script, temp.target.dataDir, temp.target.spoolDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    for await (const chunk of child.stdout) output += String(chunk)
    expect(output).toContain(`process ${process.pid}`)
  })

  test('closing twice is allowed; asking afterwards is refused', async () => {
    const api = await temp.open('api')
    await api.close()
    await api.close()
    await expect(api.query({ text: 'SELECT 1' })).rejects.toThrow('closed')
    expect(await ch.query({ text: 'SELECT 1 AS one' })).toEqual([{ one: 1 }])
  })

  test('close waits for what was asked before', async () => {
    const api = await temp.open('api')
    const answer = api.query({ text: 'SELECT sleep(0.2) AS zero' })
    await api.close()
    expect(await answer).toEqual([{ zero: 0 }])
  })

  test('files of a killed insert are removed at the next start', async () => {
    await ch.close()
    await writeFile(join(temp.target.spoolDir, 'loader-1-1.native'), 'left over')
    ch = await temp.open('loader')
    expect((await readdir(temp.target.spoolDir)).filter((name) => name.endsWith('.native'))).toEqual([])
  })
})

function decimalText(units: bigint): string {
  const digits = units.toString().padStart(13, '0')
  return `${digits.slice(0, -12)}.${digits.slice(-12)}`.replace(/\.?0+$/, '')
}
