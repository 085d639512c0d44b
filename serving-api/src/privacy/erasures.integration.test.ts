import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClickHouse, compareRollups, insertUsageRows, miscountedDays, rebuildRollups } from '@ecomind/clickhouse'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../database/database.ts'
import {
  erasureOf,
  fillPrivacyWorld,
  NOW_MS,
  OTHERS,
  openErasures,
  PERSON,
  placesOf,
  privacyRows,
  QUARANTINE,
  rowsOf,
  storedByHour,
  sumsWithoutPeople,
} from '../testing/privacy-world.ts'
import { DAY_MS, ORG_ID, openRuns, openWorldDatabase, startRequest } from '../testing/recomputation-world.ts'
import { openTestStore } from '../testing/test-store.ts'
import { findErasure } from './erasure-store.ts'
import { hashPerson } from './person-hash.ts'

const SEED = 7
const EVENTS = 2000
const RANGE = { fromDay: '2026-06-01', toDay: '2026-12-31' }

let dir: string
let ch: ClickHouse
let database: Database
async function openWorld(): Promise<void> {
  dir = await mkdtemp(join(tmpdir(), 'ecomind-privacy-'))
  ch = await openWorldDatabase(dir)
  database = await openTestStore()
  await fillPrivacyWorld(ch, SEED, EVENTS)
}
async function closeWorld(): Promise<void> {
  await ch.close()
  await database.close()
  await rm(dir, { recursive: true, force: true })
}

const generationsOf = async () =>
  await ch.query({
    text: `SELECT DISTINCT generation AS g FROM ecomind.usage_15m WHERE org_id = {o:String} ORDER BY g`,
    params: { o: ORG_ID },
  })

