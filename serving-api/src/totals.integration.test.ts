/** Numbers beside the totals: how they came about, per unit of work, and market-based; on one database of random events. */
import type { UsageRow } from '@ecomind/clickhouse'
import {
  activityOfCall,
  buildFactorSet,
  compileCoefficients,
  computeFootprint,
  recomputeTotal,
} from '@ecomind/footprint'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import {
  equivalentsAnswer,
  intensityAnswer,
  marketBasedAnswer,
  totalExplanation,
  type UsageAnswer,
} from '@ecomind/schemas'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomRow, seededRandom } from './testing/random-usage.ts'
import { startTestApi, type TestApi } from './testing/test-api.ts'
import { openUsageDatabase, type UsageDatabase } from './testing/usage-database.ts'
import { totalsOf } from './testing/usage-oracle.ts'

const SEED = 20_261_125
const FROM_MS = Date.UTC(2026, 9, 1)
const DAYS = 35
const FROM = '2026-10-02T03:04:05.678Z'
const TO = '2026-11-04T00:00:00Z'
const PERIOD = `org_id=org_demo&from=${FROM}&to=${TO}`

const SOURCE = { id: 'test-contract', title: 'A contract', year: 2025, licence: 'CC0-1.0', share_alike: false }
const { definition } = loadDefaultFactorSet()
/** The default set with an instrument of one provider and of one grid, and none elsewhere. */
const set = buildFactorSet({
  ...definition,
  sources: [...definition.sources.filter((s) => s.id !== SOURCE.id), SOURCE],
  providers: definition.providers.map(({ market: _m, ...p }) =>
    p.id === 'openai' ? { ...p, market: contract(10, 'power purchase agreement') } : p,
  ),
  grids: definition.grids.map(({ market: _m, ...g }) =>
    g.id === 'DE' ? { ...g, market: contract(700, 'residual mix') } : g,
  ),
})

function contract(g: number, instrument: string) {
  return { g_per_kwh_market: { low: g, central: g, high: g, sources: [SOURCE.id] }, instrument, year: 2025 }
}

const random = seededRandom(SEED)
const rows: UsageRow[] = Array.from({ length: 1500 }, (_, index) => {
  const tsMs = FROM_MS + Math.floor(random() * DAYS * 86_400_000)
  return randomRow(random, set, { tsMs, index, watermarkMs: tsMs })
})
const work = rows.filter((r) => r.ts >= Date.parse(FROM) && r.ts < Date.parse(TO))
let database: UsageDatabase
let api: TestApi

beforeAll(async () => {
  database = await openUsageDatabase(rows)
  api = await startTestApi(database.clickhouse, { loadFactorSet: async (id) => (id === set.id ? set : null) })
})

afterAll(async () => {
  await api?.stop()
  await database?.close()
})

async function get(path: string): Promise<unknown> {
  const answer = await api.get(path)
  expect(answer.status, answer.text).toBe(200)
  return answer.json
}

const near = (actual: number | undefined, wanted: number): void =>
  expect(Math.abs((actual ?? Number.NaN) - wanted)).toBeLessThanOrEqual(1e-9 * Math.max(Math.abs(wanted), 1e-6))

const question = {
  fromMs: Date.parse(FROM),
  toMs: Date.parse(TO),
  window: undefined,
  tz: 'UTC',
  groupBy: [],
  keep: {},
  drop: {},
}

