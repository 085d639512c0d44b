import { applyOverrides, type DefinedFactorSet, type FactorSet } from '@ecomind/footprint'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import { factorsAnswer, overrideDeleted, overrideItem } from '@ecomind/schemas'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Database, DatabaseError } from './database/database.ts'
import { readAllOverrides } from './overrides/override-store.ts'
import type { RunningFactors } from './overrides/running-factors.ts'
import { FakeClickHouse } from './testing/fake-clickhouse.ts'
import { startTestApi, type TestApi } from './testing/test-api.ts'
import { openTestStore } from './testing/test-store.ts'

const NOW_MS = Date.parse('2026-05-01T00:00:00Z')
let database: Database
let api: TestApi
let refusing = false

/** What the core does, without publishing. */
function runningFactors(base: DefinedFactorSet): RunningFactors {
  const sets = new Map<string, FactorSet>()
  return {
    base,
    setOf: (orgId) => sets.get(orgId) ?? base,
    refresh: async () => {
      if (refusing) throw new Error('the loader is away')
      const live = (await readAllOverrides(database)).filter((o) => !o.deleted)
      sets.clear()
      for (const orgId of new Set(live.map((o) => o.orgId))) {
        const own = live.filter((o) => o.orgId === orgId)
        sets.set(
          orgId,
          applyOverrides(
            base,
            orgId,
            own.length,
            own.map((o) => o.override),
          ),
        )
      }
    },
  }
}

beforeAll(async () => {
  database = await openTestStore()
  api = await startTestApi(new FakeClickHouse(), {
    database,
    runningFactors: runningFactors(loadDefaultFactorSet()),
    nowMs: () => NOW_MS,
  })
})
afterAll(async () => {
  await api.stop()
  await database.close()
})

const kwhPerCall = (central: number) => ({
  form: 'call',
  boundary: 'it',
  kwh_per_call: { low: central / 2, central, high: central * 2 },
})
const body = (fields: object = {}) => ({
  provider: 'openai',
  model: 'gpt-4o',
  energy: kwhPerCall(0.002),
  evidence: { text: 'Meter of our rack, report 12' },
  ...fields,
})
const send = (method: string, path: string, json?: unknown, org = 'org_demo') =>
  api.get(`/v1/factors${path}?org_id=${org}`, {
    method,
    ...(json === undefined ? {} : { body: JSON.stringify(json), headers: { 'content-type': 'application/json' } }),
  })
const audit = () =>
  database.query<{ action: string; resource_id: string; before: unknown; after: unknown; request_id: string }>(
    'SELECT action, resource_id, before, after, request_id FROM ecomind.audit_entries ORDER BY id',
  )