/** In this order: each goes on with the world that the ones before it left, and another person. */
describe.each(['pseudonymise', 'delete'] as const)('an erasure with mode %s', (mode) => {
  beforeAll(openWorld)
  afterAll(closeWorld)

  test('leaves nothing of the person, and every number of everyone else as it was', async () => {
    expect((await generationsOf()).length).toBe(2)
    expect(await placesOf(ch, PERSON, [ORG_ID, ''])).toContain('usage_events.user_id')
    const sums = await sumsWithoutPeople(ch, ORG_ID)
    const colleagues = await rowsOf(ch, ORG_ID, PERSON)
    const others = await Promise.all(OTHERS.map((org) => rowsOf(ch, org)))
    const stored = await storedByHour(ch)

    const erasures = await openErasures(ch, database)
    const preview = await erasures.preview(ORG_ID, PERSON)
    const asked = await erasures.request(erasureOf(mode))
    await erasures.idle()

    const done = await findErasure(database, ORG_ID, asked.id)
    expect(done).toMatchObject({ state: 'done', userId: null, target: null, mark: null, found: preview })
    expect(preview['usage_events']).toBeGreaterThan(100)
    expect(preview['quarantine']).toBe(2)
    expect(await storedByHour(ch)).toEqual(stored)
    expect(await sumsWithoutPeople(ch, ORG_ID)).toEqual(sums)
    expect(await Promise.all(OTHERS.map((org) => rowsOf(ch, org)))).toEqual(others)
    const target = mode === 'delete' ? '' : (asked.target ?? '')
    const now = await rowsOf(ch, ORG_ID, target)
    const named = new Set(now)
    expect(colleagues.filter((line) => !named.has(line) && !line.startsWith('quarantine'))).toEqual([])
    expect(await placesOf(ch, PERSON, [ORG_ID])).toEqual([])
    const quarantine = await ch.query<{ o: string; raw: string }>({
      text: 'SELECT toString(log_offset) AS o, raw FROM ecomind.quarantine ORDER BY log_offset',
    })
    expect(quarantine.map(({ raw }) => raw)).toEqual(QUARANTINE.map(({ raw }, i) => (i === 0 || i === 2 ? '' : raw)))
  })

  test('is no difference to the comparison, and a rebuild changes nothing', async () => {
    expect(await miscountedDays(ch, RANGE)).toEqual([])
    expect(await compareRollups(ch, RANGE)).toEqual([])
    const sums = await sumsWithoutPeople(ch, ORG_ID)
    await ch.command({
      text: `ALTER TABLE ecomind.usage_1h DELETE WHERE org_id = 'org_b' AND generation = 0 SETTINGS mutations_sync = 2`,
    })
    const report = await rebuildRollups(ch, { ...RANGE, whileLoadingPaused: (work) => work() })
    expect(report.rebuilt.length).toBeGreaterThan(0)
    expect(report.remaining).toEqual([])
    expect(await sumsWithoutPeople(ch, ORG_ID)).toEqual(sums)
  })

  test('moves events that were loaded in the middle of it as well', async () => {
    const late = privacyRows(900, 300).map((row) => ({ ...row, user_id: 'user_alice' }))
    let loaded = false
    const erasures = await openErasures(ch, database, {
      whileLoadingPaused: async (work) => {
        const done = await work()
        if (!loaded) {
          loaded = true
          await insertUsageRows(ch, late, 'late')
        }
        return done
      },
    })
    await erasures.request(erasureOf(mode, 'user_alice'))
    await erasures.idle()
    expect(loaded).toBe(true)
    expect(await placesOf(ch, 'user_alice', [ORG_ID])).toEqual([])
    expect(await compareRollups(ch, RANGE)).toEqual([])
    const [calls] = await ch.query<{ n: string }>({
      text: `SELECT toString(sum(calls)) AS n FROM ecomind.usage_1d WHERE org_id = '${ORG_ID}' AND generation = 0`,
    })
    const wanted = [...privacyRows(SEED, EVENTS), ...late].filter((row) => row.org_id === ORG_ID).length
    expect(Number(calls?.n)).toBe(wanted)
  })

  test('is left alone by a recomputation that comes later', async () => {
    const { runs } = await openRuns(ch)
    await runs.takeBack(ORG_ID, runs.list(ORG_ID)[0]?.id ?? '')
    await runs.idle()
    const before = await nobody()
    expect(before.length).toBe(mode === 'delete' ? 1 : 0)
    await runs.start(startRequest())
    await runs.idle()
    expect(runs.list(ORG_ID).at(-1)).toMatchObject({ state: 'done', error: null })
    expect(await nobody()).toEqual(before)
  })
})

const nobody = async () =>
  await ch.query({
    text: `SELECT generation AS g, toString(sum(calls)) AS calls, toString(sum(kwh)) AS kwh FROM ecomind.usage_1d
      WHERE org_id = {o:String} AND user_id = '' GROUP BY g ORDER BY g`,
    params: { o: ORG_ID },
  })

