/** Factor sets of @ecomind/footprint as the loader uses them: coefficients compiled once per factor and grid. */
import { compileCoefficients, computeFootprint, type FactorSet, toUnits } from '@ecomind/footprint'
import type { FootprintModel, ResolvedCall } from './footprint-model.ts'

export function footprintModel(set: FactorSet): FootprintModel {
  const compiled = new Map<string, ResolvedCall['compute']>()
  const computeFor = (
    factor: FactorSet['factors'][number],
    grid: FactorSet['grids'][number],
  ): ResolvedCall['compute'] => {
    const key = `${factor.id}\0${grid.id}`
    const known = compiled.get(key)
    if (known !== undefined) return known
    const coefficients = compileCoefficients(factor, grid)
    const compute: ResolvedCall['compute'] = (activity) => toUnits(computeFootprint(coefficients, activity))
    compiled.set(key, compute)
    return compute
  }
  return {
    id: set.id,
    methodVersion: set.methodVersion,
    resolve(provider, model, region) {
      const factor = set.resolveFactor(provider, model)
      const grid = set.resolveGrid(region, provider)
      return {
        factorId: factor.factor.id,
        factorMatch: factor.kind,
        gridId: grid.grid.id,
        gridMatch: grid.kind,
        region: grid.region,
        regionInferred: grid.inferred,
        compute: computeFor(factor.factor, grid.grid),
      }
    },
  }
}
