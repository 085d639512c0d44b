import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type ClickHouse,
  compareRollups,
  encodeLedgerRows,
  encodeQuarantineRows,
  insertUsageRows,
  type LedgerRow,
  rebuildRollups,
} from '@ecomind/clickhouse'
import pino from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../database/database.ts'
import { NOW_MS, privacyRows, QUARANTINE, rowsOf, storedByHour, sumsWithoutPeople } from '../testing/privacy-world.ts'
import { DAY_MS, ORG_ID, openRuns, openWorldDatabase, startRequest } from '../testing/recomputation-world.ts'
import { openTestStore } from '../testing/test-store.ts'
import { enforceRetention, RETENTION_POINTS, type RetentionDeps } from './retention.ts'

const SEED = 11
const EVENTS = 1000
const ORGS = [
  [ORG_ID, 60],
  ['org_b', 1130],
  ['org_c', 1],
] as const
const RANGE = { fromDay: '2026-01-01', toDay: '2026-12-31' }

let dir: string
let ch: ClickHouse
let database: Database
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ecomind-retention-'))
  database = await openTestStore()
  for (const [id, days] of ORGS) {
    await database.query(
      `INSERT INTO ecomind.organisations
        (id, name, timezone, retention_days, pseudonym_key_0, pseudonym_key_1, created_at, updated_at)
       VALUES ($1, $1, 'UTC', $2, '1', '2', now(), now())`,
      [id, days],
    )
  }
})
afterAll(async () => {
  await database.close()
  await rm(dir, { recursive: true, force: true })
})
beforeEach(async () => {
  ch = await openWorldDatabase(await mkdtemp(join(dir, 'world-')))
  await insertUsageRows(ch, privacyRows(SEED, EVENTS), 'usage')
})
afterEach(async () => await ch.close())

const depsOf = (deps: Partial<RetentionDeps> = {}): RetentionDeps => ({
  clickhouse: ch,
  database,
  whileLoadingPaused: (work) => work(),
  faultPoint: () => undefined,
  nowMs: () => NOW_MS,
  idsKeptDays: 38,
  logger: pino({ level: 'silent' }),
  ...deps,
})

const everything = async () => await Promise.all(ORGS.map(([id]) => rowsOf(ch, id)))
const sums = async () => await Promise.all(ORGS.map(([id]) => sumsWithoutPeople(ch, id)))
const keptEvents = async () => {
  const rows = await ch.query<{ id: string }>({ text: 'SELECT event_id AS id FROM ecomind.usage_events ORDER BY id' })
  return rows.map(({ id }) => id)
}

/** By the rule in words: too old by its own time, and arrived so long ago that no copy of it can come. */
function wantedEvents(nowMs = NOW_MS): readonly string[] {
  const startOfDay = (ms: number) => ms - (ms % DAY_MS)
  return privacyRows(SEED, EVENTS)
    .filter((row) => {
      const days = Math.max(38, ORGS.find(([id]) => id === row.org_id)?.[1] ?? 1130)
      return row.ts >= startOfDay(nowMs - days * DAY_MS) || row.arrived_at >= nowMs - 38 * DAY_MS
    })
    .map((row) => row.event_id)
    .sort()
}

test('removes what each organisation keeps no longer, and no sum of a rollup changes, whoever compares or rebuilds', async () => {
  const [before, stored] = [await sums(), await storedByHour(ch)]
  const report = await enforceRetention(depsOf())
  expect(await storedByHour(ch)).toEqual(stored)
  expect(report.raw.map(({ orgId, day }) => [orgId, day])).toEqual([
    ['org_c', '2026-08-28'],
    [ORG_ID, '2026-08-06'],
  ])
  expect(await keptEvents()).toEqual(wantedEvents())
  expect(wantedEvents().length).toBeLessThan(EVENTS)
  expect(await compareRollups(ch, RANGE)).toEqual([])
  expect(await rebuildRollups(ch, { ...RANGE, whileLoadingPaused: (work) => work() })).toMatchObject({ rebuilt: [] })
  expect(await sums()).toEqual(before)
})

test('a rebuild that another organisation needs keeps the rollups of days whose raw events are gone', async () => {
  const before = await sums()
  await enforceRetention(depsOf())
  await ch.command({
    text: `ALTER TABLE ecomind.usage_1d DELETE WHERE org_id = 'org_b' SETTINGS mutations_sync = 2`,
  })
  const report = await rebuildRollups(ch, { ...RANGE, whileLoadingPaused: (work) => work() })
  expect(report.differences.map(({ org_id: org }) => org).every((org) => org === 'org_b')).toBe(true)
  expect(report.rebuilt.length).toBeGreaterThan(1)
  expect(report.remaining).toEqual([])
  expect(await sums()).toEqual(before)
})

test('twice is once', async () => {
  await enforceRetention(depsOf())
  const once = await everything()
  const report = await enforceRetention(depsOf())
  expect(report).toEqual({ raw: [], quarantined: 0, ledger: 0 })
  expect(await everything()).toEqual(once)
})