describe('an erasure', () => {
  beforeAll(openWorld)
  afterAll(closeWorld)

  test('a pseudonymised event keeps its numbers, and loses tags, checksum and, when it is old, its id', async () => {
    const erasures = await openErasures(ch, database)
    const { target } = await erasures.request(erasureOf('pseudonymise', 'user:with:colons'))
    await erasures.idle()
    const rows = await ch.query<{ event_id: string; old: number; tags: object; content_hash: number; at: string }>({
      text: `SELECT event_id, arrived_at < fromUnixTimestamp64Milli({cut:Int64}, 'UTC') AS old, tags, content_hash,
      concat(toString(log_partition), '-', toString(log_offset)) AS at FROM ecomind.usage_events WHERE user_id = {u:String}`,
      params: { u: target ?? '', cut: NOW_MS - 38 * DAY_MS },
    })
    expect(rows.filter(({ old }) => old === 1).length).toBeGreaterThan(10)
    expect(rows.filter(({ old }) => old === 0).length).toBeGreaterThan(10)
    for (const { event_id: id, old, tags, content_hash: hash, at } of rows) {
      expect(id).toBe(old === 1 ? `erased-1-${at}-0` : id)
      expect(id.startsWith('event-')).toBe(old === 0)
      expect([tags, hash]).toEqual([{}, 0])
    }
  })

  test('a deleted event is known by its id as long as a copy may come, and by nothing else', async () => {
    const wanted = privacyRows(SEED, EVENTS).filter((r) => r.org_id === ORG_ID && r.user_id === 'user_bob')
    const young = wanted.filter((r) => r.arrived_at >= NOW_MS - 38 * DAY_MS).map((r) => r.event_id)
    const erasures = await openErasures(ch, database)
    await erasures.request(erasureOf('delete', 'user_bob'))
    await erasures.idle()
    const kept = await ch.query<{ event_id: string }>({
      text: `SELECT event_id FROM ecomind.erased_events FINAL WHERE event_id != ''`,
    })
    expect(kept.map((row) => row.event_id).sort()).toEqual(young.sort())
    expect(young.length).toBeGreaterThan(10)
  })

  test('the certificate can be checked by whoever knows the id, and does not lead to the new id', async () => {
    const erasures = await openErasures(ch, database)
    const asked = await erasures.request(erasureOf('pseudonymise'))
    await erasures.idle()
    const done = await findErasure(database, ORG_ID, asked.id)
    const certificate = done?.certificate
    expect(certificate?.person).toEqual(hashPerson(PERSON, certificate?.person.salt))
    expect(certificate?.verification.map(({ rows }) => rows)).toEqual([0, 0, 0, 0, 0, 0, 0])
    const store = JSON.stringify([
      await database.query('SELECT * FROM ecomind.erasures'),
      await database.query('SELECT * FROM ecomind.audit_entries'),
    ])
    expect(store).toContain('"erased"')
    expect(store).not.toContain(PERSON)
    expect(store).not.toContain(asked.target)
    const marks = await ch.query<{ user_id: string }>({ text: 'SELECT user_id FROM ecomind.erasures' })
    for (const { user_id: user } of marks) expect(user).toBe('')
    const mutations = await ch.query<{ command: string }>({ text: 'SELECT command FROM system.mutations' })
    for (const { command } of mutations) expect(command).not.toContain(asked.id)
  })

  test('waits until the loader has passed what was in the log, and answers the same request with the same run', async () => {
    let passed = false
    let asked = 0
    const erasures = await openErasures(ch, database, {
      isLoadedTo: async () => {
        asked += 1
        return passed
      },
    })
    const asking = erasureOf('delete', 'user_alice')
    const first = await erasures.request(asking)
    expect(await erasures.request(asking)).toMatchObject({ id: first.id })
    await expect(erasures.request({ ...asking, mode: 'pseudonymise' })).rejects.toMatchObject({ code: 'conflict' })
    await expect.poll(() => asked).toBeGreaterThan(2)
    expect(await findErasure(database, ORG_ID, first.id)).toMatchObject({ state: 'waiting', userId: 'user_alice' })
    passed = true
    await erasures.idle()
    expect(await findErasure(database, ORG_ID, first.id)).toMatchObject({ state: 'done' })
  })

  test('a recomputation that reaches before an erasure waits for it', async () => {
    const { runs } = await openRuns(ch)
    await runs.takeBack(ORG_ID, runs.list(ORG_ID)[0]?.id ?? '')
    await runs.idle()
    let started = false
    const erasures = await openErasures(ch, database, {
      faultPoint: (name) => {
        if (name !== 'erasure-opened' || started) return
        started = true
        void runs.start(startRequest())
      },
    })
    const calls = (await sumsWithoutPeople(ch, ORG_ID)).length
    await erasures.request(erasureOf('delete', 'Zoë 🌍'))
    await erasures.idle()
    await expect.poll(() => runs.list(ORG_ID).at(-1)?.state).toBe('done')
    expect((await sumsWithoutPeople(ch, ORG_ID)).length).toBeGreaterThan(calls)
    expect(await placesOf(ch, 'Zoë 🌍', [ORG_ID])).toEqual([])
  })
})
