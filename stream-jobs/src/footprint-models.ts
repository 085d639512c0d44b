/** Factor sets of @ecomind/footprint as the loader uses them: coefficients compiled once per factor and grid. */
import {
  type Coefficients,
  compileCoefficients,
  computeUnitsInto,
  type Factor,
  type FactorSet,
  type Grid,
  isOverridden,
  type OverriddenSet,
  packCoefficients,
  resolveCall,
  storedMatchOf,
} from '@ecomind/footprint'
import type { FootprintModel, OrgFactors } from './footprint-model.ts'

/** Overrides of all organisations at one moment, over one set. */
export interface OverrideLayer {
  /** Under which they were published. */
  readonly id: string
  readonly sets: readonly OverriddenSet[]
}

export function footprintModel(base: FactorSet, layer: OverrideLayer | null = null): FootprintModel {
  const ofMost = orgFactors(base)
  const ofSome = new Map(layer?.sets.map((set) => [set.orgId, orgFactors(set)]))
  return {
    id: layer?.id ?? base.id,
    methodVersion: base.methodVersion,
    factorsOf: (orgId) => ofSome.get(orgId) ?? ofMost,
  }
}

interface Compiled {
  readonly coefficients: Coefficients
  /** Little-endian, as every machine that Node runs on. */
  readonly bytes: Uint8Array
}

function compile(factor: Factor, grid: Grid): Compiled {
  const coefficients = compileCoefficients(factor, grid)
  return { coefficients, bytes: new Uint8Array(packCoefficients(coefficients).buffer) }
}

function orgFactors(set: FactorSet): OrgFactors {
  const compiled = new Map<string, Compiled>()
  return {
    factorSet: set.id,
    changesMs: isOverridden(set) ? set.changesMs : [],
    resolve: (provider, model, region, serviceTier, tsMs) => {
      const { factor, grid } = resolveCall(set, { provider, model, region, serviceTier, tsMs })
      const key = `${factor.factor.id}\0${grid.grid.id}`
      const { coefficients, bytes } = compiled.get(key) ?? compile(factor.factor, grid.grid)
      compiled.set(key, { coefficients, bytes })
      return {
        ...storedMatchOf(factor, grid),
        coefficients: bytes,
        computeInto: (activity, out) => computeUnitsInto(coefficients, activity, out, 0),
      }
    },
  }
}
