import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClickHouse, insertUsageRows, migrate, openClickHouse, type UsageRow } from '@ecomind/clickhouse'
import {
  activityOfCall,
  type Coefficients,
  computeUnitsInto,
  type TermCoefficients,
  UNIT_NAMES,
} from '@ecomind/footprint'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomRow, seededRandom } from '../testing/random-usage.ts'
import { COEFFICIENT_TABLE, JOIN_ON, JOIN_WHERE, writeCoefficientTable } from './coefficient-table.ts'
import type { CompiledCalls } from './compiled-calls.ts'
import { EXACT_SETTINGS, STORED_COLUMNS, unitExpressions } from './engine-sql.ts'

const SEED = 20261124
const EVENTS = 12_000
const COMBINATIONS = 60
const NOW_MS = Date.UTC(2026, 9, 1)
const random = seededRandom(SEED)
const set = loadDefaultFactorSet()

/** Doubles of all magnitudes that occur, with every bit of the fraction in use; some terms are nothing. */
const coefficient = (): number => (random() < 0.15 ? 0 : random() * 10 ** -Math.floor(random() * 9))
const terms = (): TermCoefficients => ({
  perCall: coefficient(),
  per1kFreshIn: coefficient(),
  per1kCacheRead: coefficient(),
  per1kCacheWrite: coefficient(),
  per1kOut: coefficient(),
  per1kInSquared: coefficient(),
  per1kOutReasoningHidden: coefficient(),
})
const ranges = () => ({ low: terms(), central: terms(), high: terms() })
const coefficients = (): Coefficients => ({
  kwh: ranges(),
  waterOnsiteL: ranges(),
  waterOffsiteL: ranges(),
  co2UseKg: ranges(),
  co2EmbodiedKg: ranges(),
})
const calls: readonly CompiledCalls[] = Array.from({ length: COMBINATIONS }, (_, i) => ({
  names: { provider: 'openai', model: `model-${i}`, region: 'FR', service_tier: '' },
  fromMs: 0,
  toMs: NOW_MS * 2,
  factorId: `factor-${i}`,
  gridId: 'FR',
  region: 'FR',
  regionInferred: false,
  grade: 'named',
  coefficients: coefficients(),
}))

const whole = (max: number): number => Math.floor(random() ** 4 * max)
function makeRow(index: number): UsageRow {
  const row = randomRow(random, set, { tsMs: NOW_MS - index, index, watermarkMs: NOW_MS })
  const tokensIn = whole(10_000_000)
  return {
    ...row,
    provider: 'openai',
    model: `model-${Math.floor(random() * COMBINATIONS)}`,
    region: 'FR',
    region_inferred: false,
    service_tier: '',
    tokens_in: tokensIn,
    // More cached than sent is nothing fresh, not less than nothing.
    tokens_cache_read: whole(tokensIn * 1.2),
    tokens_cache_write: whole(tokensIn),
    tokens_out: whole(10_000_000),
    tokens_reasoning: random() < 0.5 ? 0 : whole(100_000),
    reasoning_separate: random() < 0.5,
    tokens_source: ['provider', 'tokenizer', 'estimate', ''][Math.floor(random() * 4)] ?? '',
  }
}
const rows = Array.from({ length: EVENTS }, (_, i) => makeRow(i))

let dir: string
let ch: ClickHouse
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ecomind-engine-sql-'))
  ch = await openClickHouse(
    { kind: 'embedded', dataDir: join(dir, 'ch'), spoolDir: join(dir, 'spool') },
    { role: 'api' },
  )
  await migrate(ch)
  await insertUsageRows(ch, rows, 'engine-sql')
})
afterAll(async () => {
  await ch.close()
  await rm(dir, { recursive: true, force: true })
})

describe('the engine as SQL', () => {
  test(`gives the engine's numbers to the last digit for ${EVENTS} random events (seed ${SEED})`, async () => {
    const columns = await writeCoefficientTable(ch, calls)
    const selected = unitExpressions(columns).map(([name, text]) => `toString(${text}) AS ${name}`)
    const answered = await ch.query<Readonly<Record<string, string>>>({
      text: `SELECT e.event_id AS event_id, ${selected.join(', ')}
        FROM ecomind.usage_events AS e INNER JOIN ${COEFFICIENT_TABLE} AS c ON ${JOIN_ON} WHERE ${JOIN_WHERE}
        SETTINGS ${EXACT_SETTINGS}`,
    })
    const byId = new Map(answered.map((row) => [row['event_id'], row]))
    expect(byId.size).toBe(EVENTS)
    const byModel = new Map(calls.map((c) => [c.names.model, c.coefficients]))
    const out = new Float64Array(UNIT_NAMES.length)
    const wrong: unknown[] = []
    for (const row of rows) {
      computeUnitsInto(byModel.get(row.model) as Coefficients, activityOfCall(row), out, 0)
      const sql = STORED_COLUMNS.map((name) => byId.get(row.event_id)?.[name])
      const engine = [...out].map(String)
      if (engine.join() !== sql.join()) wrong.push({ id: row.event_id, engine, sql })
    }
    expect(wrong.slice(0, 2)).toEqual([])
  })

  test('coefficients arrive with every bit', async () => {
    await writeCoefficientTable(ch, calls)
    const answered = await ch.query<{ model: string; bits: string }>({
      text: `SELECT model, toString(reinterpretAsUInt64(kwh_central_per1kOut)) AS bits FROM ${COEFFICIENT_TABLE}`,
    })
    const view = new DataView(new ArrayBuffer(8))
    const expected = calls.map((c) => {
      view.setFloat64(0, c.coefficients.kwh.central.per1kOut)
      return [c.names.model, view.getBigUint64(0).toString()] as const
    })
    expect(new Map(answered.map((row) => [row.model, row.bits]))).toEqual(new Map(expected))
  })
})
