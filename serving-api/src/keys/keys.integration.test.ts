import { randomBytes } from 'node:crypto'
import { edgeAuthorization, hashApiKey, openKeySnapshot, readKeyRing } from '@ecomind/schemas/keys'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { readApiConfig } from '../config.ts'
import type { Database } from '../database/database.ts'
import { FakeClickHouse } from '../testing/fake-clickhouse.ts'
import { startTestApi, type TestAnswer, type TestApi } from '../testing/test-api.ts'
import { openTestStore } from '../testing/test-store.ts'

const SECRET_KEYS = `k1:${randomBytes(32).toString('base64')}`
const ring = readKeyRing(SECRET_KEYS)
const FIRST = `eco_a_${randomBytes(32).toString('base64url')}`
const WAIT = { timeout: 60_000, interval: 20 }

interface KeyJson {
  readonly id: string
  readonly secret: string
  readonly [field: string]: unknown
}

let database: Database
let api: TestApi
let nowMs = Date.UTC(2026, 10, 26, 12)
/** Admin key of a second organisation. */
let foreign: string

beforeAll(async () => {
  database = await openTestStore()
  const config = readApiConfig({
    ECOMIND_MODE: 'production',
    ECOMIND_SECRET_KEYS: SECRET_KEYS,
    ECOMIND_INIT_ORG_ID: 'org_a',
    ECOMIND_INIT_OWNER_EMAIL: 'owner@a.example',
    ECOMIND_INIT_OWNER_PASSWORD: randomBytes(12).toString('hex'),
    ECOMIND_INIT_ADMIN_KEY: FIRST,
    API_HOST: '127.0.0.1',
  })
  api = await startTestApi(new FakeClickHouse(), { database, nowMs: () => nowMs }, { ...config, port: 0 })
  const made = await ask(FIRST, 'POST', '/v1/orgs', { id: 'org_b', name: 'B' })
  foreign = (made.json as { admin_key: string }).admin_key
})
afterAll(async () => {
  await api.stop()
  await database.close()
})

