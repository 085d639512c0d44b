/** What-if questions over 30 days of 100 million events: the rollup rows that so many events leave behind, made in the engine. */
import { join } from 'node:path'
import { type ClickHouse, migrate, openClickHouse } from '@ecomind/clickhouse'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import { COMMON_MODELS } from './made-rows.ts'
import type { BenchOptions } from './options.ts'
import { cpuSeconds } from './process-cost.ts'
import { openBench } from './product.ts'
import { type Figure, figure } from './report.ts'
import { percentiles } from './statistics.ts'

const DAY_MS = 86_400_000
const DAYS = 30
/** The start of the product compares the last days with raw events, and there are none here: the period ends before. */
const DAYS_BEFORE_TODAY = 6
const USERS = 2000
/** Pairs of a model and a region that one user calls on one day. */
const PAIRS = 6
/** Combinations of minute, user, model and region of a day: those of the first and the last day are there by the minute. */
const MINUTE_ROWS_A_DAY = 1_600_000
const CALLS_A_MINUTE_ROW = 2
const CHUNK_ROWS = 400_000
const REPEATS = 20

const MODELS = [
  ...COMMON_MODELS,
  ['azure', 'gpt-4o'],
  ['bedrock', 'claude-3-5-sonnet'],
  ['mistral', 'mistral-large-2'],
  ['deepseek', 'deepseek-v3'],
] as const
const REGIONS = ['US-CAISO', 'DE', 'FR', 'IE', 'eastus', 'us-east-1', 'europe-west4', 'SE'] as const

const CHANGES: Readonly<Record<string, object>> = {
  region: { region: 'SE' },
  tier: { service_tier: 'batch' },
  cache: { cache_read_share: 0.5 },
  period: { period: 'earlier' },
}

export async function* benchWhatif({ whatifEvents: events }: BenchOptions): AsyncGenerator<Figure> {
  const bench = await openBench()
  try {
    const endMs = (Math.floor(Date.now() / DAY_MS) - DAYS_BEFORE_TODAY) * DAY_MS
    const ch = await openClickHouse(
      { kind: 'embedded', dataDir: join(bench.dataDir, 'clickhouse'), spoolDir: join(bench.dataDir, 'spool') },
      { role: 'loader' },
    )
    await migrate(ch)
    const rows = await fill(ch, endMs, events)
    await ch.close()
    const core = await bench.start('core')
    yield await ask(bench.apiPort, core.pid(), endMs, events, rows)
  } finally {
    await bench.end()
  }
}

interface Block {
  readonly table: 'usage_1d' | 'usage_1m'
  /** First row; rows go on from block to block, so that no two are alike. */
  readonly from: number
  readonly rows: number
  readonly dayStartMs: number
  readonly calls: number
  /** The first so many rows have one call more. */
  readonly callsMore: number
}

/** By the minute on the first and the last day, which feeds the coarser rollups; by the day in between. Rows of each. */
async function fill(ch: ClickHouse, endMs: number, events: number): Promise<Readonly<Record<string, number>>> {
  const dayRows = USERS * PAIRS
  const middleRows = dayRows * (DAYS - 2)
  const minuteRows = Math.min(MINUTE_ROWS_A_DAY, Math.floor(events / (8 * CALLS_A_MINUTE_ROW)))
  const rest = events - 2 * minuteRows * CALLS_A_MINUTE_ROW
  const callsMore = rest % middleRows
  for (let day = 0; day < DAYS; day++) {
    const dayStartMs = endMs - (DAYS - day) * DAY_MS
    const minutes = day === 0 || day === DAYS - 1
    if (minutes) {
      for (let from = 0; from < minuteRows; from += CHUNK_ROWS) {
        const rows = Math.min(CHUNK_ROWS, minuteRows - from)
        await insert(ch, { table: 'usage_1m', from, rows, dayStartMs, calls: CALLS_A_MINUTE_ROW, callsMore: 0 })
      }
    } else {
      const from = (day - 1) * dayRows
      const calls = Math.floor(rest / middleRows)
      await insert(ch, { table: 'usage_1d', from, rows: dayRows, dayStartMs, calls, callsMore })
    }
  }
  const tables = await ch.query<{ table: string; rows: string }>({
    text: `SELECT table, toString(sum(rows)) AS rows FROM system.parts WHERE active AND database = 'ecomind' AND table LIKE 'usage_%' GROUP BY table`,
  })
  return Object.fromEntries(tables.map((t) => [t.table, Number(t.rows)]))
}

const set = loadDefaultFactorSet()
const PLACES = MODELS.flatMap(([provider, model]) =>
  REGIONS.map((region) => ({
    provider,
    model,
    region,
    factor: set.resolveFactor(provider, model).factor.id,
    grid: set.resolveGrid(region, provider).grid.id,
  })),
)

