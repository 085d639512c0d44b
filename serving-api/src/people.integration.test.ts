import type { UsageRow } from '@ecomind/clickhouse'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import { eventsAnswer, today, type UsageAnswer, usageAnswer } from '@ecomind/schemas'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { authenticateBySigns } from './access/authenticate.ts'
import type { Grant, Person, Principal } from './access/principal.ts'
import { answerSealOf } from './http/answer-seal.ts'
import { type Organisation, onlyOrganisation } from './organisations/organisation.ts'
import { randomRow, seededRandom, USERS } from './testing/random-usage.ts'
import { startTestApi, type TestApi } from './testing/test-api.ts'
import { openUsageDatabase, type UsageDatabase } from './testing/usage-database.ts'

const SEED = 77
const NOW_MS = Date.UTC(2025, 8, 30, 12)
const ORGS = ['org_a', 'org_b'] as const
const set = loadDefaultFactorSet()
const random = seededRandom(SEED)
const rows: UsageRow[] = Array.from({ length: 400 }, (_, index) => ({
  ...randomRow(random, set, { tsMs: NOW_MS - Math.floor(random() * 3 * 86_400_000), index, watermarkMs: NOW_MS }),
  org_id: ORGS[index % 2] ?? 'org_a',
}))
const ofA = rows.filter((r) => r.org_id === 'org_a')
const PERIOD = 'from=2025-09-27&to=2025-10-01'

let database: UsageDatabase
let api: TestApi
let settings: Partial<Organisation['settings']> = {}

const organisations = {
  find: async (orgId: string): Promise<Organisation | null> => {
    const only = await onlyOrganisation(orgId, 'UTC').find(orgId)
    const isKnown = ORGS.some((id) => id === orgId)
    if (!isKnown || only === null) return null
    return {
      ...only,
      isFirst: orgId === 'org_a',
      pseudonymKey: ['1', orgId === 'org_a' ? '2' : '3'],
      settings: { ...only.settings, ...settings },
    }
  },
  forget: () => {},
}
const person = (orgId: string, usageUserId: string | null, grants: readonly Grant[]): Person => ({
  orgId,
  userId: 'u1',
  email: 'a@b.example',
  name: 'A',
  usageUserId,
  grants,
})
const whole = { kind: 'organisation' } as const
const team = { kind: 'team', id: 'research' } as const
const PEOPLE: Readonly<Record<string, readonly Person[]>> = {
  admin: [person('org_a', null, [{ role: 'admin', scope: whole }])],
  viewer: [person('org_a', 'user_bob', [{ role: 'viewer', scope: whole }])],
  teamViewer: [person('org_a', 'user_bob', [{ role: 'viewer', scope: team }])],
  teamAnalyst: [person('org_a', null, [{ role: 'analyst', scope: team }])],
  nobody: [person('org_a', 'user_bob', [])],
  unknownUsage: [person('org_a', null, [])],
  both: [person('org_a', null, [{ role: 'admin', scope: whole }]), person('org_b', null, [])],
}

beforeAll(async () => {
  database = await openUsageDatabase(rows)
  const authenticate = authenticateBySigns({
    bearer: async (name): Promise<Principal | null> => {
      const people = PEOPLE[name]
      return people === undefined ? null : { kind: 'session', sessionId: name, people }
    },
    session: async () => null,
  })
  const control = {
    organisations,
    authenticate,
    keys: null,
    makeAdminKey: () => Promise.reject(new Error('not asked here')),
    signIn: null,
    answerSeal: answerSealOf(null),
  }
  api = await startTestApi(
    database.clickhouse,
    {
      control,
      loadFactorSet: async (id) => (id === set.id ? set : null),
      watermark: () => NOW_MS,
      nowMs: () => NOW_MS,
    },
    { mode: 'production' },
  )
})
afterAll(async () => {
  await api?.stop()
  await database?.close()
})

async function ask(who: string, path: string) {
  return await api.get(path, { headers: { authorization: `Bearer ${who}` } })
}
async function usage(who: string, query: string): Promise<UsageAnswer> {
  const answer = await ask(who, `/v1/usage?${PERIOD}&${query}`)
  expect(answer.status, answer.text).toBe(200)
  return usageAnswer.parse(answer.json)
}
const callsOf = (keep: (row: UsageRow) => boolean): number => ofA.filter(keep).length
const peopleIn = (answer: UsageAnswer): readonly string[] => answer.items.map((i) => i.user_id ?? '').sort()

