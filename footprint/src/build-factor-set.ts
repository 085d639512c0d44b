/** From a checked definition to a set that answers questions. */
import { canonicalJson } from './canonical-json.ts'
import type { Definition } from './definition.ts'
import { factorMaker } from './expand-factors.ts'
import type { Factor, FactorSet } from './factor.ts'
import { factorResolver } from './resolve-factor.ts'
import { gridResolver } from './resolve-grid.ts'
import { splitTierId, tierVariant } from './service-tier.ts'
import { sha256Hex } from './sha256.ts'

export interface DefinedFactorSet extends FactorSet {
  readonly definition: Definition
}

export function buildFactorSet(definition: Definition): DefinedFactorSet {
  const maker = factorMaker(definition)
  const gridsById = new Map(definition.grids.map((g) => [g.id, g]))
  const made = new Map<string, Factor>()
  let listed: readonly Factor[] | null = null
  const standardById = (id: string): Factor | undefined => made.get(id) ?? maker.byId(id)
  const variantById = (id: string): Factor | undefined => {
    const split = splitTierId(id)
    const standard = split === undefined ? undefined : standardById(split.standardId)
    return split === undefined || standard === undefined ? undefined : tierVariant(standard, split.tier)
  }
  const factorById: FactorSet['factorById'] = (id) => {
    const factor = standardById(id) ?? variantById(id)
    if (factor !== undefined) made.set(id, factor)
    return factor
  }
  const gridById: FactorSet['gridById'] = (id) => gridsById.get(id)
  return {
    id: `${definition.head.name}@${definition.head.version}`,
    methodVersion: definition.head.method_version,
    checksum: sha256Hex(canonicalJson(definition)),
    definition,
    get factors() {
      listed ??= maker.listed()
      return listed
    },
    grids: definition.grids,
    sources: definition.sources,
    resolveFactor: factorResolver(definition, factorById),
    resolveGrid: gridResolver(definition, gridById),
    factorById,
    gridById,
  }
}