describe('/v1/factors', () => {
  test('an override is stated, changed, replaced and taken back; every step is in the audit trail', async () => {
    const created = await send(
      'POST',
      '',
      body({ valid_from: '2026-01-01T00:00:00Z', pue: { low: 1.1, central: 1.1, high: 1.1 } }),
    )
    expect(created.status).toBe(201)
    const first = overrideItem.parse(created.json)
    expect(first).toMatchObject({ version: 1, tier: 'E', valid_to: null, evidence: { year: 2026 } })
    expect(first.factor_set).toMatch(/\+org_demo\.1-/)

    const patched = await send('PATCH', `/${first.id}`, { valid_to: '2026-12-31T00:00:00+01:00', pue: null })
    expect(overrideItem.parse(patched.json)).toMatchObject({ version: 2, valid_to: '2026-12-30T23:00:00.000Z' })
    expect(patched.json).not.toHaveProperty('pue')

    const replaced = await send('PUT', `/${first.id}`, body({ model: 'gpt-4o*', tier: 'B' }))
    const third = overrideItem.parse(replaced.json)
    expect(third).toMatchObject({
      version: 3,
      model: 'gpt-4o*',
      valid_from: '2026-05-01T00:00:00.000Z',
      valid_to: null,
    })
    expect((await send('GET', `/${first.id}`)).json).toEqual(third)

    const deleted = await send('DELETE', `/${first.id}`)
    expect(overrideDeleted.parse(deleted.json)).toMatchObject({ id: first.id, version: 4 })
    for (const method of ['GET', 'DELETE'] as const) expect((await send(method, `/${first.id}`)).status).toBe(404)
    expect((await send('PUT', `/${first.id}`, body())).status).toBe(404)

    const entries = await audit()
    expect(entries.map((e) => e.action)).toEqual(['create', 'update', 'update', 'delete'])
    expect(entries.every((e) => e.resource_id === first.id && e.request_id !== '')).toBe(true)
    expect(entries.map((e) => e.before === null)).toEqual([true, false, false, false])
    expect(entries.at(-1)?.after).toBeNull()
  })

  test.each([
    [
      'energy.kwh_per_call',
      'low must not exceed central',
      { energy: { ...kwhPerCall(1), kwh_per_call: { low: 3, central: 1, high: 4 } } },
    ],
    ['pue', 'low must be 1 or more', { pue: { low: 0.5, central: 1, high: 1 } }],
    ['model', 'must hold a letter or digit', { model: '*' }],
    ['region', 'a region that the factor set knows', { region: 'Atlantis' }],
    [
      'valid_to',
      'must lie behind valid_from',
      { valid_from: '2026-02-01T00:00:00Z', valid_to: '2026-02-01T00:00:00Z' },
    ],
    ['valid_from', 'an RFC 3339 time is wanted', { valid_from: '2026-02-30' }],
    ['evidence', 'is required', { evidence: undefined }],
    ['surprise', 'unknown field', { surprise: 1 }],
    ['energy.surprise', 'unknown field', { energy: { ...kwhPerCall(1), surprise: 1 } }],
    ['provider', 'a control character', { provider: 'open\u0000ai' }],
    ['model', 'a control character', { model: 'gpt\ud8004' }],
    ['region', 'a control character', { region: 'U\u0007S' }],
    ['evidence.text', 'a control character', { evidence: { text: 'meter\u0000' } }],
    ['evidence.url', 'http or https', { evidence: { text: 'meter', url: 'javascript:alert(1)' } }],
    ['energy.kwh_per_call.high', 'at most 1000', { energy: kwhPerCall(501) }],
    ['pue.high', 'at most 10', { pue: { low: 1, central: 1, high: 11 } }],
    ['wue_onsite_l_per_kwh_it.high', 'at most 100', { wue_onsite_l_per_kwh_it: { low: 1, central: 1, high: 101 } }],
  ])('%s: %s', async (field, message, fields) => {
    const before = (await audit()).length
    const answer = await send('POST', '', body(fields))
    expect(answer.status).toBe(400)
    expect(answer.json).toMatchObject({
      error: { code: 'invalid_parameter', field, message: expect.stringContaining(message) },
    })
    expect(await audit()).toHaveLength(before)
  })

  test('evidence may have several lines', async () => {
    const created = await send('POST', '', body({ model: 'lines', evidence: { text: 'Rack 7\n\tmeter 3' } }))
    expect(created.status).toBe(201)
    expect((await send('DELETE', `/${overrideItem.parse(created.json).id}`)).status).toBe(200)
  })

  test.each(['GET', 'PUT', 'PATCH', 'DELETE'])('%s of an id with a NUL is refused, not a fault', async (method) => {
    const answer = await send(method, '/a%00b', method === 'GET' || method === 'DELETE' ? undefined : body())
    expect(answer.status).toBe(400)
    expect(answer.json).toMatchObject({ error: { code: 'invalid_parameter', field: 'id' } })
  })

  test('two for the same calls may follow each other, and may not overlap', async () => {
    const model = 'mistral-large'
    const until = '2026-03-01T00:00:00Z'
    const one = await send('POST', '', body({ model, valid_from: '2026-01-01T00:00:00Z', valid_to: until }))
    expect((await send('POST', '', body({ model, valid_from: until }))).status).toBe(201)
    const third = await send('POST', '', body({ model: 'Mistral-Large', valid_from: '2026-02-28T00:00:00Z' }))
    expect(third.status).toBe(409)
    expect(third.json).toMatchObject({ error: { code: 'conflict', field: 'valid_from' } })
    const longer = await send('PATCH', `/${overrideItem.parse(one.json).id}`, { valid_to: null })
    expect(longer.status).toBe(409)
  })

  test('changes at the same time are all kept, numbered without gaps', async () => {
    const many = Array.from({ length: 12 }, (_, i) => send('POST', '', body({ model: `house-model-${i}` })))
    expect((await Promise.all(many)).map((a) => a.status)).toEqual(Array(12).fill(201))
    const rows = await database.query<{ org_revision: number; revision: number }>(
      'SELECT org_revision, revision FROM ecomind.factor_override_versions ORDER BY revision',
    )
    expect(rows.map((r) => r.org_revision)).toEqual(rows.map((_, i) => i + 1))
    expect(rows.map((r) => r.revision)).toEqual(rows.map((_, i) => i + 1))
  })

  test('the list is paged, overrides first, and can be searched', async () => {
    const seen: string[] = []
    let cursor = ''
    do {
      const page = await api.get(`/v1/factors?org_id=org_demo&search=mistral&limit=7${cursor}`)
      const { items, next_cursor } = factorsAnswer.parse(page.json)
      seen.push(...items.map((i) => `${i.kind}:${i.id}`))
      cursor = next_cursor === undefined ? '' : `&cursor=${next_cursor}`
    } while (cursor !== '')
    const kinds = seen.map((s) => s.split(':')[0])
    expect(kinds.lastIndexOf('override')).toBe(1)
    expect(kinds.indexOf('factor')).toBe(2)
    expect(new Set(seen).size).toBe(seen.length)
    const all = await api.get('/v1/factors?org_id=org_demo&search=mistral&limit=1000')
    expect(factorsAnswer.parse(all.json).items.map((i) => `${i.kind}:${i.id}`)).toEqual(seen)
    const only = await api.get('/v1/factors?org_id=org_demo&kind=override')
    expect(factorsAnswer.parse(only.json).items).toHaveLength(14)
  })

  test('a factor of the set is shown with its sources, its tiers too', async () => {
    const standard = await api.get('/v1/factors/openai%2Fgpt-4o?org_id=org_demo')
    expect(standard.json).toMatchObject({ kind: 'factor', id: 'openai/gpt-4o', provider: 'openai' })
    expect((standard.json as { sources: unknown[] }).sources.length).toBeGreaterThan(0)
    expect((await api.get('/v1/factors/openai%2Fnothing?org_id=org_demo')).status).toBe(404)
  })

  test('another organisation is not found, whatever is asked', async () => {
    const [own] = factorsAnswer.parse((await send('GET', '')).json).items
    for (const [method, path, json] of [
      ['GET', '', undefined],
      ['POST', '', body()],
      ['GET', `/${own?.id}`, undefined],
      ['PUT', `/${own?.id}`, body()],
      ['PATCH', `/${own?.id}`, {}],
      ['DELETE', `/${own?.id}`, undefined],
    ] as const) {
      expect((await send(method, path, json, 'org_other')).status).toBe(404)
    }
  })

  test('a control store that is away is told as such, and nothing is half done', async () => {
    let isAway = false
    const away: Database = {
      ...database,
      transaction: (work) =>
        isAway ? Promise.reject(new DatabaseError('control store: terminating', '57P01')) : database.transaction(work),
    }
    const without = await startTestApi(new FakeClickHouse(), {
      database: away,
      runningFactors: runningFactors(loadDefaultFactorSet()),
    })
    isAway = true
    const answer = await without.get('/v1/factors?org_id=org_demo')
    await without.stop()
    expect(answer.status).toBe(503)
    expect(answer.json).toMatchObject({ error: { code: 'database_unavailable' } })
    expect(answer.headers.get('retry-after')).toBe('2')
  })

  test('what the loader cannot take up yet is stored all the same, and says so', async () => {
    refusing = true
    const created = await send('POST', '', body({ model: 'later' }))
    refusing = false
    expect(created.status).toBe(201)
    expect(created.json).toMatchObject({ factor_set: null })
    expect(api.logLines.join('')).toContain('not taken up by the loader yet')
  })
})
