/** Compares a closed database with what the oracle makes of everything that was sent: ids, every rollup, ledger, quarantine. */
import { type ClickHouse, openClickHouse } from '@ecomind/clickhouse'
import { activityOfCall, compileCoefficients, computeFootprint, resolveCall, toUnits } from '@ecomind/footprint'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import type { UsageEvent } from '@ecomind/schemas'
import { expect } from 'vitest'
import { processPaths } from './process-models.ts'
import { oracle, type SentBatch } from './traffic.ts'

type Sums = Readonly<
  Record<'calls' | 'tokens_in' | 'tokens_out', number> & Record<'kwh' | 'water_l_high' | 'co2_kg_low', string>
>

/** Fails with what differs. Opens the database that a loader in a process of its own has closed. */
export async function expectOracle(dataDir: string, sent: readonly (SentBatch | Uint8Array)[]): Promise<void> {
  const paths = processPaths(dataDir)
  const target = { kind: 'embedded', dataDir: paths.clickhouse, spoolDir: paths.spool } as const
  const clickhouse = await openClickHouse(target, { role: 'api' })
  try {
    await expectTables(clickhouse, sent)
  } finally {
    await clickhouse.close()
  }
}

/** Fails with what differs: ids, sums of raw and of each rollup, ledger, quarantine. */
export async function expectTables(
  clickhouse: Pick<ClickHouse, 'query'>,
  sent: readonly (SentBatch | Uint8Array)[],
): Promise<void> {
  const expected = oracle(sent, 35)
  const sums = sumUp(expected.stored.map(({ event }) => event))
  const ids = await clickhouse.query<{ key: string }>({
    text: `SELECT concat(org_id, '/', event_id) AS key FROM ecomind.usage_events`,
  })
  expect(ids.map((row) => row.key).sort()).toEqual(expected.stored.map(({ key }) => key).sort())
  for (const table of ['usage_events', 'usage_1m', 'usage_15m', 'usage_1h', 'usage_1d']) {
    expect({ table, ...(await sumsOf(clickhouse, table)) }).toEqual({ table, ...sums })
  }
  const [ledger] = await clickhouse.query({
    text: `SELECT sum(accepted)::Int32 AS accepted, sum(stored)::Int32 AS stored, sum(duplicate)::Int32 AS duplicate,
      sum(quarantined)::Int32 AS quarantined FROM ecomind.ingest_ledger`,
  })
  expect(ledger).toEqual({
    accepted: expected.accepted,
    stored: sums.calls,
    duplicate: expected.duplicates,
    quarantined: expected.conflicts + expected.poison,
  })
  const [set] = await clickhouse.query<{ rows: number }>({
    text: 'SELECT count()::Int32 AS rows FROM ecomind.quarantine',
  })
  expect(set?.rows).toBe(expected.conflicts + expected.poison)
}

/** What raw and every rollup must say, footprint included: integers of 1e-12, so that sums are exact in any order. */
function sumUp(events: readonly UsageEvent[]): Sums {
  const set = loadDefaultFactorSet()
  const sums = { calls: 0, tokens_in: 0, tokens_out: 0 }
  const units = { kwh: 0n, water_l_high: 0n, co2_kg_low: 0n }
  for (const event of events) {
    const { provider, model, region, service_tier: serviceTier, ts: tsMs } = event
    const { factor, grid } = resolveCall(set, { provider, model, region, serviceTier, tsMs })
    const computed = toUnits(computeFootprint(compileCoefficients(factor.factor, grid.grid), activityOfCall(event)))
    sums.calls += 1
    sums.tokens_in += event.tokens_in
    sums.tokens_out += event.tokens_out
    units.kwh += BigInt(computed.kwh)
    units.water_l_high += BigInt(computed.waterLHigh)
    units.co2_kg_low += BigInt(computed.co2KgLow)
  }
  return { ...sums, kwh: `${units.kwh}`, water_l_high: `${units.water_l_high}`, co2_kg_low: `${units.co2_kg_low}` }
}

async function sumsOf(clickhouse: Pick<ClickHouse, 'query'>, table: string): Promise<Sums> {
  const calls = table === 'usage_events' ? 'count()' : 'sum(calls)'
  const units = ['kwh', 'water_l_high', 'co2_kg_low'].map(
    (name) => `toString(toInt128(sum(toDecimal256(${name}, 12)) * 1000000000000)) AS ${name}`,
  )
  const text = `SELECT ${calls}::Int32 AS calls, sum(tokens_in)::Int32 AS tokens_in, sum(tokens_out)::Int32 AS tokens_out,
    ${units.join(', ')} FROM ecomind.${table} AS t`
  const [row] = await clickhouse.query<Sums>({ text: text.replace(/toDecimal256\((\w+)/g, 'toDecimal256(t.$1') })
  if (row === undefined) throw new Error(`sum ${table}: no answer`)
  return row
}
