/** A database with random usage, two factor sets and the runs over them, for tests of recomputations. */
import { join } from 'node:path'
import {
  type ClickHouse,
  insertUsageRows,
  migrate,
  openClickHouse,
  ROLLUP_KEYS,
  ROLLUP_SUMS,
  ROLLUPS,
  type UsageRow,
} from '@ecomind/clickhouse'
import { type CallNames, type FactorSet, resolveCall } from '@ecomind/footprint'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import pino from 'pino'
import type { RunEntry } from '../recomputation/audit.ts'
import { type RecomputationDeps, Recomputations, type StartRequest } from '../recomputation/recomputations.ts'
import { laterSet } from './later-set.ts'
import { randomRow, seededRandom } from './random-usage.ts'

export const ORG_ID = 'org_demo'
export const running = loadDefaultFactorSet()
export const later = laterSet(running)
export const DAY_MS = 86_400_000
/** Days around the turn of a month, so that a run has chunks in two partitions. */
export const FIRST_DAY_MS = Date.UTC(2026, 8, 29)
export const DAYS = 4

export function usageRows(seed: number, count: number): UsageRow[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, (_, i) => {
    const tsMs = FIRST_DAY_MS + Math.floor(random() * DAYS * DAY_MS)
    const row = randomRow(random, running, { tsMs, index: seed * 1_000_000 + i, watermarkMs: FIRST_DAY_MS })
    // Another organisation's numbers must stay as they are.
    return { ...row, org_id: random() < 0.1 ? 'org_b' : ORG_ID, quality: gradeUnder(running, row) }
  })
}

/** What a row says about how it is computed. */
export const namesOf = (row: UsageRow): CallNames => ({
  provider: row.provider,
  model: row.model,
  region: row.region_inferred ? null : row.region,
  serviceTier: row.service_tier,
  tsMs: row.ts,
})

/** The loader's rule (stream-jobs/src/enrich.ts). */
export function gradeUnder(set: FactorSet, row: UsageRow): UsageRow['quality'] {
  const { factor, grid } = resolveCall(set, namesOf(row))
  if (factor.kind === 'unknown' || (grid.kind === 'world' && !grid.inferred)) return 'unknown'
  const named = factor.kind !== 'class' && grid.kind !== 'inferred' && !grid.inferred
  return named && row.tokens_source === 'provider' ? 'measured' : 'estimated'
}

export async function openWorldDatabase(dir: string): Promise<ClickHouse> {
  const target = { kind: 'embedded', dataDir: join(dir, 'ch'), spoolDir: join(dir, 'spool') } as const
  const ch = await openClickHouse(target, { role: 'loader' })
  await migrate(ch)
  return ch
}

export async function insertUsage(ch: ClickHouse, seed: number, count: number): Promise<void> {
  await insertUsageRows(ch, usageRows(seed, count), `usage-${seed}`)
}

export async function openRuns(
  clickhouse: ClickHouse,
  deps: Partial<RecomputationDeps> = {},
): Promise<{ readonly runs: Recomputations; readonly audited: readonly RunEntry[] }> {
  const audited: RunEntry[] = []
  const runs = await Recomputations.open({
    clickhouse,
    whileLoadingPaused: (work) => work(),
    isQuiet: () => true,
    faultPoint: () => undefined,
    loadFactorSet: async (id) => [running, later].find((set) => set.id === id) ?? null,
    runningSetId: async () => later.id,
    audit: { noteOnce: async (entry) => void audited.push(entry) },
    logger: pino({ level: 'silent' }),
    nowMs: () => FIRST_DAY_MS + DAYS * DAY_MS,
    ...deps,
  })
  return { runs, audited }
}

const nothing = { before: 0, after: 0, factor_change: 0, grid_change: 0 }
const noRange = { kwh: { low: 0, central: 0, high: 0 }, water_l: { low: 0, central: 0, high: 0 } }
const noFootprint = { ...noRange, co2_kg: { low: 0, central: 0, high: 0 } }

export function startRequest(overrides: Partial<StartRequest> = {}): StartRequest {
  return {
    orgId: ORG_ID,
    period: { fromMs: FIRST_DAY_MS, toMs: FIRST_DAY_MS + DAYS * DAY_MS },
    factorSet: later.id,
    actor: 'test',
    report: {
      from: '2026-09-29',
      to: '2026-10-03',
      factor_set: later.id,
      calls: 0,
      calls_left_out: 0,
      before: noFootprint,
      after: noFootprint,
      kwh: nothing,
      water_l: nothing,
      co2_kg: nothing,
      by_model: [],
      by_region: [],
      by_month: [],
    },
    ...overrides,
  }
}

/** Every row of every rollup, summed by all its keys; `generations` is a condition on the column `generation`. */
export async function rollupRows(ch: ClickHouse, generations: string, byGeneration = true): Promise<readonly string[]> {
  const keys = ['window_start', ...ROLLUP_KEYS, ...(byGeneration ? ['generation'] : [])].join(', ')
  const all: string[] = []
  for (const rollup of ROLLUPS) {
    const rows = await ch.query<{ line: string }>({
      text: `SELECT concat('${rollup} ', toString(tuple(${keys}, ${ROLLUP_SUMS.map(([s]) => `sum(r.${s})`).join(', ')}))) AS line
        FROM ecomind.${rollup} AS r WHERE ${generations} GROUP BY ${keys} HAVING sum(r.calls) != 0 ${byGeneration ? 'OR generation != 0' : ''} ORDER BY line`,
    })
    all.push(...rows.map((row) => row.line))
  }
  return all
}
