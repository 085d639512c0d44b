/** Factor sets of @ecomind/footprint as the loader uses them: coefficients compiled once per factor and grid. */
import {
  type Coefficients,
  compileCoefficients,
  computeUnitsInto,
  type FactorSet,
  isOverridden,
  type OverriddenSet,
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

function orgFactors(set: FactorSet): OrgFactors {
  const compiled = new Map<string, Coefficients>()
  return {
    factorSet: set.id,
    changesMs: isOverridden(set) ? set.changesMs : [],
    resolve: (provider, model, region, serviceTier, tsMs) => {
      const { factor, grid } = resolveCall(set, { provider, model, region, serviceTier, tsMs })
      const key = `${factor.factor.id}\0${grid.grid.id}`
      const coefficients = compiled.get(key) ?? compileCoefficients(factor.factor, grid.grid)
      compiled.set(key, coefficients)
      return {
        ...storedMatchOf(factor, grid),
        computeInto: (activity, out) => computeUnitsInto(coefficients, activity, out, 0),
      }
    },
  }
}
