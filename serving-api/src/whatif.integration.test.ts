import type { UsageRow } from '@ecomind/clickhouse'
import {
  activityOfCall,
  compileCoefficients,
  computeFootprint,
  type Factor,
  type Grid,
  toUnits,
} from '@ecomind/footprint'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import { suggestionsAnswer, type WhatifAnswer, whatifAnswer } from '@ecomind/schemas'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomRow, seededRandom, storedUnits } from './testing/random-usage.ts'
import { startTestApi, type TestAnswer, type TestApi } from './testing/test-api.ts'
import { openUsageDatabase, type UsageDatabase } from './testing/usage-database.ts'

const SEED = 20_261_124
const FROM_MS = Date.UTC(2026, 9, 1)
const DAYS = 40
const FROM = '2026-10-03T04:05:06.789Z'
const TO = '2026-11-05T00:00:00Z'

const set = loadDefaultFactorSet()
const random = seededRandom(SEED)
const rows: UsageRow[] = Array.from({ length: 1500 }, (_, index) => {
  const tsMs = FROM_MS + Math.floor(random() * DAYS * 86_400_000)
  const row = randomRow(random, set, { tsMs, index, watermarkMs: tsMs })
  return index % 6 === 0 ? withHiddenReasoning(row) : row
})

/** A model that always reasons, its output counted from the visible text: the rollups keep a sum of its own for that. */
function withHiddenReasoning(row: UsageRow): UsageRow {
  const { factor, kind } = set.resolveFactor('openai', 'o3')
  const grid = set.gridById(row.grid_id)
  if (grid === undefined) throw new RangeError(`test: ${row.grid_id}`)
  const seen = { ...row, provider: 'openai', model: 'o3', tokens_source: 'estimate', tokens_reasoning: 0 } as const
  const u = toUnits(computeFootprint(compileCoefficients(factor, grid), activityOfCall(seen)))
  return {
    ...seen,
    reasoning_separate: false,
    factor_id: factor.id,
    factor_match: kind,
    ...storedUnits(u),
  }
}

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

