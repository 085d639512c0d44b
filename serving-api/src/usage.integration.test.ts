/**
 * Usage, daily sums and today against an oracle over the raw rows. Long because all of it asks the same year of one database,
 * whose rows take most of its time to make.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClickHouse, insertUsageRows, migrate, openClickHouse, type UsageRow } from '@ecomind/clickhouse'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import {
  dailyAnswer,
  GROUP_FIELDS,
  type GroupField,
  type Numbers,
  RANKED,
  today,
  type UsageAnswer,
  type UsageItem,
  usageAnswer,
} from '@ecomind/schemas'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { translateError } from './http/translate-error.ts'
import { usageQuestion } from './questions/usage.ts'
import { localScope } from './testing/local-scope.ts'
import { pick, randomRow, seededRandom, TEAMS, USERS } from './testing/random-usage.ts'
import { startTestApi, type TestApi } from './testing/test-api.ts'
import {
  askOracle,
  type OracleQuestion,
  type OracleSums,
  oracleKey,
  totalsOf,
  windowName,
} from './testing/usage-oracle.ts'

const SEED = 20_250_930
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'America/Santiago',
  'Pacific/Chatham',
] as const
const FROM_MS = Date.UTC(2025, 2, 1)
const DAYS = 270
const NOW_MS = Date.UTC(2025, 9, 15, 12, 34, 56)

const set = loadDefaultFactorSet()
const random = seededRandom(SEED)
const rows: UsageRow[] = makeRows()
let dir: string
let clickhouse: ClickHouse
let api: TestApi

function makeRows(): UsageRow[] {
  const instants: number[] = []
  for (let i = 0; i < 2500; i++) instants.push(FROM_MS + Math.floor(random() * DAYS * 86_400_000))
  // The edges of windows and of days with clock changes, and one millisecond before each.
  for (const edge of [
    '2025-03-29T23:00:00Z', // Berlin, 23-hour day
    '2025-03-30T01:00:00Z',
    '2025-03-30T22:00:00Z',
    '2025-10-25T22:00:00Z', // Berlin, 25-hour day
    '2025-10-26T01:00:00Z',
    '2025-10-26T23:00:00Z',
    '2025-03-09T05:00:00Z', // New York
    '2025-03-10T04:00:00Z',
    '2025-11-02T04:00:00Z',
    '2025-11-03T05:00:00Z',
    '2025-04-05T13:00:00Z', // Lord Howe, 24.5-hour day
    '2025-04-06T13:30:00Z',
    '2025-10-04T13:30:00Z', // Lord Howe, 23.5-hour day
    '2025-10-05T13:00:00Z',
    '2025-09-29T18:30:00Z', // Kolkata
    '2025-09-29T18:15:00Z', // Kathmandu
    '2025-09-30T00:00:00Z',
    '2025-09-30T12:15:00Z',
  ]) {
    instants.push(Date.parse(edge) - 1, Date.parse(edge))
  }
  return instants.map((tsMs, index) => randomRow(random, set, { tsMs, index, watermarkMs: tsMs }))
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ecomind-api-'))
  clickhouse = await openClickHouse(
    { kind: 'embedded', dataDir: join(dir, 'clickhouse'), spoolDir: join(dir, 'spool') },
    { role: 'api' },
  )
  await migrate(clickhouse)
  const half = Math.floor(rows.length / 2)
  await insertUsageRows(clickhouse, rows.slice(0, half), 'first')
  await insertUsageRows(clickhouse, rows.slice(half), 'second')
  api = await startTestApi(clickhouse, {
    loadFactorSet: async (id) => (id === set.id ? set : null),
    watermark: () => NOW_MS,
    nowMs: () => NOW_MS,
  })
})

afterAll(async () => {
  await api?.stop()
  await clickhouse?.close()
  await rm(dir, { recursive: true, force: true })
})

function expectSums(actual: Numbers, expected: OracleSums): void {
  expect(actual.calls).toBe(expected.calls)
  expect(actual.tokens_in).toBe(expected.tokens_in)
  expect(actual.tokens_out).toBe(expected.tokens_out)
  for (const name of [
    'kwh',
    'kwh_low',
    'kwh_high',
    'water_l',
    'co2_kg',
    'co2_kg_low',
    'co2_kg_high',
    'co2_kg_use',
  ] as const) {
    const wanted = expected[name]
    expect(Math.abs(actual[name] - wanted)).toBeLessThanOrEqual(1e-9 * Math.max(wanted, 1e-6))
  }
}

function urlOf(q: OracleQuestion, fromTo: { from: string; to: string }): string {
  const url = new URLSearchParams({ org_id: 'org_demo', ...fromTo, tz: q.tz })
  if (q.window !== undefined) url.set('window', q.window)
  if (q.groupBy.length > 0) url.set('group_by', q.groupBy.join(','))
  for (const [field, values] of Object.entries(q.keep)) for (const v of values) url.append('filter', `${field}:${v}`)
  for (const [field, values] of Object.entries(q.drop)) for (const v of values) url.append('filter', `-${field}:${v}`)
  return `/v1/usage?${url}`
}

async function askUsage(q: OracleQuestion): Promise<UsageAnswer> {
  const url = urlOf(q, { from: new Date(q.fromMs).toISOString(), to: new Date(q.toMs).toISOString() })
  const answer = await api.get(url)
  expect(answer.status, `${url}\n${answer.text}`).toBe(200)
  return usageAnswer.parse(answer.json)
}

function randomQuestion(): OracleQuestion {
  const window = pick(random, ['1m', '15m', '1h', '1d', '1d', undefined] as const)
  const unitMs = pick(random, [1, 1000, 60_000, 900_000, 3_600_000, 86_400_000])
  const lengthMs = window === '1m' ? 86_400_000 : window === '15m' ? 20 * 86_400_000 : 120 * 86_400_000
  const fromMs = Math.floor((FROM_MS + random() * (DAYS - 130) * 86_400_000) / unitMs) * unitMs
  const toMs = Math.max(fromMs + unitMs, Math.floor((fromMs + random() * lengthMs) / unitMs) * unitMs)
  const groupBy = GROUP_FIELDS.filter(() => random() < 0.2) as GroupField[]
  const keep = random() < 0.3 ? { user_id: [pick(random, USERS), pick(random, USERS)] } : {}
  const drop = random() < 0.3 ? { team_id: [pick(random, TEAMS)], model: ['gpt-4o'] } : {}
  return { fromMs, toMs, window, tz: pick(random, ZONES), groupBy, keep, drop }
}

describe('/v1/usage', () => {
  test(`equals an oracle over the raw rows for random periods, windows, zones, groups and filters (seed ${SEED})`, async () => {
    for (let i = 0; i < 40; i++) {
      const q = randomQuestion()
      const answer = await askUsage(q)
      const expected = askOracle(rows, set, q)
      const withCalls = answer.items.filter((item) => item.calls > 0)
      const keys = withCalls.map((item) => oracleKey(q, Date.parse(item.window_start), (f) => String(item[f])))
      expect(new Set(keys), JSON.stringify(q)).toEqual(new Set(expected.keys()))
      for (const [n, item] of withCalls.entries()) {
        const wanted = expected.get(keys[n] ?? '')
        if (wanted === undefined) throw new Error(`no ${keys[n]}`)
        expectSums(item, wanted)
      }
      expectSums(answer.totals, totalsOf(rows, set, q))
    }
  })

  test('windows lie side by side without gaps over the whole period', async () => {
    for (const tz of ZONES) {
      for (const window of ['1h', '1d'] as const) {
        const q = {
          fromMs: FROM_MS + 1234,
          toMs: FROM_MS + (window === '1h' ? 45 : 250) * 86_400_000 + 60_000,
          window,
          tz,
          groupBy: [],
          keep: {},
          drop: {},
        }
        const { items } = await askUsage(q)
        let at = new Date(q.fromMs).toISOString()
        for (const item of items) {
          expect(item.window_start).toBe(at)
          at = item.window_end
          const lastMs = Date.parse(item.window_end) - 1
          expect(windowName(q, Date.parse(item.window_start))).toBe(windowName(q, lastMs))
        }
        expect(at).toBe(new Date(q.toMs).toISOString())
      }
    }
  })

  test('counts and central values of windows add up to those of the whole, ranges only inside its own', async () => {
    const whole = {
      fromMs: FROM_MS,
      toMs: FROM_MS + DAYS * 86_400_000,
      window: undefined,
      tz: 'UTC',
      groupBy: [],
      keep: {},
      drop: {},
    }
    const { totals } = await askUsage(whole)
    for (const window of ['1h', '1d'] as const) {
      const { items, totals: same } = await askUsage({ ...whole, window, tz: 'Asia/Kathmandu' })
      expect(same).toEqual(totals)
      expect(items.reduce((s, i) => s + i.calls, 0)).toBe(rows.length)
      const kwh = items.reduce((s, i) => s + BigInt(Math.round(i.kwh * 1e12)), 0n)
      expect(Number(kwh)).toBe(Math.round(totals.kwh * 1e12))
      expect(totals.kwh_high).toBeLessThanOrEqual(items.reduce((s, i) => s + i.kwh_high, 0) + 1e-9)
    }
  })

  test.each([
    ['Europe/Berlin', '2025-03-30', 23],
    ['Europe/Berlin', '2025-10-26', 25],
    ['America/New_York', '2025-03-09', 23],
    ['America/New_York', '2025-11-02', 25],
    ['Australia/Lord_Howe', '2025-04-06', 24.5],
    ['Australia/Lord_Howe', '2025-10-05', 23.5],
    ['America/Santiago', '2025-09-07', 23],
    ['Asia/Kolkata', '2025-09-30', 24],
    ['Asia/Kathmandu', '2025-09-30', 24],
  ])('a day of %s on %s has its own length', async (tz, day, hours) => {
    const next = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10)
    const q = { window: '1d' as const, tz, groupBy: [], keep: {}, drop: {}, fromMs: 0, toMs: 0 }
    const answer = usageAnswer.parse((await api.get(urlOf(q, { from: day, to: next }))).json)
    expect(answer.items).toHaveLength(1)
    const [item] = answer.items
    if (item === undefined) throw new Error('no item')
    const startMs = Date.parse(item.window_start)
    const endMs = Date.parse(item.window_end)
    expect((endMs - startMs) / 3_600_000).toBe(hours)
    const members = rows.filter((r) => windowName(q, r.ts) === day)
    expect(item.calls).toBe(members.length)
    expect(members.every((r) => r.ts >= startMs && r.ts < endMs)).toBe(true)
  })

  test('an event on an edge belongs to the window that begins there', async () => {
    const edge = Date.parse('2025-09-30T12:15:00Z')
    const q = {
      fromMs: edge - 900_000,
      toMs: edge + 900_000,
      window: '15m' as const,
      tz: 'UTC',
      groupBy: [],
      keep: {},
      drop: {},
    }
    const { items } = await askUsage(q)
    expect(items.map((i) => i.calls)).toEqual([
      rows.filter((r) => r.ts >= edge - 900_000 && r.ts < edge).length,
      rows.filter((r) => r.ts >= edge && r.ts < edge + 900_000).length,
    ])
    expect(items[1]?.calls).toBeGreaterThan(0)
    const one = await askUsage({ ...q, fromMs: edge, toMs: edge + 1, window: undefined })
    expect(one.items[0]?.calls).toBe(rows.filter((r) => r.ts === edge).length)
  })

  test('compare=previous answers as many whole days before, across a clock change', async () => {
    const url = '/v1/usage?org_id=org_demo&from=2025-10-26&to=2025-10-27&compare=previous&tz=Europe/Berlin'
    const answer = usageAnswer.parse((await api.get(url)).json)
    expect(answer.compare?.from).toBe('2025-10-24T22:00:00.000Z')
    expect(answer.compare?.to).toBe(answer.from)
    expect(answer.compare?.totals.calls).toBe(
      rows.filter((r) => windowName({ window: '1d', tz: 'Europe/Berlin' }, r.ts) === '2025-10-25').length,
    )
  })

  test(`limit answers the largest groups with the numbers they have without it, and the totals of all (seed ${SEED})`, async () => {
    for (let i = 0; i < 12; i++) {
      const field = pick(random, ['user_id', 'model', 'team_id', 'region'] as const)
      const by = pick(random, RANKED)
      const limit = pick(random, [1, 2, 3, 1000])
      const q = { ...randomQuestion(), groupBy: [field], window: pick(random, ['1d', undefined] as const) }
      const fromTo = { from: new Date(q.fromMs).toISOString(), to: new Date(q.toMs).toISOString() }
      const url = `${urlOf(q, fromTo)}&compare=previous`
      const all = usageAnswer.parse((await api.get(url)).json)
      const limited = await api.get(`${url}&limit=${limit}${by === 'co2_kg' ? '' : `&order_by=${by}`}`)
      expect(limited.status, `${url}\n${limited.text}`).toBe(200)
      const answer = usageAnswer.parse(limited.json)
      // The groups of last time are guessed, and right.
      expect((await api.get(`${url}&limit=${limit}${by === 'co2_kg' ? '' : `&order_by=${by}`}`)).json).toEqual(answer)
      const whole = await askUsage({ ...q, window: undefined })
      const nameOf = (item: UsageItem): string => item[field] ?? ''
      const ranked = whole.items.toSorted((a, b) => b[by] - a[by] || (nameOf(a) < nameOf(b) ? -1 : 1)).map(nameOf)
      const top = ranked.slice(0, limit)
      const inOrder = (items: readonly UsageItem[]) =>
        items
          .filter((item) => top.includes(nameOf(item)))
          .toSorted(
            (a, b) => a.window_start.localeCompare(b.window_start) || top.indexOf(nameOf(a)) - top.indexOf(nameOf(b)),
          )
      expect(answer.items, url).toEqual(inOrder(all.items))
      expect(answer.totals).toEqual(all.totals)
      expect(answer.group_count).toBe(ranked.length)
      expect(answer.compare?.items).toEqual(inOrder(all.compare?.items ?? []))
      expect(answer.compare?.totals).toEqual(all.compare?.totals)
    }
  })

  test.each([
    ['limit=0&group_by=user', 'limit'],
    ['limit=1001&group_by=user', 'limit'],
    ['limit=3', 'limit'],
    ['limit=3&group_by=user,model', 'limit'],
    ['order_by=kwh&group_by=user', 'order_by'],
    ['limit=3&order_by=latency&group_by=user', 'order_by'],
  ])('%s is refused, naming %s', async (query, field) => {
    const answer = await api.get(`/v1/usage?org_id=org_demo&from=2025-09-01&to=2025-09-02&${query}`)
    expect(answer.status).toBe(400)
    expect(answer.json).toMatchObject({ error: { code: 'invalid_parameter', field } })
  })

  test('more rows than a question may have are an error of the engine, told as result_too_large, never a cut', async () => {
    const scope = await localScope({ clickhouse, questionsMax: 1 })
    const wide = usageQuestion({
      segments: [{ table: 'usage_1h', fromMs: FROM_MS, toMs: FROM_MS + DAYS * 86_400_000 }],
      bucketing: { kind: 'fixed', sizeMs: 3_600_000 },
      groupBy: ['user_id'],
      filters: [],
      rowsMax: 100,
    })
    const refused = await scope.ask(wide).then(() => null, translateError)
    expect(refused?.code).toBe('result_too_large')
    const slow = { ...wide, limits: { maxMemoryBytes: 1 } }
    const starved = await scope.ask(slow).then(() => null, translateError)
    expect(starved?.code).toBe('result_too_large')
  })

  test('an event that came after its window was final makes the window revised, its neighbours stay final', async () => {
    const [first] = rows
    if (first === undefined) throw new Error('no rows')
    const tsMs = FROM_MS - 5 * 3_600_000
    const late = {
      ...first,
      ts: tsMs,
      event_id: 'late',
      log_offset: 90_000,
      watermark_at: (tsMs + 3 * 3_600_000) / 1000,
    }
    const prompt = { ...late, ts: tsMs + 3_600_000, event_id: 'in-time', log_offset: 90_001, watermark_at: tsMs / 1000 }
    await insertUsageRows(clickhouse, [late, prompt], 'late')
    const q = {
      fromMs: tsMs - 3_600_000,
      toMs: tsMs + 7_200_000,
      window: '1h' as const,
      tz: 'UTC',
      groupBy: [],
      keep: {},
      drop: {},
    }
    const { items } = await askUsage(q)
    expect(items.map((i) => [i.calls, i.status])).toEqual([
      [0, 'final'],
      [1, 'revised'],
      [1, 'final'],
    ])
  })

  test('limit sees at once that another group has become the largest', async () => {
    const [first] = rows
    if (first === undefined) throw new Error('no rows')
    const tsMs = FROM_MS - 30 * 3_600_000
    const fromTo = { from: new Date(tsMs).toISOString(), to: new Date(tsMs + 3_600_000).toISOString() }
    const url = `${urlOf({ fromMs: 0, toMs: 0, window: undefined, tz: 'UTC', groupBy: ['user_id'], keep: {}, drop: {} }, fromTo)}&limit=1&order_by=calls`
    const largest = async () => {
      const { items, totals, group_count } = usageAnswer.parse((await api.get(url)).json)
      return [items.map((item) => [item.user_id, item.calls]), totals.calls, group_count]
    }
    expect(await largest()).toEqual([[], 0, 0])
    for (const [i, user_id] of ['ada', 'bob', 'bob', 'ada', 'ada'].entries()) {
      const row = { ...first, ts: tsMs, event_id: `one-${i}`, user_id, log_offset: 91_000 + i }
      await insertUsageRows(clickhouse, [row], `one-${i}`)
      const calls = { ada: [1, 1, 1, 2, 3][i] ?? 0, bob: [0, 1, 2, 2, 2][i] ?? 0 }
      const wanted = calls.bob > calls.ada ? ['bob', calls.bob] : ['ada', calls.ada]
      expect(await largest()).toEqual([[wanted], i + 1, i === 0 ? 1 : 2])
    }
  })

  test('limit takes a thousand long names over a period with ragged ends', async () => {
    const [first] = rows
    if (first === undefined) throw new Error('no rows')
    const tsMs = FROM_MS - 80 * 3_600_000
    const many = Array.from({ length: 1000 }, (_, i) => ({
      ...first,
      ts: tsMs + i * 60_000,
      event_id: `long-${i}`,
      user_id: `${String(i).padStart(4, '0')}-${"o'".repeat(120)}`,
      log_offset: 95_000 + i,
    }))
    await insertUsageRows(clickhouse, many, 'long')
    const [fromMs, toMs] = [tsMs - 90_061_001, tsMs + 18 * 3_600_000 + 61_001]
    const q = { fromMs, toMs, window: undefined, tz: 'UTC', groupBy: ['user_id' as const], keep: {}, drop: {} }
    const all = await askUsage(q)
    expect(all.items.length).toBeGreaterThanOrEqual(1000)
    const url = urlOf(q, { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() })
    const answer = await api.get(`${url}&limit=1000`)
    expect(answer.status, answer.text.slice(0, 500)).toBe(200)
    const limited = usageAnswer.parse(answer.json)
    expect(limited.items).toHaveLength(1000)
    expect([limited.group_count, limited.totals]).toEqual([all.items.length, all.totals])
    const byName = new Map(all.items.map((item) => [item.user_id, item]))
    for (const item of limited.items) expect(byName.get(item.user_id)).toEqual(item)
  })

  test('more items than the limit are refused, with the window that fits', async () => {
    const answer = await api.get('/v1/usage?org_id=org_demo&from=2025-01-01&to=2026-01-01&window=1m')
    expect(answer.status).toBe(422)
    expect(answer.json).toMatchObject({
      error: { code: 'result_too_large', message: expect.stringContaining('window=15m') },
    })
  })
})

describe('/v1/aggregate/daily and /v1/today', () => {
  test('daily has one row for every day of the zone', async () => {
    const url = '/v1/aggregate/daily?org_id=org_demo&from=2025-03-28&to=2025-04-02&tz=Europe/Berlin'
    const answer = dailyAnswer.parse((await api.get(url)).json)
    expect(answer.items.map((i) => i.date)).toEqual([
      '2025-03-28',
      '2025-03-29',
      '2025-03-30',
      '2025-03-31',
      '2025-04-01',
    ])
    for (const item of answer.items) {
      const zone = { window: '1d', tz: 'Europe/Berlin' } as const
      expect(item.calls).toBe(rows.filter((r) => windowName(zone, r.ts) === item.date).length)
    }
    const one = dailyAnswer.parse((await api.get(url.replace('2025-04-02', '2025-03-28'))).json)
    expect(one.items).toEqual(answer.items.slice(0, 1))
  })

  test('today is the present day of the zone, for one user', async () => {
    const answer = today.parse((await api.get('/v1/today?org_id=org_demo&user_id=user_alice&tz=Asia/Kolkata')).json)
    const zone = { window: '1d', tz: 'Asia/Kolkata' } as const
    expect(answer.date).toBe(windowName(zone, NOW_MS))
    const mine = rows.filter((r) => r.user_id === 'user_alice' && windowName(zone, r.ts) === answer.date)
    expect(answer.calls).toBe(mine.length)
    expect(answer.status).toBe('provisional')
  })
})