describe('rows of usage', () => {
  test.each([
    ['admin', () => true],
    ['viewer', () => true],
    ['teamViewer', (r: UsageRow) => r.team_id === 'research' || r.user_id === 'user_bob'],
    ['teamAnalyst', (r: UsageRow) => r.team_id === 'research'],
    ['nobody', (r: UsageRow) => r.user_id === 'user_bob'],
    ['unknownUsage', () => false],
  ] as const)('%s sees these and no others, in every window and breakdown', async (who, keep) => {
    settings = {}
    for (const query of [
      '',
      'window=1d',
      'window=1h&group_by=model',
      'group_by=team',
      'group_by=user',
      'filter=model:gpt-4o',
    ]) {
      const answer = await usage(who, query)
      const inFilter = (r: UsageRow) => !query.includes('filter') || r.model === 'gpt-4o'
      expect(answer.totals.calls, `${who} ${query}`).toBe(callsOf((r) => keep(r) && inFilter(r)))
    }
    const day = today.parse((await ask(who, '/v1/today')).json)
    expect(day.calls).toBe(callsOf((r) => keep(r) && r.ts >= Date.UTC(2025, 8, 30)))
    const filtered = await usage(who, 'filter=user:user_alice')
    expect(filtered.totals.calls).toBe(callsOf((r) => keep(r) && r.user_id === 'user_alice'))
  })

  test('events and their explanation are those of the rows that may be seen', async () => {
    settings = {}
    const listed = eventsAnswer.parse((await ask('teamAnalyst', `/v1/events?${PERIOD}&limit=1000`)).json)
    expect(listed.items).toHaveLength(callsOf((r) => r.team_id === 'research'))
    const hidden = ofA.find((r) => r.team_id !== 'research')
    const shown = ofA.find((r) => r.team_id === 'research')
    expect((await ask('teamAnalyst', `/v1/events/${hidden?.event_id}/explain`)).status).toBe(404)
    expect((await ask('teamAnalyst', `/v1/events/${shown?.event_id}/explain`)).status).toBe(200)
  })

  test('what is of the organisation as a whole is not for someone with a part of it', async () => {
    for (const path of ['/v1/reconciliation', '/v1/quarantine', '/v1/factors', '/v1/recomputations'])
      expect((await ask('teamAnalyst', path)).status, path).toBe(403)
  })

  test('another organisation is unknown, and one of several is to be named', async () => {
    expect((await ask('admin', `/v1/usage?${PERIOD}&org_id=org_b`)).status).toBe(404)
    expect((await ask('admin', '/v1/orgs/org_b')).status).toBe(404)
    expect((await ask('both', `/v1/usage?${PERIOD}`)).status).toBe(400)
    expect((await ask('both', `/v1/usage?${PERIOD}&org_id=org_a`)).status).toBe(200)
    expect((await ask('both', '/v1/orgs/org_b')).status).toBe(403)
    expect((await ask('nosuchkey', '/v1/orgs')).status).toBe(401)
    expect((await api.get('/v1/orgs')).status).toBe(401)
    expect((await api.get('/health')).status).toBe(200)
  })
})

describe('pseudonyms', () => {
  test('stand in place of people for whoever may not know them, the same everywhere, another in each organisation', async () => {
    settings = { pseudonyms: true }
    const named = await usage('admin', 'group_by=user')
    const veiled = await usage('viewer', 'group_by=user')
    expect(peopleIn(named)).toEqual([...USERS].sort())
    expect(veiled.items).toHaveLength(USERS.length)
    expect(veiled.items.map((i) => i.calls).sort()).toEqual(named.items.map((i) => i.calls).sort())
    for (const user of peopleIn(veiled)) expect(user).toMatch(/^p_[0-9a-f]{32}$/)
    expect(
      peopleIn(await usage('viewer', 'group_by=user&window=1d&filter=team:research')).every((p) =>
        peopleIn(veiled).includes(p),
      ),
    ).toBe(true)
    const largest = await usage('viewer', 'group_by=user&limit=1&order_by=calls')
    const most = Math.max(...named.items.map((i) => i.calls))
    expect(largest.items.map((i) => i.calls)).toEqual([most])
    expect(peopleIn(veiled)).toContain(largest.items[0]?.user_id)
    const [first] = veiled.items
    const filtered = await usage('viewer', `filter=user:${first?.user_id}`)
    expect(filtered.totals.calls).toBe(first?.calls)
    expect((await usage('viewer', 'filter=user:user_alice')).totals.calls).toBe(0)
    expect(JSON.stringify(veiled)).not.toContain('alice')
  })

  test('also in events and in explanations, and never for oneself alone', async () => {
    settings = { pseudonyms: true }
    const listed = await ask('teamAnalyst', `/v1/events?${PERIOD}&limit=1000`)
    for (const user of USERS) expect(listed.text).not.toContain(JSON.stringify(user).slice(1, -1))
    const { items } = eventsAnswer.parse(listed.json)
    expect(items.length).toBeGreaterThan(10)
    // Columns that the table computes are there, too.
    expect(items.some((i) => i.water_l_offsite !== 0)).toBe(true)
    const explained = await ask('teamAnalyst', `/v1/events/${items[0]?.event_id}/explain`)
    expect(explained.status).toBe(200)
    for (const user of USERS) expect(explained.text).not.toContain(JSON.stringify(user).slice(1, -1))
    expect(peopleIn(await usage('nobody', 'group_by=user'))).toEqual(['user_bob'])
  })

  test('other answers hold nobody by name either', async () => {
    settings = { pseudonyms: true }
    const paths = [
      `/v1/intensity?${PERIOD}&group_by=user`,
      `/v1/aggregate/daily?from=2025-09-28&to=2025-09-30&user_id=user_alice`,
      `/v1/usage/explain?${PERIOD}`,
      `/v1/suggestions?${PERIOD}`,
    ]
    for (const path of paths) {
      const answer = await ask('viewer', path)
      expect(answer.status, `${path} ${answer.text.slice(0, 300)}`).toBe(200)
      expect(answer.text).not.toContain('user_bob')
    }
  })
})

