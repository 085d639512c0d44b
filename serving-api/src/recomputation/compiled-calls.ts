/**
 * Every way in which calls of a chunk are computed: one entry for each combination of names, and one more wherever an
 * override begins or ends inside the chunk. THE place where a recomputation asks how a call is computed.
 */
import { type Coefficients, compileCoefficients, type FactorSet, isOverridden, resolveCall } from '@ecomind/footprint'

/** As usage_events tells them apart. */
export interface StoredNames {
  readonly provider: string
  readonly model: string
  /** Empty: the event declared none. */
  readonly region: string
  readonly service_tier: string
}

export interface CompiledCalls {
  readonly names: StoredNames
  /** Epoch milliseconds, half-open. */
  readonly fromMs: number
  readonly toMs: number
  readonly factorId: string
  readonly gridId: string
  /** What rollups show as the region: the declared one, or the code of the inferred grid. */
  readonly region: string
  readonly regionInferred: boolean
  /** `named`: measured where the provider counted the tokens, else estimated. */
  readonly grade: 'unknown' | 'guessed' | 'named'
  readonly coefficients: Coefficients
}

export interface ChunkPeriod {
  readonly fromMs: number
  readonly toMs: number
}

export function compileCalls(set: FactorSet, names: readonly StoredNames[], period: ChunkPeriod): CompiledCalls[] {
  const compiled = new Map<string, Coefficients>()
  const changes = isOverridden(set) ? set.changesMs.filter((ms) => ms > period.fromMs && ms < period.toMs) : []
  const bounds = [period.fromMs, ...changes, period.toMs]
  return names.flatMap((name) =>
    bounds.slice(0, -1).map((fromMs, i) => compileOne(set, name, fromMs, bounds[i + 1] ?? period.toMs, compiled)),
  )
}

function compileOne(
  set: FactorSet,
  names: StoredNames,
  fromMs: number,
  toMs: number,
  compiled: Map<string, Coefficients>,
): CompiledCalls {
  const { factor, grid } = resolveCall(set, {
    provider: names.provider,
    model: names.model,
    region: names.region === '' ? null : names.region,
    serviceTier: names.service_tier === '' ? null : names.service_tier,
    tsMs: fromMs,
  })
  const key = `${factor.factor.id}\0${grid.grid.id}`
  const coefficients = compiled.get(key) ?? compileCoefficients(factor.factor, grid.grid)
  compiled.set(key, coefficients)
  return {
    names,
    fromMs,
    toMs,
    factorId: factor.factor.id,
    gridId: grid.grid.id,
    region: grid.region,
    regionInferred: grid.inferred,
    grade: gradeOf(factor.kind, grid.kind, grid.inferred),
    coefficients,
  }
}

/** The part of the loader's grade (stream-jobs/src/enrich.ts) that names alone decide. */
function gradeOf(factor: string, grid: string, inferred: boolean): CompiledCalls['grade'] {
  if (factor === 'unknown' || (grid === 'world' && !inferred)) return 'unknown'
  return factor === 'class' || grid === 'inferred' || inferred ? 'guessed' : 'named'
}