async function ask(
  secret: string | null,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<TestAnswer> {
  return await api.get(path, {
    method,
    headers: {
      ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

async function makeKey(change: Readonly<Record<string, unknown>> = {}, secret = FIRST): Promise<KeyJson> {
  const made = await ask(secret, 'POST', '/v1/keys', { name: 'sdk', scopes: ['ingest'], ...change })
  expect(made.status, made.text).toBe(201)
  return made.json as KeyJson
}

const codeOf = (answer: TestAnswer): unknown => (answer.json as { error?: { code: unknown } }).error?.code
const snapshotOf = async (headers: Readonly<Record<string, string>> = {}) => {
  const answer = await api.get('/v1/edge/keys', { headers: { authorization: edgeAuthorization(ring), ...headers } })
  const snapshot = answer.status === 200 ? openKeySnapshot(ring, answer.text) : null
  return { status: answer.status, etag: answer.headers.get('etag') ?? '', snapshot }
}

describe('/v1/keys', () => {
  test('a secret is shown once, and stands nowhere afterwards', async () => {
    const key = await makeKey({ rate_per_second: 5, events_per_day_max: 1000, expires_at: '2027-01-01T00:00:00Z' })
    expect(key.secret).toMatch(/^eco_i_[0-9A-Za-z]{43}$/)
    const shown = await ask(FIRST, 'GET', `/v1/keys/${key.id}`)
    const { secret, ...rest } = key
    expect(shown.json).toEqual(rest)
    expect(rest).toMatchObject({ rate_per_second: 5, events_per_day_max: 1000, expires_at: '2027-01-01T00:00:00.000Z' })
    const hash = hashApiKey(ring, 'k1', secret)
    const audited = JSON.stringify(await database.query('SELECT * FROM ecomind.audit_entries'))
    expect(audited).toContain(key.id)
    const list = (await ask(FIRST, 'GET', '/v1/keys')).text
    for (const text of [audited, list, api.logLines.join('')]) {
      expect(text).not.toContain(secret.slice(6, -4))
      expect(text).not.toContain(hash)
      expect(text).not.toContain(FIRST.slice(6, -4))
    }
  })

  test('what a key may is what its scopes say', async () => {
    const reader = await makeKey({ scopes: ['read'] })
    const sender = await makeKey()
    expect((await ask(reader.secret, 'GET', '/v1/orgs/org_a')).status).toBe(200)
    expect(codeOf(await ask(reader.secret, 'GET', '/v1/keys'))).toBe('forbidden')
    expect(codeOf(await ask(reader.secret, 'POST', '/v1/keys', { name: 'x', scopes: ['ingest'] }))).toBe('forbidden')
    expect(codeOf(await ask(sender.secret, 'GET', '/v1/orgs/org_a'))).toBe('forbidden')
    expect(codeOf(await ask(null, 'GET', '/v1/keys'))).toBe('unauthorized')
    expect(codeOf(await ask(`eco_a_${'x'.repeat(43)}`, 'GET', '/v1/keys'))).toBe('unauthorized')
    expect((await makeKey({ scopes: ['admin'] })).secret).toMatch(/^eco_a_/)
  })

  test.each([
    ['no name', { name: undefined }],
    ['an empty name', { name: ' ' }],
    ['no scope', { scopes: [] }],
    ['an unknown scope', { scopes: ['root'] }],
    ['a scope twice', { scopes: ['read', 'read'] }],
    ['a time that is over', { expires_at: '2020-01-01T00:00:00Z' }],
    ['no time', { expires_at: 'tomorrow' }],
    ['a rate of zero', { rate_per_second: 0 }],
    ['half an event', { events_per_day_max: 0.5 }],
    ['a secret of the client', { secret: 'eco_i_mine' }],
  ])('%s is refused', async (_, change) => {
    const refused = await ask(FIRST, 'POST', '/v1/keys', { name: 'x', scopes: ['ingest'], ...change })
    expect([refused.status, codeOf(refused)]).toEqual([400, 'invalid_parameter'])
  })

  test('a revoked key is refused at once, for good, and leaves the list', async () => {
    const key = await makeKey({ scopes: ['read'] })
    expect((await ask(key.secret, 'GET', '/v1/orgs/org_a')).status).toBe(200)
    const revoked = await ask(FIRST, 'DELETE', `/v1/keys/${key.id}`)
    expect(revoked.json).toMatchObject({ id: key.id, revoked_at: new Date(nowMs).toISOString() })
    expect(codeOf(await ask(key.secret, 'GET', '/v1/orgs/org_a'))).toBe('unauthorized')
    expect((await ask(FIRST, 'DELETE', `/v1/keys/${key.id}`)).json).toEqual(revoked.json)
    expect(codeOf(await ask(FIRST, 'PATCH', `/v1/keys/${key.id}`, { name: 'again' }))).toBe('conflict')
    const rotate = `/v1/keys/${key.id}/rotate`
    expect(codeOf(await ask(FIRST, 'POST', rotate, { overlap_seconds: 5 }))).toBe('conflict')
    expect((await ask(FIRST, 'GET', '/v1/keys')).text).not.toContain(key.id)
    expect((await ask(FIRST, 'GET', '/v1/keys?revoked=true')).text).toContain(key.id)
  })

  test('a key that another process revoked is refused within two seconds', async () => {
    const key = await makeKey({ scopes: ['read'] })
    expect((await ask(key.secret, 'GET', '/v1/orgs/org_a')).status).toBe(200)
    await database.query('UPDATE ecomind.api_keys SET revoked_at = $1 WHERE id = $2', [new Date(nowMs), key.id])
    nowMs += 2000
    expect(codeOf(await ask(key.secret, 'GET', '/v1/orgs/org_a'))).toBe('unauthorized')
  })

  test('a key ends at its time', async () => {
    const key = await makeKey({ scopes: ['read'], expires_at: new Date(nowMs + 1500).toISOString() })
    expect((await ask(key.secret, 'GET', '/v1/orgs/org_a')).status).toBe(200)
    nowMs += 1500
    expect(codeOf(await ask(key.secret, 'GET', '/v1/orgs/org_a'))).toBe('unauthorized')
  })

  test('a rotated key goes on for the overlap, and the new one has its rights', async () => {
    const old = await makeKey({ scopes: ['read'], rate_per_second: 7 })
    const answer = await ask(FIRST, 'POST', `/v1/keys/${old.id}/rotate`, { overlap_seconds: 60 })
    expect(answer.status, answer.text).toBe(201)
    const fresh = answer.json as KeyJson
    expect(fresh).toMatchObject({ name: old['name'], scopes: ['read'], rate_per_second: 7, replaces: old.id })
    expect(fresh.id).not.toBe(old.id)
    for (const key of [old, fresh]) expect((await ask(key.secret, 'GET', '/v1/orgs/org_a')).status).toBe(200)
    nowMs += 60_000
    expect(codeOf(await ask(old.secret, 'GET', '/v1/orgs/org_a'))).toBe('unauthorized')
    expect((await ask(fresh.secret, 'GET', '/v1/orgs/org_a')).status).toBe(200)
    expect(codeOf(await ask(FIRST, 'POST', `/v1/keys/${old.id}/rotate`, { overlap_seconds: 60 }))).toBe('conflict')
  })

  test('a change that comes behind another one is refused with If-Match', async () => {
    const key = await makeKey()
    const path = `/v1/keys/${key.id}`
    const tag = (await ask(FIRST, 'GET', path)).headers.get('etag') ?? ''
    const first = await ask(FIRST, 'PATCH', path, { rate_per_second: 9 }, { 'if-match': tag })
    expect(first.json).toMatchObject({ rate_per_second: 9, name: 'sdk', version: 2 })
    const second = await ask(FIRST, 'PATCH', path, { rate_per_second: null }, { 'if-match': tag })
    expect(codeOf(second)).toBe('precondition_failed')
    expect((await ask(FIRST, 'PATCH', path, { rate_per_second: null })).json).toMatchObject({ rate_per_second: null })
  })

  test('pages hold every key once', async () => {
    const wanted = await Promise.all([1, 2, 3, 4, 5].map((n) => makeKey({ name: `page ${n}` }, foreign)))
    const found: string[] = []
    for (let cursor = ''; ; ) {
      const page = (await ask(foreign, 'GET', `/v1/keys?limit=2${cursor}`)).json as {
        items: KeyJson[]
        next_cursor?: string
      }
      expect(page.items.length).toBeLessThanOrEqual(2)
      found.push(...page.items.map((k) => k.id))
      if (page.next_cursor === undefined) break
      cursor = `&cursor=${page.next_cursor}`
    }
    expect(found.length).toBe(6)
    expect(new Set(found)).toEqual(new Set([...found, ...wanted.map((k) => k.id)]))
  })

  test('keys, ids and cursors of another organisation are as if they were not there', async () => {
    const key = await makeKey()
    const path = `/v1/keys/${key.id}`
    for (const [method, at, body] of [
      ['GET', path, undefined],
      ['PATCH', path, { name: 'mine' }],
      ['DELETE', path, undefined],
      ['POST', `${path}/rotate`, { overlap_seconds: 1 }],
      ['GET', '/v1/keys?org_id=org_a', undefined],
    ] as const)
      expect(codeOf(await ask(foreign, method, at, body)), `${method} ${at}`).toBe('not_found')
    const page = (await ask(FIRST, 'GET', '/v1/keys?limit=1')).json as { next_cursor: string }
    expect(codeOf(await ask(foreign, 'GET', `/v1/keys?cursor=${page.next_cursor}`))).toBe('not_found')
    expect((await ask(FIRST, 'GET', path)).json).toMatchObject({ name: 'sdk', revoked_at: null })
  })

  test('the last use is noted behind the answer', async () => {
    const key = await makeKey({ scopes: ['read'] })
    await ask(key.secret, 'GET', '/v1/orgs/org_a')
    const used = new Date(nowMs).toISOString()
    await vi.waitFor(
      async () => expect((await ask(FIRST, 'GET', `/v1/keys/${key.id}`)).json).toMatchObject({ last_used_at: used }),
      WAIT,
    )
  })
})

describe('/v1/edge', () => {
  test('speaks to edges only', async () => {
    for (const secret of [null, FIRST, 'eco_edge_x'])
      expect(codeOf(await ask(secret, 'GET', '/v1/edge/keys')), String(secret)).toBe('unauthorized')
    expect((await ask(FIRST, 'GET', '/v1/openapi.json')).text).not.toContain('/v1/edge')
  })

  test('a snapshot holds what can be used, and is sent again only when something changed', async () => {
    const key = await makeKey({ rate_per_second: 3, events_per_day_max: 9 })
    const before = await snapshotOf()
    const entry = before.snapshot?.keys.find((k) => k.id === key.id)
    expect(entry).toEqual({
      id: key.id,
      org_id: 'org_a',
      hash: hashApiKey(ring, 'k1', key.secret),
      pepper_id: 'k1',
      scopes: ['ingest'],
      expires_at_ms: null,
      rate_per_second: 3,
      events_per_day_max: 9,
    })
    expect((await snapshotOf({ 'if-none-match': before.etag })).status).toBe(304)
    await ask(FIRST, 'PATCH', `/v1/keys/${key.id}`, { name: 'renamed' })
    await ask(FIRST, 'DELETE', `/v1/keys/${key.id}`)
    const after = await snapshotOf({ 'if-none-match': before.etag })
    expect(after.status).toBe(200)
    expect(after.snapshot?.revision).toBeGreaterThan(before.snapshot?.revision ?? Number.POSITIVE_INFINITY)
    expect(after.snapshot?.keys.some((k) => k.id === key.id)).toBe(false)
  })

  test('limits of organisations are there, and keys of one that ended are not', async () => {
    const made = await ask(FIRST, 'POST', '/v1/orgs', { id: 'org_c', name: 'C' })
    const admin = (made.json as { admin_key: string }).admin_key
    const limits = { events_per_second_max: 4, events_per_day_max: 40 }
    await ask(admin, 'PATCH', '/v1/orgs/org_c', { settings: limits })
    const { snapshot } = await snapshotOf()
    expect(snapshot?.organisations).toEqual([{ id: 'org_c', rate_per_second: 4, events_per_day_max: 40 }])
    expect(snapshot?.keys.some((k) => k.org_id === 'org_c')).toBe(true)
    expect((await ask(admin, 'DELETE', '/v1/orgs/org_c')).status).toBe(200)
    const ended = (await snapshotOf()).snapshot
    expect(ended?.organisations).toEqual([])
    expect(ended?.keys.some((k) => k.org_id === 'org_c')).toBe(false)
    nowMs += 2000
    expect(codeOf(await ask(admin, 'GET', '/v1/orgs/org_c'))).toBe('unauthorized')
  })

  test('uses that edges tell never go back in time, and those of unknown keys are no fault', async () => {
    const key = await makeKey()
    const tell = (usedAtMs: number, keyId = key.id) =>
      api.get('/v1/edge/key-uses', {
        method: 'POST',
        headers: { authorization: edgeAuthorization(ring), 'content-type': 'application/json' },
        body: JSON.stringify({ uses: [{ org_id: 'org_a', key_id: keyId, used_at_ms: usedAtMs }] }),
      })
    const { etag } = await snapshotOf()
    for (const at of [nowMs, nowMs - 5000]) expect((await tell(at)).status).toBe(200)
    expect((await tell(nowMs, 'nobody')).status).toBe(200)
    const shown = await ask(FIRST, 'GET', `/v1/keys/${key.id}`)
    expect(shown.json).toMatchObject({ last_used_at: new Date(nowMs).toISOString(), version: 1 })
    expect((await snapshotOf({ 'if-none-match': etag })).status).toBe(304)
  })
})
