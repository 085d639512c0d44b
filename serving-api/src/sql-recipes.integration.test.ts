/** The recipes of docs/sql.md, word for word through the SQL port, against the answers of the API. */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type AnalystDesk,
  type ClickHouse,
  insertUsageRows,
  migrate,
  openAnalystDesk,
  openAnalystSql,
  openClickHouse,
  openSqlPort,
  publishFactorSet,
  type SqlPort,
} from '@ecomind/clickhouse'
import { applyOverrides, type FactorOverride, serialiseFactor, serialiseFactorSet } from '@ecomind/footprint'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import type { IntensityAnswer, UsageAnswer } from '@ecomind/schemas'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { randomRow, seededRandom } from './testing/random-usage.ts'
import { startTestApi, type TestApi } from './testing/test-api.ts'

const SEED = 20_261_126
/** The period that the recipes name. */
const PERIOD = 'org_id=org_demo&from=2026-10-01T00:00:00Z&to=2026-11-01T00:00:00Z'
const FROM_MS = Date.UTC(2026, 8, 20)
const DAYS = 50

const set = loadDefaultFactorSet()
const override: FactorOverride = {
  id: 'measured',
  version: 3,
  provider: 'openai',
  model: 'gpt-4o',
  energy: { form: 'call', boundary: 'facility', kwh_per_call: { low: 0.001, central: 0.002, high: 0.003 } },
  valid_from_ms: 0,
  valid_to_ms: null,
  tier: 'B',
  evidence: { text: 'measured by ourselves', year: 2026 },
}
const overridden = applyOverrides(set, 'org_demo', 1, [override])
const recipes = [
  ...readFileSync(new URL('../../docs/sql.md', import.meta.url), 'utf8').matchAll(/```sql\n([^`]+)```/g),
].map((m) => m[1] ?? '')
let dir: string
let clickhouse: ClickHouse
let desk: AnalystDesk
let port: SqlPort
let api: TestApi

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ecomind-sql-'))
  const target = { kind: 'embedded', dataDir: join(dir, 'clickhouse'), spoolDir: join(dir, 'spool') } as const
  clickhouse = await openClickHouse(target, { role: 'loader' })
  await migrate(clickhouse)
  const random = seededRandom(SEED)
  const rows = Array.from({ length: 2000 }, (_, index) => {
    const tsMs = FROM_MS + Math.floor(random() * DAYS * 86_400_000)
    const row = randomRow(random, set, { tsMs, index, watermarkMs: tsMs })
    // A factor that no set knows, one that the organisation overrides, and a variant of a service tier.
    if (index % 50 === 0) return { ...row, factor_id: 'nobody/knows-it' }
    if (row.factor_id === 'openai/gpt-4o' && index % 2 === 0)
      return { ...row, factor_set: overridden.id, factor_id: 'override/measured/3/openai/gpt-4o' }
    return index % 7 === 0 ? { ...row, factor_id: `${row.factor_id}+batch` } : row
  })
  await insertUsageRows(clickhouse, rows, 'all')
  const { factors, grids } = serialiseFactorSet(set)
  const applied = ({ id, record, source, year, licence }: (typeof factors)[number]) => ({
    id,
    record: JSON.parse(record) as unknown,
    source,
    year,
    licence,
  })
  await publishFactorSet(clickhouse, {
    factorSet: set.id,
    methodVersion: set.methodVersion,
    factors: [...factors, ...set.factors.map((factor) => serialiseFactor(set, factor))].map(applied),
    grids: grids.map(applied),
  })
  desk = openAnalystDesk({ sql: await openAnalystSql(target) })
  port = await openSqlPort({ desk, access: { kind: 'local', orgId: 'org_demo' }, port: 0 })
  api = await startTestApi(clickhouse, {
    loadFactorSet: async (id) => [set, overridden].find((s) => s.id === id) ?? null,
  })
})

afterAll(async () => {
  await api?.stop()
  await port?.close()
  await desk?.close()
  await clickhouse?.close()
  await rm(dir, { recursive: true, force: true })
})

async function rowsOf(sql: string): Promise<Record<string, number | string>[]> {
  const answer = await fetch(`http://127.0.0.1:${port.port}/?default_format=JSON`, { method: 'POST', body: sql })
  const text = await answer.text()
  expect(answer.status, text).toBe(200)
  return (JSON.parse(text) as { data: Record<string, number | string>[] }).data
}

const near = (actual: unknown, wanted: number): void =>
  expect(Math.abs(Number(actual) - wanted)).toBeLessThanOrEqual(1e-9 * Math.max(Math.abs(wanted), 1e-9))

test.each(['kwh', 'water_l', 'co2_kg'] as const)(`low and high of a total of %s (seed ${SEED})`, async (name) => {
  const [row] = await rowsOf((recipes[0] ?? '').replaceAll('kwh', name))
  const { totals } = (await api.get(`/v1/usage?${PERIOD}`)).json as UsageAnswer
  near(row?.[name], totals[name])
  near(row?.[`${name}_low`], totals[`${name}_low`])
  near(row?.[`${name}_high`], totals[`${name}_high`])
  expect(totals[name]).toBeGreaterThan(0)
})

test('what a unit of work costs, by model', async () => {
  const rows = await rowsOf(recipes[1] ?? '')
  const { items } = (await api.get(`/v1/intensity?${PERIOD}&group_by=model`)).json as IntensityAnswer
  expect(rows.map((r) => r['model'])).toEqual(items.map((i) => i.model))
  for (const [i, row] of rows.entries()) {
    expect(Number(row['calls'])).toBe(items[i]?.calls)
    near(row['g_per_call'], items[i]?.g_per_call?.central ?? Number.NaN)
    near(row['g_per_1k_tokens'], items[i]?.g_per_1k_tokens?.central ?? Number.NaN)
  }
})

test('there are two recipes', () => {
  expect(recipes).toHaveLength(2)
})
