/** Requests that are sent twice. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROUTES } from '../routes.ts'
import { type ControlWorld, startControlWorld, type WorldOrganisation } from '../testing/control-world.ts'
import type { TestAnswer } from '../testing/test-api.ts'

const DAY_MS = 86_400_000
const codeOf = (answer: TestAnswer): unknown => (answer.json as { error?: { code?: unknown } } | null)?.error?.code

describe('Idempotency-Key', () => {
  let world: ControlWorld
  let a: WorldOrganisation
  let b: WorldOrganisation
  beforeAll(async () => {
    world = await startControlWorld()
    ;[a, b] = world.organisations
  })
  afterAll(async () => await world?.close())

  const post = (bearer: string, key: string, body: unknown, path = '/v1/users') =>
    world.call(bearer, 'POST', path, body, { 'idempotency-key': key })

  test('the same request again has the same answer, its version and its status, and is done once', async () => {
    const body = { email: 'again@a.example', name: 'Again' }
    const first = await post(a.keys.admin, 'again', body)
    const second = await post(a.keys.admin, 'again', { name: 'Again', email: 'again@a.example' })
    expect(first.status).toBe(201)
    expect([second.status, second.json]).toEqual([201, first.json])
    expect(second.headers.get('etag')).toBe(first.headers.get('etag'))
    expect([first, second].map((x) => x.headers.get('idempotency-replayed'))).toEqual([null, 'true'])
  })

  test('another request with the same key is refused', async () => {
    await post(a.keys.admin, 'other', { email: 'other1@a.example' })
    const second = await post(a.keys.admin, 'other', { email: 'other2@a.example' })
    expect([second.status, codeOf(second)]).toEqual([422, 'idempotency_key_reused'])
    const elsewhere = await post(a.keys.admin, 'other', { id: 'x' }, '/v1/teams')
    expect(codeOf(elsewhere)).toBe('idempotency_key_reused')
  })

  test('keys belong to one actor of one organisation', async () => {
    const body = { email: 'same@same.example' }
    const first = await post(a.keys.admin, 'mine', body)
    expect(first.status).toBe(201)
    expect((await post(a.people.admin.bearer, 'mine', body)).status).toBe(409)
    const foreign = await post(b.keys.admin, 'mine', body)
    expect(foreign.status).toBe(201)
    expect(foreign.json).not.toEqual(first.json)
  })

  test('a refusal is not kept: the same key goes through once its cause is gone', async () => {
    const body = { id: 'needs-team', team_id: 'later' }
    expect((await post(a.keys.admin, 'refused', body, '/v1/projects')).status).toBe(400)
    await world.call(a.keys.admin, 'POST', '/v1/teams', { id: 'later' })
    expect((await post(a.keys.admin, 'refused', body, '/v1/projects')).status).toBe(201)
  })

  test('whoever lost the right gets no answer of before', async () => {
    const { bearer, id } = a.people.admin
    const body = { email: 'right@a.example' }
    expect((await post(bearer, 'right', body)).status).toBe(201)
    await world.call(a.people.owner.bearer, 'PATCH', `/v1/users/${id}`, { roles: [{ role: 'viewer' }] })
    expect((await post(bearer, 'right', body)).status).toBe(403)
    await world.call(a.people.owner.bearer, 'PATCH', `/v1/users/${id}`, { roles: [{ role: 'admin' }] })
  })

  test('many at once do the work once; each is told the answer, or to come back', async () => {
    const body = { email: 'burst@a.example' }
    const burst = await Promise.all(Array.from({ length: 12 }, () => post(a.keys.admin, 'burst', body)))
    for (const answer of burst) {
      if (answer.status === 201) continue
      expect([answer.status, codeOf(answer)]).toEqual([409, 'request_in_progress'])
      expect(answer.headers.get('retry-after')).toBe('1')
    }
    const later = await post(a.keys.admin, 'burst', body)
    const made = burst.filter((x) => x.status === 201)
    expect(made.length).toBeGreaterThan(0)
    for (const answer of made) expect(answer.json).toEqual(later.json)
  })

  test('an answer is kept sealed, and for a day', async () => {
    const body = { id: `made-${a.id}`.slice(0, 64), name: 'Made' }
    const isFirst = await world.call(a.keys.admin, 'GET', '/v1/orgs')
    expect(isFirst.status).toBe(200)
    const first = await post(a.keys.admin, 'sealed', body, '/v1/orgs')
    const secret = (first.json as { admin_key: string }).admin_key
    expect(secret).toMatch(/^eco_a_/)
    expect((await post(a.keys.admin, 'sealed', body, '/v1/orgs')).json).toEqual(first.json)
    const rows = await world.database.query<{ answer: string }>('SELECT answer FROM ecomind.idempotency_keys')
    expect(rows.length).toBeGreaterThan(0)
    for (const row of rows) expect(row.answer).not.toContain(secret)
    world.clock.nowMs += DAY_MS + 1000
    const next = await post(a.keys.admin, 'sealed', body, '/v1/orgs')
    expect(codeOf(next)).toBe('conflict')
    const other = await post(a.keys.admin, 'sealed', { email: 'day@a.example' })
    expect(other.status).toBe(201)
    const old = await world.database.query('SELECT key FROM ecomind.idempotency_keys WHERE created_at < $1', [
      new Date(world.clock.nowMs - DAY_MS),
    ])
    expect(old).toEqual([])
  })

  test.each(['', ' ', 'a b', 'ä', 'x'.repeat(129)])('%j is no key', async (key) => {
    const answer = await post(a.keys.admin, key, { email: 'nokey@a.example' })
    expect(answer.json).toMatchObject({ error: { code: 'invalid_parameter', field: 'Idempotency-Key' } })
  })

  test('whatever is sent in whatever order, a key stands for its first request that went through', async () => {
    const request = fc.record({
      key: fc.constantFrom('k1', 'k2', 'k3'),
      id: fc.constantFrom('t1', 't2', 't3'),
      actor: fc.constantFrom<0 | 1>(0, 1),
    })
    let round = 0
    await fc.assert(
      fc.asyncProperty(fc.array(request, { maxLength: 8 }), async (requests) => {
        const prefix = `r${round++}-${Date.now()}-`
        const [done, there] = [new Map<string, { id: string; json: unknown }>(), new Set<string>()]
        for (const { key, id, actor } of requests) {
          const bearer = actor === 0 ? a.keys.admin : a.people.owner.bearer
          const answer = await post(bearer, prefix + key, { id: prefix + id }, '/v1/teams')
          const earlier = done.get(`${actor}/${key}`)
          if (earlier !== undefined && earlier.id === id)
            expect([answer.status, answer.json]).toEqual([201, earlier.json])
          else if (earlier !== undefined) expect(answer.status).toBe(422)
          else if (there.has(id)) expect([answer.status, codeOf(answer)]).toEqual([409, 'conflict'])
          else {
            expect(answer.status).toBe(201)
            done.set(`${actor}/${key}`, { id, json: answer.json })
            there.add(id)
          }
        }
      }),
      { numRuns: 12 },
    )
  })

  test('every POST takes a key, except questions, sign-in, edges, privacy, whose requests repeat themselves, and SCIM, which knows none', () => {
    const without = ROUTES.filter((r) => r.method === 'post' && r.idempotent === undefined).map((r) => r.path)
    expect(without.filter((path) => !/^\/(?:scim\/|v1\/(?:auth\/|edge\/|privacy\/|whatif$|sql$))/.test(path))).toEqual(
      [],
    )
  })
})
