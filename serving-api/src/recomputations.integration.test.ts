import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClickHouse } from '@ecomind/clickhouse'
import { applyOverrides, type FactorOverride } from '@ecomind/footprint'
import { dailyAnswer, recomputation, recomputationAnswer, recomputationsAnswer, usageAnswer } from '@ecomind/schemas'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Recomputations } from './recomputation/recomputations.ts'
import { insertUsage, later, openRuns, openWorldDatabase, running } from './testing/recomputation-world.ts'
import { startTestApi, type TestApi } from './testing/test-api.ts'

const range = (central: number) => ({ low: central / 2, central, high: central * 2 })
/** In the middle of a month and of a minute, and over again before the period ends. */
const override: FactorOverride = {
  id: 'ov_middle',
  version: 1,
  provider: 'openai',
  model: '*gpt*',
  energy: { form: 'call', boundary: 'it', kwh_per_call: range(0.5) },
  valid_from_ms: Date.parse('2026-09-29T13:37:00Z'),
  valid_to_ms: Date.parse('2026-09-30T08:00:00Z'),
  tier: 'E',
  evidence: { text: 'Meter of our rack', year: 2026 },
}
const own = applyOverrides(running, 'org_demo', 1, [override])
const foreign = applyOverrides(running, 'org_b', 1, [override])
const SETS = [running, later, own, foreign]
const loadFactorSet = async (id: string) => {
  if (id.includes('+overrides.')) throw new TypeError('rows of this kind make no set')
  return SETS.find((set) => set.id === id) ?? null
}

let dir: string
let ch: ClickHouse
let api: TestApi
let runs: Recomputations
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ecomind-recomputations-'))
  ch = await openWorldDatabase(dir)
  await insertUsage(ch, 7, 2000)
  ;({ runs } = await openRuns(ch, { loadFactorSet }))
  api = await startTestApi(ch, {
    recomputations: runs,
    loadFactorSet,
  })
})
afterAll(async () => {
  await runs.stop()
  await api.stop()
  await ch.close()
  await rm(dir, { recursive: true, force: true })
})

const PATH = '/v1/recomputations'
const post = (path: string, body: unknown) =>
  api.get(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
const daily = async (generation = '') =>
  dailyAnswer.parse(
    (await api.get(`/v1/aggregate/daily?org_id=org_demo&from=2026-09-29&to=2026-10-03&tz=UTC${generation}`)).json,
  )
const body = { org_id: 'org_demo', from: '2026-09-29', to: '2026-10-03' }

describe('/v1/recomputations', () => {
  test('previews, runs once, answers both generations, and is taken back', async () => {
    const before = await daily()
    const previewed = recomputationAnswer.parse((await post(PATH, body)).json)
    expect(previewed.run).toBeNull()
    const { preview } = previewed
    expect(preview).toMatchObject({ factor_set: later.id, calls: before.totals.calls, calls_left_out: 0 })
    expect(preview.before.co2_kg.central).toBeCloseTo(before.totals.co2_kg, 9)
    for (const name of ['kwh', 'water_l', 'co2_kg'] as const) {
      const { before: from, after, factor_change: byFactor, grid_change: byGrid } = preview[name]
      expect(from + byFactor + byGrid).toBeCloseTo(after, 9)
      for (const groups of [preview.by_model, preview.by_region, preview.by_month])
        expect(groups.reduce((sum, g) => sum + g[name].after, 0)).toBeCloseTo(after, 9)
    }
    // The later set lowers what output costs and raises every grid.
    expect(preview.co2_kg.factor_change).toBeLessThan(0)
    expect(preview.co2_kg.grid_change).toBeGreaterThan(0)
    expect(preview.kwh.grid_change).toBeCloseTo(0, 9)
    expect(preview.by_month.map((m) => m.month).sort()).toEqual(['2026-09', '2026-10'])

    const answers = await Promise.all([post(PATH, { ...body, mode: 'run' }), post(PATH, { ...body, mode: 'run' })])
    const ids = answers.map((a) => recomputationAnswer.parse(a.json).run?.id)
    expect(ids[0]).toBe(ids[1])
    await runs.idle()
    const one = recomputation.parse((await api.get(`${PATH}/${ids[0]}?org_id=org_demo`)).json)
    expect(one).toMatchObject({ state: 'done', generation: 1, progress: { chunks: 2, chunks_done: 2 } })
    expect(recomputationsAnswer.parse((await api.get(`${PATH}?org_id=org_demo`)).json).items).toEqual([one])

    const after = await daily()
    expect(after.totals.calls).toBe(before.totals.calls)
    // Each call is rounded to 1e-12 in the run, and nothing is in the preview.
    expect(after.totals.co2_kg).toBeCloseTo(preview.after.co2_kg.central, 8)
    expect(after.totals.kwh).toBeCloseTo(preview.after.kwh.central, 8)
    expect(await daily('&generation=0')).toEqual(before)
    expect(await daily('&generation=1')).toEqual(after)
    const usage = usageAnswer.parse(
      (await api.get('/v1/usage?org_id=org_demo&from=2026-09-29&to=2026-10-03&tz=UTC&group_by=model,region')).json,
    )
    expect(usage.items.every((item) => item.calls > 0)).toBe(true)
    expect(usage.totals.co2_kg).toBeCloseTo(after.totals.co2_kg, 12)

    const taken = await api.get(`${PATH}/${ids[0]}?org_id=org_demo`, { method: 'DELETE' })
    expect(recomputation.parse(taken.json).state).toBe('taking_back')
    expect(await daily()).toEqual(before)
    await runs.idle()
    expect(await daily()).toEqual(before)
    expect((await api.get(`/v1/today?org_id=org_demo&generation=1`)).status).toBe(404)
  })

  test('a preview knows that an override begins and ends inside a month', async () => {
    const asked = { ...body, factor_set: own.id }
    const { preview, run } = recomputationAnswer.parse((await post(PATH, { ...asked, mode: 'run' })).json)
    await runs.idle()
    const after = await daily()
    expect(after.totals.kwh - preview.kwh.before).toBeGreaterThan(1)
    for (const name of ['kwh', 'water_l', 'co2_kg'] as const)
      expect(after.totals[name]).toBeCloseTo(preview[name].after, 8)
    expect(preview.by_month.map((m) => m.month).sort()).toEqual(['2026-09', '2026-10'])
    await api.get(`${PATH}/${run?.id}?org_id=org_demo`, { method: 'DELETE' })
    await runs.idle()
  })

  test.each([
    ['a period that runs backwards', { from: '2026-10-03', to: '2026-10-01' }, 400],
    ['a set that was never published', { factor_set: 'nothing@1' }, 404],
    ['the overrides of another organisation', { factor_set: foreign.id }, 404],
    ['what names the sets of all organisations', { factor_set: `${running.id}+overrides.1-0123abcd` }, 404],
    ['another organisation', { org_id: 'org_b' }, 404],
    ['a mode that is none', { mode: 'now' }, 400],
  ])('refuses %s', async (_, change, status) => {
    expect((await post(PATH, { ...body, ...change })).status).toBe(status)
  })

  test('an id of nobody is not found', async () => {
    expect((await api.get(`${PATH}/rec_0?org_id=org_demo`)).status).toBe(404)
    expect((await api.get(`${PATH}/rec_0?org_id=org_demo`, { method: 'DELETE' })).status).toBe(404)
    expect((await post(`${PATH}/rec_0/retire-earlier?org_id=org_demo`, {})).status).toBe(404)
  })
})