describe(`GET /v1/usage/explain (seed ${SEED})`, () => {
  test('the total is that of /v1/usage, range included, and the steps alone give it again', async () => {
    const answer = totalExplanation.parse(await get(`/v1/usage/explain?${PERIOD}`))
    const { totals } = (await get(`/v1/usage?${PERIOD}`)) as UsageAnswer
    expect(answer.calls).toBe(work.length)
    for (const name of ['kwh', 'water_l', 'co2_kg'] as const) {
      near(answer.total[name].central, totals[name])
      near(answer.total[name].low, totals[`${name}_low`])
      near(answer.total[name].high, totals[`${name}_high`])
    }
    expect(answer.reproduced).toBe(true)
    const again = recomputeTotal(answer.steps)
    expect(again).toEqual({ kwh: answer.total.kwh, waterL: answer.total.water_l, co2Kg: answer.total.co2_kg })
    const wanted = totalsOf(rows, set, question)
    near(answer.total.co2_kg.low, wanted.co2_kg_low)
    near(answer.total.co2_kg.high, wanted.co2_kg_high)
  })

  test('every group: sums of its events, computed within the rounding of its events, with sources', async () => {
    const answer = totalExplanation.parse(await get(`/v1/usage/explain?${PERIOD}`))
    const cited = new Set(answer.sources.map((s) => s.id))
    const groups = new Set(work.map((r) => `${r.factor_id} ${r.grid_id}`))
    expect(new Set(answer.groups.map((g) => `${g.factor.id} ${g.grid.id}`))).toEqual(groups)
    for (const group of answer.groups) {
      const mine = work.filter((r) => r.factor_id === group.factor.id && r.grid_id === group.grid.id)
      expect(group.activity.calls).toBe(mine.length)
      expect(group.activity.tokens_in).toBe(mine.reduce((s, r) => s + r.tokens_in, 0))
      near(group.stored.co2_kg.central, mine.reduce((s, r) => s + r.co2_kg, 0) / 1e12)
      expect(group.rounding_bound).toBe(mine.length * 0.5e-12)
      const distance = Math.abs(group.computed.co2_kg.central - group.stored.co2_kg.central)
      expect(distance).toBeLessThanOrEqual(group.rounding_bound + 1e-9 * group.stored.co2_kg.central)
      expect(group.agrees).toBe(true)
      for (const id of group.steps.flatMap((s) => s.inputs.flatMap((i) => i.source_ids))) expect(cited).toContain(id)
    }
  })

  test('filters narrow it; nothing is 0; another organisation is not found; a bad name is named', async () => {
    const filtered = totalExplanation.parse(await get(`/v1/usage/explain?${PERIOD}&filter=provider:openai`))
    expect(filtered.calls).toBe(work.filter((r) => r.provider === 'openai').length)
    const none = totalExplanation.parse(await get('/v1/usage/explain?org_id=org_demo&from=2020-01-01&to=2020-01-02'))
    expect(none).toMatchObject({ calls: 0, groups: [], total: { co2_kg: { low: 0, central: 0, high: 0 } } })
    expect((await api.get(`/v1/usage/explain?${PERIOD.replace('org_demo', 'other')}`)).status).toBe(404)
    expect((await api.get(`/v1/usage/explain?${PERIOD}&group_by=model`)).json).toMatchObject({
      error: { code: 'invalid_parameter', field: 'group_by' },
    })
  })
})

describe('GET /v1/intensity', () => {
  const tokensOf = (of: readonly UsageRow[]): number =>
    of.reduce((s, r) => s + r.tokens_in + r.tokens_out + (r.reasoning_separate ? r.tokens_reasoning : 0), 0)

  test('per 1,000 tokens, call and user, with the parts of the SCI form', async () => {
    const { totals, items } = intensityAnswer.parse(await get(`/v1/intensity?${PERIOD}`))
    const wanted = totalsOf(rows, set, question)
    const users = new Set(work.map((r) => r.user_id)).size
    expect(totals).toMatchObject({ calls: work.length, users, tokens: tokensOf(work) })
    near(totals.g_per_1k_tokens?.central, (wanted.co2_kg * 1e6) / tokensOf(work))
    near(totals.g_per_1k_tokens?.low, (wanted.co2_kg_low * 1e6) / tokensOf(work))
    near(totals.g_per_call?.high, (wanted.co2_kg_high * 1000) / work.length)
    near(totals.g_per_user?.central, (wanted.co2_kg * 1000) / users)
    near(totals.wh_per_call?.central, (wanted.kwh * 1000) / work.length)
    const { energy_kwh, intensity_g_per_kwh, embodied_g, total_g } = totals.sci
    near(energy_kwh.central * (intensity_g_per_kwh ?? Number.NaN) + embodied_g, total_g.central)
    expect(items).toEqual([totals])
  })

  test.each(['model', 'team_id', 'user_id'] as const)('by %s', async (field) => {
    const { items, totals } = intensityAnswer.parse(await get(`/v1/intensity?${PERIOD}&group_by=${field}`))
    expect(items.map((i) => i[field])).toEqual([...new Set(work.map((r) => r[field]))].sort())
    expect(totals.calls).toBe(work.length)
    for (const item of items) {
      const mine = work.filter((r) => r[field] === item[field])
      expect(item).toMatchObject({ calls: mine.length, tokens: tokensOf(mine) })
      expect(item.users).toBe(new Set(mine.map((r) => r.user_id)).size)
      near(item.g_per_call?.central, mine.reduce((s, r) => s + r.co2_kg, 0) / 1e9 / mine.length)
    }
  })

  test('nothing to divide by is null, not infinite; another organisation is not found', async () => {
    const { totals } = intensityAnswer.parse(await get('/v1/intensity?org_id=org_demo&from=2020-01-01&to=2020-01-02'))
    expect(totals).toMatchObject({ calls: 0, users: 0, g_per_call: null, g_per_1k_tokens: null, g_per_user: null })
    expect(totals.sci.intensity_g_per_kwh).toBeNull()
    expect((await api.get('/v1/intensity?org_id=other&from=2020-01-01&to=2020-01-02')).status).toBe(404)
  })
})

