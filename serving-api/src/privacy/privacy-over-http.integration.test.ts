import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClickHouse } from '@ecomind/clickhouse'
import { erasure, erasureRequestAnswer, erasuresAnswer, exportLine } from '@ecomind/schemas'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../database/database.ts'
import { fillPrivacyWorld, openErasures, PERSON, privacyRows } from '../testing/privacy-world.ts'
import { ORG_ID, openWorldDatabase } from '../testing/recomputation-world.ts'
import { startTestApi, type TestApi } from '../testing/test-api.ts'
import { openTestStore } from '../testing/test-store.ts'
import type { Erasures } from './erasures.ts'

let dir: string
let ch: ClickHouse
let database: Database
let erasures: Erasures
let api: TestApi
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ecomind-privacy-http-'))
  ch = await openWorldDatabase(dir)
  database = await openTestStore()
  await fillPrivacyWorld(ch, 21, 6000)
  erasures = await openErasures(ch, database)
  api = await startTestApi(ch, { database, erasures })
  await database.query(
    `INSERT INTO ecomind.users (org_id, id, email, name, usage_user_id, source, created_at, updated_at)
     VALUES ($1, 'u9', 'pat@example.org', 'Pat', $2, 'manual', now(), now())`,
    [ORG_ID, PERSON],
  )
})
afterAll(async () => {
  await api.stop()
  await ch.close()
  await database.close()
  await rm(dir, { recursive: true, force: true })
})

const post = async (path: string, body: unknown) =>
  await api.get(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

test('an export holds every event of the person, once, and says in the end that it is whole', async () => {
  const answer = await post('/v1/privacy/exports', { org_id: ORG_ID, user_id: PERSON })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="exp_[0-9a-f]{20}\.jsonl"$/)
  const lines = answer.text.trimEnd().split('\n')
  const parsed = lines.map((line) => exportLine.parse(JSON.parse(line)))
  const last = parsed.at(-1)
  if (last === undefined || !('manifest' in last)) throw new Error('no manifest')
  const body = answer.text.slice(0, answer.text.lastIndexOf('\n', answer.text.length - 2) + 1)
  expect(last.manifest.sha256).toBe(createHash('sha256').update(body).digest('hex'))
  const rows = parsed.flatMap((line) => ('table' in line ? [line] : []))
  const ids = rows.filter(({ table }) => table === 'usage_events').map(({ row }) => row['event_id'])
  const wanted = privacyRows(21, 6000).filter((r) => r.org_id === ORG_ID && r.user_id === PERSON)
  expect(ids.length).toBe(new Set(ids).size)
  expect([...ids].sort()).toEqual(wanted.map((r) => r.event_id).sort())
  expect(rows.filter(({ table }) => table === 'users').map(({ row }) => row['email'])).toEqual(['pat@example.org'])
  expect(rows.filter(({ table }) => table === 'quarantine').length).toBeGreaterThan(0)
  const days = rows.filter(({ table }) => table === 'usage_1d')
  expect(days.reduce((sum, { row }) => sum + Number(row['calls_sum']), 0)).toBe(wanted.length)
  const entries = await database.query<{ after: unknown }>(
    `SELECT after FROM ecomind.audit_entries WHERE action = 'export' AND org_id = $1`,
    [ORG_ID],
  )
  expect(entries.length).toBe(1)
  expect(JSON.stringify(entries)).not.toContain(PERSON)
})

test('an erasure is previewed, requested, listed, and gives its certificate', async () => {
  const previewed = await post('/v1/privacy/erasures', { org_id: ORG_ID, user_id: PERSON, mode: 'delete' })
  const preview = erasureRequestAnswer.parse(previewed.json)
  expect(preview.run).toBeNull()
  expect(preview.preview).toMatchObject({ accounts: 1 })
  const requested = await post('/v1/privacy/erasures', {
    org_id: ORG_ID,
    user_id: PERSON,
    mode: 'delete',
    preview: false,
  })
  const id = erasureRequestAnswer.parse(requested.json).run?.id ?? ''
  await erasures.idle()
  const done = erasure.parse((await api.get(`/v1/privacy/erasures/${id}?org_id=${ORG_ID}`)).json)
  expect(done).toMatchObject({ state: 'done', found: preview.preview, error: null })
  expect(done.certificate?.rows_before).toEqual(preview.preview)
  expect(Object.values(done.certificate?.rows_after ?? {}).every((rows) => rows === 0)).toBe(true)
  const listed = await api.get(`/v1/privacy/erasures?org_id=${ORG_ID}&limit=1`)
  expect(erasuresAnswer.parse(listed.json).items.map((item) => item.id)).toEqual([id])
  expect(listed.text).not.toContain(PERSON)
  expect(
    (await api.get(`/v1/events?org_id=${ORG_ID}&filter=${encodeURIComponent(`user_id:${PERSON}`)}`)).text,
  ).not.toContain(PERSON)
  const [user] = await database.query<{ usage_user_id: string | null }>(
    `SELECT usage_user_id FROM ecomind.users WHERE id = 'u9'`,
  )
  expect(user?.usage_user_id).toBeNull()
})

test.each([
  [{ org_id: ORG_ID, mode: 'delete' }, 400],
  [{ org_id: ORG_ID, user_id: '', mode: 'delete' }, 400],
  [{ org_id: ORG_ID, user_id: 'x', mode: 'forget' }, 400],
  [{ org_id: 'org_b', user_id: 'x', mode: 'delete' }, 404],
])('a request such as %j is refused with %i', async (body, status) => {
  expect((await post('/v1/privacy/erasures', body)).status).toBe(status)
})

test('an erasure of another organisation, or none, is not found', async () => {
  expect((await api.get(`/v1/privacy/erasures/ers_0?org_id=${ORG_ID}`)).status).toBe(404)
})