describe('a minimum of people', () => {
  test('also of a period that another is compared with', async () => {
    settings = { people_min: 3 }
    const alone = ofA.toSorted((a, b) => a.ts - b.ts)[0]
    if (alone === undefined) throw new Error('no rows')
    const [fromMs, endMs] = [Math.floor(alone.ts / 60_000) * 60_000, Math.floor(alone.ts / 60_000) * 60_000 + 60_000]
    const people = new Set(ofA.filter((r) => r.ts >= fromMs && r.ts < endMs).map((r) => r.user_id))
    expect(people.size).toBeLessThan(3)
    const compare = `compare=${new Date(fromMs).toISOString()}..${new Date(endMs).toISOString()}`
    for (const more of ['', '&limit=2'])
      expect((await ask('viewer', `/v1/usage?${PERIOD}&group_by=user&${compare}${more}`)).status).toBe(403)
  })

  test('keeps breakdowns of fewer people and of chosen ones from whoever may not know people', async () => {
    settings = { people_min: 3 }
    expect((await usage('viewer', 'group_by=user')).items).toHaveLength(USERS.length)
    const small = `group_by=user&filter=model:gpt-4o&filter=team:research&filter=region:FR`
    const refused = [
      `/v1/usage?${PERIOD}&filter=user:user_bob`,
      `/v1/usage?${PERIOD}&filter=-user:user_bob`,
      `/v1/today?user_id=user_bob`,
    ]
    for (const path of refused) {
      const answer = await ask('viewer', path)
      expect([answer.status, (answer.json as { error: { code: string } }).error.code], path).toEqual([
        403,
        'group_too_small',
      ])
    }
    const people = new Set(
      ofA.filter((r) => r.model === 'gpt-4o' && r.team_id === 'research' && r.region === 'FR').map((r) => r.user_id),
    )
    expect((await ask('viewer', `/v1/usage?${PERIOD}&${small}`)).status).toBe(
      people.size === 0 || people.size >= 3 ? 200 : 403,
    )
    // The largest one of enough people may be shown, and of too few none.
    const one = await usage('viewer', 'group_by=user&limit=1')
    expect([one.items.length, one.group_count, one.totals.calls]).toEqual([1, USERS.length, ofA.length])
    settings = { people_min: USERS.length + 1 }
    expect((await ask('viewer', `/v1/usage?${PERIOD}&group_by=user&limit=1`)).status).toBe(403)
    expect((await ask('viewer', `/v1/usage?${PERIOD}&group_by=model&limit=1`)).status).toBe(200)
    expect((await ask('viewer', `/v1/usage?${PERIOD}&group_by=user`)).status).toBe(403)
    expect((await ask('teamAnalyst', `/v1/events?${PERIOD}`)).status).toBe(403)
    expect((await ask('viewer', `/v1/usage?${PERIOD}&group_by=model`)).status).toBe(200)
    expect((await ask('admin', `/v1/usage?${PERIOD}&group_by=user`)).status).toBe(200)
    expect((await ask('nobody', `/v1/usage?${PERIOD}&group_by=user`)).status).toBe(200)
  })
})
