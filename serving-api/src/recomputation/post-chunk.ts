/**
 * Posts one chunk of a run. Per rollup, from fine to coarse: rows are made as one part of a staging table and
 * put in place with ATTACH PARTITION, which is one rename: after a kill they are all there or none is. Whether they
 * are there is asked first, so running again does what is left and nothing twice. No view fires for attached parts.
 *
 * Loading is paused while a rollup of a chunk is made and put in place. An event between reading raw events and their
 * rollups would be taken back without being computed anew, or the other way round; and a rebuild of rollups, which runs
 * in the same pause, would put the partition back as it was before. Later events count as generation 0 by themselves.
 */
import { type ClickHouse, ROLLUPS, type Rollup, type WhileLoadingPaused } from '@ecomind/clickhouse'
import type { FactorSet } from '@ecomind/footprint'
import { dropCoefficientTable, writeCoefficientTable } from './coefficient-table.ts'
import { type ChunkPeriod, compileCalls, type StoredNames } from './compiled-calls.ts'
import { coarserText, minutesText, namesText, postedRows } from './generation-sql.ts'
import { monthOf } from './plan-chunks.ts'

/** Where a test may kill the process. */
export const RECOMPUTATION_POINTS = ['chunk-begun', 'chunk-staged', 'chunk-attached', 'chunk-posted'] as const
export type RecomputationPoint = (typeof RECOMPUTATION_POINTS)[number]

export interface ChunkDeps {
  readonly clickhouse: ClickHouse
  readonly whileLoadingPaused: WhileLoadingPaused
  readonly faultPoint: (name: RecomputationPoint) => void
}

export interface Chunk {
  readonly orgId: string
  readonly generation: number
  readonly period: ChunkPeriod
  readonly set: FactorSet
}

/** Trying again would give the same: the rollups and the raw events of these days do not hold the same calls. */
export class ChunkDiffersError extends Error {
  override readonly name = 'ChunkDiffersError'
}

/** @throws ChunkDiffersError, ClickHouseError; whatever was attached until then is right */
export async function postChunk(deps: ChunkDeps, chunk: Chunk): Promise<void> {
  deps.faultPoint('chunk-begun')
  for (const [i, rollup] of ROLLUPS.entries()) {
    await deps.whileLoadingPaused(async () => await postRollup(deps, rollup, ROLLUPS[i - 1], chunk))
  }
  // Paused as well: a job of another process that carries on with the same run may be using its own.
  await deps.whileLoadingPaused(async () => await dropCoefficientTable(deps.clickhouse))
  deps.faultPoint('chunk-posted')
}

/** @param finer undefined for the finest, which is made from raw events */
async function postRollup(deps: ChunkDeps, rollup: Rollup, finer: Rollup | undefined, chunk: Chunk): Promise<void> {
  if (await isPosted(deps.clickhouse, rollup, chunk)) return
  const staging = await makeStaging(deps.clickhouse, rollup)
  if (finer === undefined) await stageMinutes(deps.clickhouse, staging, chunk)
  else await deps.clickhouse.command({ text: coarserText(staging, rollup, finer), params: paramsOf(chunk) })
  deps.faultPoint('chunk-staged')
  await attach(deps.clickhouse, rollup, staging, chunk)
  deps.faultPoint('chunk-attached')
}

const paramsOf = ({ orgId, generation, period }: Chunk) => ({
  org_id: orgId,
  generation,
  from_ms: period.fromMs,
  to_ms: period.toMs,
})

async function isPosted(ch: ClickHouse, rollup: Rollup, chunk: Chunk): Promise<boolean> {
  const rows = await ch.query<{ found: number }>({
    text: `SELECT 1 AS found FROM ${postedRows(rollup)} LIMIT 1`,
    params: paramsOf(chunk),
  })
  return rows.length > 0
}

async function makeStaging(ch: ClickHouse, rollup: Rollup): Promise<string> {
  const staging = `ecomind.${rollup}_recomputation`
  await ch.command({ text: `DROP TABLE IF EXISTS ${staging} SYNC` })
  await ch.command({ text: `CREATE TABLE ${staging} AS ecomind.${rollup}` })
  // Where several parts are merged, the merged one stays: it must be on disk before it is attached.
  await ch.command({ text: `ALTER TABLE ${staging} MODIFY SETTING min_rows_to_fsync_after_merge = 1` })
  return staging
}

async function stageMinutes(ch: ClickHouse, staging: string, chunk: Chunk): Promise<void> {
  const params = paramsOf(chunk)
  const { generation: _none, ...ofRaw } = params
  const names = await ch.query<StoredNames & { declared: string }>({ text: namesText(), params: ofRaw })
  const calls = compileCalls(
    chunk.set,
    names.map((n) => ({ provider: n.provider, model: n.model, region: n.declared, service_tier: n.service_tier })),
    chunk.period,
  )
  const columns = await writeCoefficientTable(ch, calls)
  await ch.command({ text: minutesText(staging, columns), params: { ...params, factor_set: chunk.set.id } })
  await requireSameCalls(ch, staging, chunk)
}

/** What is taken back and what is computed anew must be the same calls, or totals would change by more than factors. */
async function requireSameCalls(ch: ClickHouse, staging: string, { period }: Chunk): Promise<void> {
  const [row] = await ch.query<{ calls: string; tokens_in: string; tokens_out: string }>({
    text: `SELECT toString(sum(calls)) AS calls, toString(sum(tokens_in)) AS tokens_in,
      toString(sum(tokens_out)) AS tokens_out FROM ${staging}`,
  })
  if (row?.calls === '0' && row.tokens_in === '0' && row.tokens_out === '0') return
  const days = `${isoDay(period.fromMs)} up to ${isoDay(period.toMs)}`
  throw new ChunkDiffersError(
    `recompute ${days}: rollups and raw events differ by ${row?.calls} calls; the rollups must be rebuilt first, or the raw events of these days are gone`,
  )
}

async function attach(ch: ClickHouse, rollup: Rollup, staging: string, { period }: Chunk): Promise<void> {
  let parts = await partsOf(ch, staging)
  if (parts > 1) {
    await ch.command({ text: `OPTIMIZE TABLE ${staging} FINAL` })
    parts = await partsOf(ch, staging)
  }
  if (parts === 1) {
    const month = monthOf(period.fromMs)
    await ch.command({ text: `ALTER TABLE ecomind.${rollup} ATTACH PARTITION ${month} FROM ${staging}` })
  } else if (parts !== 0) {
    throw new Error(`post a chunk: ${staging} has ${parts} parts after a merge, 1 is wanted`)
  }
  await ch.command({ text: `DROP TABLE ${staging} SYNC` })
}

async function partsOf(ch: ClickHouse, table: string): Promise<number> {
  const [row] = await ch.query<{ parts: string }>({
    text: `SELECT toString(count()) AS parts FROM system.parts
      WHERE database = 'ecomind' AND table = {table:String} AND active`,
    params: { table: table.replace('ecomind.', '') },
  })
  return Number(row?.parts)
}

const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
