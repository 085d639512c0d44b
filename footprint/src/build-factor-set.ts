/** From a checked definition to a set that answers questions. */
import { canonicalJson } from './canonical-json.ts'
import type { Definition } from './definition.ts'
import { expandFactors } from './expand-factors.ts'
import type { Factor, FactorSet } from './factor.ts'
import { factorResolver } from './resolve-factor.ts'
import { gridResolver } from './resolve-grid.ts'
import { splitTierId, tierVariant } from './service-tier.ts'
import { sha256Hex } from './sha256.ts'

export interface DefinedFactorSet extends FactorSet {
  readonly definition: Definition
}

export function buildFactorSet(definition: Definition): DefinedFactorSet {
  const factors = expandFactors(definition)
  const factorsById = new Map(factors.map((f) => [f.id, f]))
  const gridsById = new Map(definition.grids.map((g) => [g.id, g]))
  const variants = new Map<string, Factor>()
  const factorById: FactorSet['factorById'] = (id) => {
    const standard = factorsById.get(id)
    if (standard !== undefined) return standard
    const known = variants.get(id)
    if (known !== undefined) return known
    const split = splitTierId(id)
    const base = split === undefined ? undefined : factorsById.get(split.standardId)
    const variant = split === undefined || base === undefined ? undefined : tierVariant(base, split.tier)
    if (variant !== undefined) variants.set(id, variant)
    return variant
  }
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