async function post(body: unknown, query = ''): Promise<TestAnswer> {
  return await api.get(`/v1/whatif${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

async function ask(change: object, more: object = {}): Promise<WhatifAnswer> {
  const answer = await post({ org_id: 'org_demo', from: FROM, to: TO, change, ...more })
  expect(answer.status, answer.text).toBe(200)
  return whatifAnswer.parse(answer.json)
}

const inPeriod = (from: string, to: string) => (r: UsageRow) => r.ts >= Date.parse(from) && r.ts < Date.parse(to)
const near = (actual: number, wanted: number): void =>
  expect(Math.abs(actual - wanted)).toBeLessThanOrEqual(1e-9 * Math.max(Math.abs(wanted), 1e-6))

/** Central sums, event by event: what the engine gives each call alone, under the factor and grid that `place` says. */
function oracle(
  of: readonly UsageRow[],
  place: (row: UsageRow) => { factor: Factor; grid: Grid },
  change: (row: UsageRow) => UsageRow = (row) => row,
): { kwh: number; water_l: number; co2_kg: number } {
  const total = { kwh: 0, water_l: 0, co2_kg: 0 }
  for (const row of of) {
    const { factor, grid } = place(row)
    const f = computeFootprint(compileCoefficients(factor, grid), activityOfCall(change(row)))
    total.kwh += f.kwh.central
    total.water_l += f.waterL.central
    total.co2_kg += f.co2Kg.central
  }
  return total
}

const asStored = (row: UsageRow) => {
  const factor = set.factorById(row.factor_id)
  const grid = set.gridById(row.grid_id)
  if (factor === undefined || grid === undefined) throw new RangeError(`test: ${row.factor_id} ${row.grid_id}`)
  return { factor, grid }
}

function expectCentral(
  answer: WhatifAnswer,
  before: ReturnType<typeof oracle>,
  after: ReturnType<typeof oracle>,
): void {
  for (const name of ['kwh', 'water_l', 'co2_kg'] as const) {
    near(answer.baseline[name].central, before[name])
    near(answer.scenario[name].central, after[name])
    const d = answer.difference[name]
    near(d.central, after[name] - before[name])
    expect(d.low).toBeLessThanOrEqual(d.central)
    expect(d.high).toBeGreaterThanOrEqual(d.central)
  }
}

describe(`POST /v1/whatif (seed ${SEED})`, () => {
  const work = rows.filter(inPeriod(FROM, TO))

  test('the baseline is the stored total, but for the rounding of single events', async () => {
    const answer = await ask({ region: 'FR' })
    expect(answer.calls).toBe(work.length)
    expect(answer.calls_left_out).toBe(0)
    for (const name of ['kwh', 'water_l', 'co2_kg'] as const) {
      near(answer.reported[name], work.reduce((sum, r) => sum + r[name], 0) / 1e12)
      const bound = work.length * 0.5e-12 + 1e-9 * answer.reported[name]
      expect(Math.abs(answer.baseline[name].central - answer.reported[name])).toBeLessThanOrEqual(bound)
    }
    const usage = await api.get(`/v1/usage?org_id=org_demo&from=${FROM}&to=${TO}`)
    const { totals } = usage.json as { totals: Record<string, number> }
    near(answer.baseline.co2_kg.low, totals['co2_kg_low'] ?? Number.NaN)
    near(answer.baseline.co2_kg.high, totals['co2_kg_high'] ?? Number.NaN)
  })

  test('another region without a site of its own: same energy, the oracle counts every event alone', async () => {
    const mine = work.filter((r) => r.region !== 'eu-west-1')
    const answer = await ask({ region: 'FR' }, { filter: ['-region:eu-west-1'] })
    const grid = set.resolveGrid('FR', 'openai').grid
    expectCentral(
      answer,
      oracle(mine, asStored),
      oracle(mine, (r) => ({ factor: asStored(r).factor, grid })),
    )
    expect(answer.difference.kwh).toEqual({ low: 0, central: 0, high: 0 })
    expect(answer.assumptions.join(' ')).toContain('region')
  })

  test('another model at its provider, filtered', async () => {
    const filter = ['provider:openai', 'model:gpt-4o']
    const mine = work.filter((r) => r.provider === 'openai' && r.model === 'gpt-4o')
    const answer = await ask({ model: 'gpt-4o-mini' }, { filter })
    const { factor } = set.resolveFactor('openai', 'gpt-4o-mini')
    expectCentral(
      answer,
      oracle(mine, asStored),
      oracle(mine, (r) => ({ factor, grid: asStored(r).grid })),
    )
    expect(answer.calls).toBe(mine.length)
    expect(answer.co2_change_share).toBeLessThan(0)
    expect(answer.moves.every((m) => m.to?.factor_id === factor.id)).toBe(true)
    expect(answer.assumptions.join(' ')).toContain('not the same quality')
  })

  test('another share of cached input', async () => {
    const answer = await ask({ cache_read_share: 0.75 }, { filter: ['provider:anthropic'] })
    const mine = work.filter((r) => r.provider === 'anthropic')
    // The share is that of each sum, so the events' own roundings differ by less than a token each.
    const after = oracle(mine, asStored, (r) => ({ ...r, tokens_cache_read: 0.75 * r.tokens_in }))
    expect(answer.scenario.kwh.central / after.kwh).toBeCloseTo(1, 6)
    expect(answer.difference.co2_kg.high).toBeLessThan(0)
  })

  test('the present share, region and model again: exactly no difference', async () => {
    const filter = ['provider:openai', 'model:gpt-4o', 'region:FR']
    const answer = await ask({ model: 'gpt-4o', region: 'FR', provider: 'openai' }, { filter })
    expect(answer.calls).toBeGreaterThan(0)
    for (const name of ['kwh', 'water_l', 'co2_kg'] as const)
      expect(answer.difference[name]).toEqual({ low: 0, central: 0, high: 0 })
  })

  test('another period, with and without a change', async () => {
    const period = { from: '2026-10-10', to: '2026-10-20' }
    const mine = rows.filter(inPeriod('2026-10-10T00:00:00Z', '2026-10-20T00:00:00Z'))
    const plain = await ask({ period }, { tz: 'UTC' })
    expectCentral(plain, oracle(work, asStored), oracle(mine, asStored))
    expect(plain.calls).toBe(work.length)
    const grid = set.resolveGrid('SE', 'openai').grid
    const changed = await ask({ period, region: 'SE' }, { tz: 'UTC' })
    expectCentral(
      changed,
      oracle(work, asStored),
      oracle(mine, (r) => ({ factor: asStored(r).factor, grid })),
    )
  })

  test('hidden reasoning is part of the work, and goes where the model does not reason', async () => {
    const mine = work.filter((r) => r.model === 'o3')
    const answer = await ask({ model: 'gpt-4o' }, { filter: ['model:o3'] })
    const { factor } = set.resolveFactor('openai', 'gpt-4o')
    expect(mine.length).toBeGreaterThan(50)
    expectCentral(
      answer,
      oracle(mine, asStored),
      oracle(mine, (r) => ({ factor, grid: asStored(r).grid })),
    )
    const seen = oracle(mine, asStored, (r) => ({ ...r, tokens_source: 'provider' }))
    expect(answer.baseline.kwh.central).toBeGreaterThan(1.01 * seen.kwh)
  })

  test('nothing in the period: zeros', async () => {
    const answer = await ask({ region: 'FR' }, { from: '2020-01-01', to: '2020-01-02' })
    expect(answer.calls).toBe(0)
    expect(answer.difference.co2_kg).toEqual({ low: 0, central: 0, high: 0 })
    expect(answer.co2_change_share).toBeNull()
  })

  test.each([
    ['change', {}, {}],
    ['change.region', { region: 'Atlantis' }, {}],
    ['change.grid', { grid: 'NOWHERE' }, {}],
    ['change.grid', { grid: 'FR', region: 'FR' }, {}],
    ['change.provider', { provider: 'nobody-at-all' }, {}],
    ['change.provider', { model: 'gpt-4o-mini' }, { filter: ['provider:anthropic'] }],
    ['change.model', { model: 'zzz' }, { filter: ['provider:openai'] }],
    ['change.service_tier', { service_tier: 'express' }, {}],
    ['change.cache_read_share', { cache_read_share: 1.5 }, {}],
    ['change.period.to', { period: { from: '2026-10-02', to: '2026-10-01' } }, {}],
    ['change.surprise', { region: 'FR', surprise: 1 }, {}],
    ['filter', { region: 'FR' }, { filter: ['colour:red'] }],
    ['to', { region: 'FR' }, { to: '2026-01-01' }],
    ['org_id', { region: 'FR' }, { org_id: undefined }],
    ['org_id', { region: 'FR' }, { org_id: 'a b' }],
  ])('a fault is named by its field: %s in %j %j', async (field, change, more) => {
    const answer = await post({ org_id: 'org_demo', from: FROM, to: TO, change, ...more })
    expect(answer.status, answer.text).toBe(400)
    expect(answer.json).toMatchObject({ error: { code: 'invalid_parameter', field } })
  })

  test('the organisation may stand in the query; another one is not found, two are refused', async () => {
    const body = { from: FROM, to: TO, change: { region: 'FR' } }
    expect((await post(body, '?org_id=org_demo')).status).toBe(200)
    expect((await post(body, '?org_id=org_other')).status).toBe(404)
    expect((await post({ ...body, org_id: 'org_other' })).status).toBe(404)
    expect((await post({ ...body, org_id: 'org_other' }, '?org_id=org_demo')).status).toBe(400)
  })
})

describe('GET /v1/suggestions', () => {
  const path = `/v1/suggestions?org_id=org_demo&from=${FROM}&to=${TO}`

  test('at most three that save, the largest first, and each can be asked again', async () => {
    const answer = await api.get(path)
    expect(answer.status, answer.text).toBe(200)
    const { items, calls } = suggestionsAnswer.parse(answer.json)
    expect(calls).toBe(rows.filter(inPeriod(FROM, TO)).length)
    expect(items).toHaveLength(3)
    const savings = items.map((i) => i.difference.co2_kg.central)
    expect(savings).toEqual([...savings].sort((a, b) => a - b))
    for (const item of items) {
      expect(item.difference.co2_kg.central).toBeLessThan(0)
      expect(item.assumptions.length).toBeGreaterThan(0)
      const again = await ask(item.change, { filter: item.filter })
      expect(again.calls).toBe(item.calls)
      near(again.difference.co2_kg.central, item.difference.co2_kg.central)
      near(again.difference.co2_kg.low, item.difference.co2_kg.low)
      near(again.difference.co2_kg.high, item.difference.co2_kg.high)
    }
  })

  test('no work, no suggestions', async () => {
    const answer = await api.get('/v1/suggestions?org_id=org_demo&from=2020-01-01&to=2020-01-02')
    expect(suggestionsAnswer.parse(answer.json)).toMatchObject({ items: [], calls: 0 })
  })

  test('another organisation is not found', async () => {
    expect((await api.get(path.replace('org_demo', 'org_other'))).status).toBe(404)
  })
})