/** User u calls six of the 96 pairs of model and region; token counts and stored numbers are in proportion, without order. */
async function insert(ch: ClickHouse, { table, from, rows, dayStartMs, calls, callsMore }: Block): Promise<void> {
  const windowStart =
    table === 'usage_1d'
      ? `toDateTime({day_s:UInt32}, 'UTC')`
      : `toDateTime({day_s:UInt32}, 'UTC') + toIntervalMinute(bitShiftRight(h, 8) % 1440)`
  await ch.command({
    text: `INSERT INTO ecomind.${table}
      (window_start, org_id, user_id, team_id, project_id, source, provider, model, region, factor_set, factor_id, grid_id,
       calls, calls_measured, calls_unknown, calls_region_inferred, tokens_in, tokens_in_squared, tokens_out, tokens_cache_read,
       tokens_cache_write, tokens_reasoning, tokens_reasoning_separate, tokens_out_reasoning_hidden,
       kwh, kwh_low, kwh_high, water_l, water_l_low, water_l_high, water_l_onsite, co2_kg, co2_kg_low, co2_kg_high, co2_kg_use, watermark_at)
      WITH cityHash64(number) AS h, number % ${USERS} AS u, intDiv(number, ${USERS}) % ${PAIRS} AS pair,
        (cityHash64(u, pair) % {places:UInt32}) + 1 AS place,
        {calls:UInt32} + (number < {more:UInt64}) AS n, n * (50 + bitShiftRight(h, 20) % 3000) AS tin, n * (10 + bitShiftRight(h, 40) % 900) AS tout,
        (tin + 8 * tout) / 1e10 AS e
      SELECT ${windowStart}, 'org_demo', concat('user_', toString(u)), concat('team_', toString(u % 20)), '', 'sdk',
        {providers:Array(String)}[place], {models:Array(String)}[place], {regions:Array(String)}[place], {factor_set:String},
        {factors:Array(String)}[place], {grids:Array(String)}[place],
        n, n, 0, 0, tin, intDiv(tin * tin, n), tout, intDiv(tin, 5), 0, intDiv(tout, 4), 0, 0,
        e, e / 3, e * 3, e * 4, e, e * 12, e * 0.3, e * 0.4, e * 0.1, e * 1.3, e * 0.38, toDateTime({day_s:UInt32}, 'UTC')
      FROM numbers({from:UInt64}, {rows:UInt64})`,
    params: {
      day_s: dayStartMs / 1000,
      calls,
      more: callsMore,
      from,
      rows,
      places: PLACES.length,
      factor_set: set.id,
      providers: PLACES.map((p) => p.provider),
      models: PLACES.map((p) => p.model),
      regions: PLACES.map((p) => p.region),
      factors: PLACES.map((p) => p.factor),
      grids: PLACES.map((p) => p.grid),
    },
  })
}

async function ask(
  apiPort: number,
  corePid: number,
  endMs: number,
  events: number,
  rows: Readonly<Record<string, number>>,
): Promise<Figure> {
  const iso = (ms: number): string => new Date(ms).toISOString()
  const whole = { from: iso(endMs - DAYS * DAY_MS), to: iso(endMs) }
  // From 10:17 on the first day to 15:43 on the last: days, hours, quarters and minutes.
  const ragged = { from: iso(endMs - DAYS * DAY_MS + 37_020_000), to: iso(endMs - DAY_MS + 56_580_000) }
  const earlier = { period: { from: iso(endMs - 2 * DAYS * DAY_MS), to: whole.from } }
  const whatif = async (period: object, change: object, wanted: number | null): Promise<number> => {
    const started = performance.now()
    const answer = await fetch(`http://127.0.0.1:${apiPort}/v1/whatif`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ org_id: 'org_demo', ...period, change }),
    })
    const { calls, calls_left_out: leftOut } = (await answer.json()) as { calls?: number; calls_left_out?: number }
    const tookMs = performance.now() - started
    if (!answer.ok || calls === undefined || leftOut !== 0 || (wanted !== null && calls !== wanted))
      throw new Error(`what-if: status ${answer.status}, ${calls} calls, ${leftOut} left out, ${wanted} wanted`)
    return tookMs
  }
  const delays: number[] = []
  const each: Record<string, unknown> = {}
  for (const [periodName, period, wanted] of [
    ['whole days', whole, events],
    ['ragged ends', ragged, null],
  ] as const) {
    for (const [name, change] of Object.entries(CHANGES)) {
      const own: number[] = []
      const cpuBefore = cpuSeconds(corePid)
      for (let i = 0; i < REPEATS; i++) own.push(await whatif(period, name === 'period' ? earlier : change, wanted))
      const cpuMs = ((cpuSeconds(corePid) - cpuBefore) * 1000) / REPEATS
      each[`${periodName}, ${name}`] = { ...percentiles(own), cpuMs }
      delays.push(...own)
    }
  }
  const suggestions: number[] = []
  for (let i = 0; i < REPEATS; i++) {
    const started = performance.now()
    const url = `http://127.0.0.1:${apiPort}/v1/suggestions?org_id=org_demo&from=${whole.from}&to=${whole.to}`
    const { items } = (await (await fetch(url)).json()) as { items?: unknown[] }
    if (items?.length !== 3) throw new Error(`what-if: ${items?.length} suggestions, 3 wanted`)
    suggestions.push(performance.now() - started)
  }
  const details = { events, questions: delays.length, p50: percentiles(delays).p50, rollupRows: rows, latencyMs: each }
  return figure('what-if over 30 days, p95', percentiles(delays).p95, 'ms', 50, {
    ...details,
    suggestionsMs: percentiles(suggestions),
  })
}