describe('GET /v1/co2/market-based', () => {
  test("the provider's instrument before the grid's, the location-based figure where none is known", async () => {
    const answer = marketBasedAnswer.parse(await get(`/v1/co2/market-based?${PERIOD}`))
    let market = 0
    let covered = 0
    let kwh = 0
    for (const row of work) {
      const factor = set.factorById(row.factor_id)
      const grid = set.gridById(row.grid_id)
      if (factor === undefined || grid === undefined) throw new RangeError('test: no factor')
      const own = factor.provider === 'openai' ? 10 : grid.id === 'DE' ? 700 : undefined
      const f = computeFootprint(compileCoefficients(factor, grid), activityOfCall(row))
      kwh += f.kwh.central
      if (own !== undefined) covered += f.kwh.central
      market += own === undefined ? f.co2UseKg.central : (f.kwh.central * own) / 1000
    }
    near(answer.co2_kg_use_market, market)
    near(answer.kwh_share_with_instrument ?? Number.NaN, covered / kwh)
    expect(new Set(answer.groups.map((g) => g.basis))).toEqual(new Set(['provider', 'grid', 'location']))
    const contracted = answer.groups.filter((g) => g.provider === 'openai')
    expect(contracted.every((g) => g.basis === 'provider' && g.instrument === 'power purchase agreement')).toBe(true)
    expect(answer.sources.map((s) => s.id)).toContain('test-contract')
    near(answer.co2_kg_market.central, market + answer.co2_kg_embodied)
  })

  test('the location-based figure beside it is the total of /v1/usage, which no instrument touches', async () => {
    const answer = marketBasedAnswer.parse(await get(`/v1/co2/market-based?${PERIOD}`))
    const { totals } = (await get(`/v1/usage?${PERIOD}`)) as UsageAnswer
    near(answer.co2_kg_location.central, totals.co2_kg)
    near(answer.co2_kg_location.low, totals.co2_kg_low)
    near(answer.co2_kg_location.high, totals.co2_kg_high)
  })

  test('nothing is 0 with no share; another organisation is not found', async () => {
    const path = '/v1/co2/market-based?org_id=org_demo&from=2020-01-01&to=2020-01-02'
    expect(await get(path)).toMatchObject({ calls: 0, kwh_share_with_instrument: null, groups: [] })
    expect((await api.get(path.replace('org_demo', 'other'))).status).toBe(404)
  })
})

describe('GET /v1/equivalents', () => {
  test('a number and a range, with sources', async () => {
    const path = '/v1/equivalents?org_id=org_demo&co2_kg=5.405,10.81,21.62&water_l=59.8'
    const { items } = equivalentsAnswer.parse(await get(path))
    const car = items.find((i) => i.id === 'new_car_km_europe')
    near(car?.count.low, 50)
    near(car?.count.central, 100)
    near(car?.count.high, 200)
    near(items.find((i) => i.id === 'shower')?.count.central, 1)
    expect(items.every((i) => i.quantity !== 'kwh' && (i.source.url ?? '').startsWith('https://'))).toBe(true)
  })

  test.each([
    ['co2_kg', ''],
    ['co2_kg', '&co2_kg=-1'],
    ['co2_kg', '&co2_kg=1,2'],
    ['co2_kg', '&co2_kg=3,2,1'],
    ['kwh', '&kwh=0x10'],
    ['kwh', '&kwh=Infinity'],
    ['kwh', '&kwh=1e99'],
    ['water_l', '&water_l='],
    ['miles', '&miles=1'],
  ])('a fault is named by its field: %s in "%s"', async (field, query) => {
    const answer = await api.get(`/v1/equivalents?org_id=org_demo${query}`)
    expect(answer.status).toBe(400)
    expect(answer.json).toMatchObject({ error: { code: 'invalid_parameter', field } })
  })

  test('another organisation is not found', async () => {
    expect((await api.get('/v1/equivalents?org_id=other&kwh=1')).status).toBe(404)
  })
})
