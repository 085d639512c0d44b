/** The database of the recomputation bench: many stored events, made inside the engine, and what is asked of it. */
import { join } from 'node:path'
import {
  type ClickHouse,
  type ClickHouseTarget,
  migrate,
  openClickHouse,
  ROLLUP_KEYS,
  ROLLUP_SUMS,
  ROLLUPS,
} from '@ecomind/clickhouse'
import type { StartRequest } from '@ecomind/serving-api'
import { insertMinutes, madeCoefficients } from './made-rows.ts'

export const BENCH_ORG = 'org_demo'
const DAY_MS = 86_400_000
const DAYS = 30
/** Days in two months, so that both have chunks. */
const FROM_MS = Date.UTC(2026, 8, 16)
const CHUNK_ROWS = 500_000

export const engineTarget = (dir: string): ClickHouseTarget => ({
  kind: 'embedded',
  dataDir: join(dir, 'clickhouse'),
  spoolDir: join(dir, 'spool'),
})

export async function makeEvents(dir: string, events: number): Promise<void> {
  const ch = await openClickHouse(engineTarget(dir), { role: 'loader' })
  await migrate(ch)
  for (let from = 0; from < events; from += CHUNK_ROWS)
    await fill(ch, from, Math.min(CHUNK_ROWS, events - from), events)
  await ch.close()
}

/**
 * Sessions in order of time: one of 2,000 users works with one of 3 models for an hour, in 24 of its minutes with 10
 * calls each. So there are about a tenth as many rows in `usage_1m` as events, as where agents and services call.
 */
async function fill(ch: ClickHouse, from: number, count: number, events: number): Promise<void> {
  await ch.command({
    text: `INSERT INTO ecomind.usage_events
      (org_id, event_id, user_id, team_id, project_id, source, provider, model, region, ts, arrived_at, tokens_in, tokens_out,
       tokens_source, factor_set, factor_id, factor_match, grid_id, grid_match, quality, coefficients, watermark_at,
       log_generation, log_offset, log_index, content_hash)
      WITH cityHash64(number) AS h, intDiv(number, 240) AS session, cityHash64(session) AS hs, hs % 2000 AS u,
        intDiv(number * {hours:UInt64}, {events:UInt64}) AS hour, (hs + intDiv(number, 10)) % 60 AS minute,
        toUInt32(50 + bitShiftRight(h, 20) % 2000) AS tin, toUInt32(10 + bitShiftRight(h, 40) % 600) AS tout,
        ['gpt-4o', 'gpt-4o-mini', 'o3'][1 + bitShiftRight(hs, 50) % 3] AS m
      SELECT {org:String}, toString(number), concat('user_', toString(u)), concat('team_', toString(u % 20)), '', 'sdk',
        'openai', m, ['US-CAISO', 'FR', 'DE'][1 + u % 3],
        fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC')
          + toIntervalMillisecond((hour * 60 + minute) * 60000 + bitShiftRight(h, 8) % 60000) AS at,
        at, tin, tout, ['provider', 'tokenizer', ''][1 + bitShiftRight(hs, 30) % 3],
        'bench', m, 'exact', 'FR', 'exact', 'measured', ${madeCoefficients()},
        fromUnixTimestamp64Milli({from_ms:Int64}), 1, intDiv(number, 100), number % 100, toUInt32(h)
      FROM numbers({from:UInt64}, {count:UInt64})`,
    params: { org: BENCH_ORG, from, count, events, from_ms: FROM_MS, hours: DAYS * 24 },
  })
  await insertMinutes(ch, 'e.log_offset >= {first:UInt64} AND e.log_offset < {end:UInt64}', {
    first: Math.floor(from / 100),
    end: Math.floor(from / 100) + Math.ceil(count / 100),
  })
}

const noChange = { before: 0, after: 0, factor_change: 0, grid_change: 0 }
const noRange = { low: 0, central: 0, high: 0 }
const noFootprint = { kwh: noRange, water_l: noRange, co2_kg: noRange }

/** All of it; the preview is not what is measured. */
export function benchRequest(factorSet: string): StartRequest {
  const days = { from: isoDay(FROM_MS), to: isoDay(FROM_MS + DAYS * DAY_MS) }
  const changes = { kwh: noChange, water_l: noChange, co2_kg: noChange }
  const groups = { by_model: [], by_region: [], by_month: [] }
  const sums = { calls: 0, calls_left_out: 0, before: noFootprint, after: noFootprint }
  return {
    orgId: BENCH_ORG,
    period: { fromMs: FROM_MS, toMs: FROM_MS + DAYS * DAY_MS },
    factorSet,
    actor: 'bench',
    report: { ...days, factor_set: factorSet, ...sums, ...changes, ...groups },
  }
}

/** One number a rollup over every row by all keys and sums, and how many rows there are. */
export async function checksums(dir: string): Promise<readonly string[]> {
  const ch = await openClickHouse(engineTarget(dir), { role: 'api' })
  const keys = ['window_start', ...ROLLUP_KEYS, 'generation']
  const sums = ROLLUP_SUMS.map(([name]) => `sum(r.${name}) AS s_${name}`)
  const all: string[] = []
  for (const rollup of ROLLUPS) {
    const [row] = await ch.query<{ line: string }>({
      text: `SELECT concat('${rollup} ', toString(count()), ' ', toString(groupBitXor(sipHash64(*)))) AS line
        FROM (SELECT ${[...keys, ...sums].join(', ')} FROM ecomind.${rollup} AS r GROUP BY ${keys.join(', ')})
        SETTINGS max_bytes_before_external_group_by = 1000000000`,
    })
    all.push(row?.line ?? '')
  }
  await ch.close()
  return all
}

const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
