/** From a checked definition to a set that answers questions. */
import { canonicalJson } from './canonical-json.ts'
import type { Definition } from './definition.ts'
import { expandFactors } from './expand-factors.ts'
import type { FactorSet } from './factor.ts'
import { factorResolver } from './resolve-factor.ts'
import { gridResolver } from './resolve-grid.ts'
import { sha256Hex } from './sha256.ts'

export interface DefinedFactorSet extends FactorSet {
  readonly definition: Definition
}

export function buildFactorSet(definition: Definition): DefinedFactorSet {
  const factors = expandFactors(definition)
  const factorsById = new Map(factors.map((f) => [f.id, f]))
  const gridsById = new Map(definition.grids.map((g) => [g.id, g]))
  const factorById: FactorSet['factorById'] = (id) => factorsById.get(id)
  const gridById: FactorSet['gridById'] = (id) => gridsById.get(id)
  return {
    id: `${definition.head.name}@${definition.head.version}`,
    methodVersion: definition.head.method_version,
    checksum: sha256Hex(canonicalJson(definition)),
    definition,
    factors,
    grids: definition.grids,
    sources: definition.sources,
    resolveFactor: factorResolver(definition, factorById),
    resolveGrid: gridResolver(definition, gridById),
    factorById,
    gridById,
  }
}