test.each(RETENTION_POINTS)('cut off at %s, the next run does what is left', async (point) => {
  const [before, stored] = [await sums(), await storedByHour(ch)]
  const dies = depsOf({
    faultPoint: (name) => {
      if (name === point) throw new Error('died')
    },
  })
  await expect(enforceRetention(dies)).rejects.toThrow('died')
  expect(await compareRollups(ch, RANGE)).toEqual([])
  await enforceRetention(depsOf())
  expect(await keptEvents()).toEqual(wantedEvents())
  expect(await sums()).toEqual(before)
  expect(await storedByHour(ch)).toEqual(stored)
})

test('events that were imported late stay for as long as copies of them may come', async () => {
  const imported = privacyRows(77, 200).map((row) => ({ ...row, org_id: 'org_c', arrived_at: NOW_MS - DAY_MS }))
  await insertUsageRows(ch, imported, 'import')
  await enforceRetention(depsOf())
  const kept = new Set(await keptEvents())
  for (const { event_id: id } of imported) expect(kept.has(id)).toBe(true)
})

test('keeps what a recomputation under way reads, and refuses one that wants what is gone', async () => {
  const { runs } = await openRuns(ch)
  await ch.command({
    text: `INSERT INTO ecomind.recomputations (org_id, id, generation, seq, state, record, written_at)
      SELECT '${ORG_ID}', 'rec_1', 9, 1, 'running', '{}', now()`,
  })
  expect((await enforceRetention(depsOf())).raw.map(({ orgId }) => orgId)).toEqual(['org_c'])
  await ch.command({
    text: `INSERT INTO ecomind.recomputations (org_id, id, generation, seq, state, record, written_at)
      SELECT '${ORG_ID}', 'rec_1', 9, 2, 'done', '{}', now()`,
  })
  expect((await enforceRetention(depsOf())).raw.map(({ orgId }) => orgId)).toEqual([ORG_ID])
  const period = { fromMs: Date.UTC(2026, 5, 1), toMs: Date.UTC(2026, 9, 3) }
  await expect(runs.start(startRequest({ period }))).rejects.toMatchObject({ code: 'conflict', field: 'from' })
})

test('quarantine goes by arrival; of the ledger the newest batch of each partition stays for ever', async () => {
  const old = { ...QUARANTINE[0], arrived_at: NOW_MS - 61 * DAY_MS, log_offset: 100 } as (typeof QUARANTINE)[number]
  const unknown = { ...old, arrived_at: 0, log_offset: 101 }
  await ch.insertNative('quarantine', encodeQuarantineRows([...QUARANTINE, old, unknown]), 'q')
  const counts = { accepted: 1, stored: 1, duplicate: 0, quarantined: 0 }
  const ledger = (hourMs: number, partition: number, offset: number): LedgerRow => {
    const hour = Math.floor(hourMs / 3_600_000) * 3600
    return { org_id: ORG_ID, hour, log_generation: 1, log_partition: partition, log_offset: offset, ...counts }
  }
  const longAgo = NOW_MS - 1200 * DAY_MS
  await ch.insertNative(
    'ingest_ledger',
    encodeLedgerRows([ledger(longAgo, 0, 1), ledger(longAgo, 0, 2), ledger(longAgo, 1, 5), ledger(NOW_MS, 1, 9)]),
    'l',
  )
  expect(await enforceRetention(depsOf())).toMatchObject({ quarantined: 1, ledger: 2 })
  const left = await ch.query<{ p: number; o: string }>({
    text: 'SELECT log_partition AS p, toString(log_offset) AS o FROM ecomind.ingest_ledger ORDER BY p, o',
  })
  expect(left).toEqual([
    { p: 0, o: '2' },
    { p: 1, o: '9' },
  ])
  const [quarantine] = await ch.query<{ n: string }>({ text: 'SELECT toString(count()) AS n FROM ecomind.quarantine' })
  expect(quarantine?.n).toBe(String(QUARANTINE.length + 1))
})

test('the audit trail says what was removed, by the day', async () => {
  const [last] = await database.query<{ id: number }>('SELECT coalesce(max(id), 0) AS id FROM ecomind.audit_entries')
  await enforceRetention(depsOf())
  const entries = await database.query<{ org_id: string; actor: string; resource_id: string; after: { rows: number } }>(
    `SELECT org_id, actor, resource_id, after FROM ecomind.audit_entries WHERE resource_type = 'raw-events' AND id > $1 ORDER BY org_id`,
    [last?.id ?? 0],
  )
  expect(entries.map(({ org_id: org, actor, resource_id: day }) => [org, actor, day])).toEqual([
    ['org_c', 'system', '2026-08-28'],
    [ORG_ID, 'system', '2026-08-06'],
  ])
  for (const { after } of entries) expect(after.rows).toBeGreaterThan(0)
})
