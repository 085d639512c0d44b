/** A factor set with the overrides of one organisation over it: what they match comes from them, all else from the set. */
import type { DefinedFactorSet } from './build-factor-set.ts'
import { canonicalJson } from './canonical-json.ts'
import { OTHER_PROVIDER } from './expand-factors.ts'
import type { Factor, FactorMatch, FactorSet, GridMatch } from './factor.ts'
import { compileGlob, modelSpellings } from './model-names.ts'
import type { FactorOverride } from './override.ts'
import { overrideFactor, overrideFactorId, overrideSource, splitOverrideId } from './override-factor.ts'
import { factorFlags, providerIndex, providerKey } from './resolve-factor.ts'
import { sha256Hex } from './sha256.ts'

/** The names in an event that say how it is computed. */
export interface CallNames {
  readonly provider: string
  readonly model: string
  readonly region: string | null
  readonly serviceTier: string | null
  /** The event's own time, epoch milliseconds. */
  readonly tsMs: number
}

/** Its `resolveFactor` is that of the set, since it is not told a time: `resolveCall` is what overrides apply to. */
export interface OverriddenSet extends FactorSet {
  readonly base: DefinedFactorSet
  readonly orgId: string
  readonly overrides: readonly FactorOverride[]
  /** Times at which an override begins or ends, ascending, epoch milliseconds: between two of them nothing changes. */
  readonly changesMs: readonly number[]
  readonly resolveCall: (call: CallNames) => { readonly factor: FactorMatch; readonly grid: GridMatch }
}

export const isOverridden = (set: FactorSet): set is OverriddenSet => 'resolveCall' in set

/** How a set without overrides answers the same question. */
export const resolveCall = (
  set: FactorSet,
  call: CallNames,
): { readonly factor: FactorMatch; readonly grid: GridMatch } =>
  isOverridden(set)
    ? set.resolveCall(call)
    : {
        factor: set.resolveFactor(call.provider, call.model, call.serviceTier),
        grid: set.resolveGrid(call.region, call.provider),
      }

/** Characters of the checksum that end the id, so that equal ids mean equal content even if numbering began anew. */
const CHECKSUM_CHARACTERS = 8

/** @param revision number of the organisation's changes so far */
export function applyOverrides(
  base: DefinedFactorSet,
  orgId: string,
  revision: number,
  given: readonly FactorOverride[],
): OverriddenSet {
  const overrides = [...given].sort((a, b) => (a.id < b.id ? -1 : 1))
  const checksum = sha256Hex(`${base.checksum}\n${canonicalJson(overrides)}`)
  const find = overrideFinder(base, overrides)
  const factorById = overriddenFactors(base, overrides)
  const ends = overrides.flatMap((o) => [o.valid_from_ms, ...(o.valid_to_ms === null ? [] : [o.valid_to_ms])])
  return {
    ...base,
    base,
    orgId,
    overrides,
    id: `${base.id}+${orgId}.${revision}-${checksum.slice(0, CHECKSUM_CHARACTERS)}`,
    checksum,
    sources: [...base.sources, ...overrides.map(overrideSource)],
    changesMs: [...new Set(ends)].sort((a, b) => a - b),
    factorById,
    resolveCall: (call) => {
      const match = base.resolveFactor(call.provider, call.model, call.serviceTier)
      const override = find(call)
      if (override === undefined) return { factor: match, grid: base.resolveGrid(call.region, call.provider) }
      const factor = factorById(overrideFactorId(override, match.factor)) ?? match.factor
      const region = call.region === null || call.region.trim() === '' ? (override.region ?? null) : call.region
      return {
        factor: { factor, kind: 'override', flags: factorFlags(factor, 'override') },
        grid: base.resolveGrid(region, call.provider),
      }
    },
  }
}

/** A name goes before a pattern, the longer pattern before the shorter, and then the lower id. */
function overrideFinder(
  base: DefinedFactorSet,
  overrides: readonly FactorOverride[],
): (call: CallNames) => FactorOverride | undefined {
  const known = providerIndex(base.definition)
  const providerOf = (name: string): string => {
    const id = known(name)
    return id === OTHER_PROVIDER ? providerKey(name) : id
  }
  const literals = (model: string): number => model.replaceAll('*', '').length
  const ordered = overrides
    .map((override) => {
      const model = override.model.trim().toLowerCase()
      return { override, provider: providerOf(override.provider), model, matches: compileGlob(model) }
    })
    .sort(
      (a, b) => Number(a.model.includes('*')) - Number(b.model.includes('*')) || literals(b.model) - literals(a.model),
    )
  return ({ provider, model, tsMs }) => {
    const wanted = providerOf(provider)
    const spellings = modelSpellings(model)
    return ordered.find(
      (o) => o.provider === wanted && isValidAt(o.override, tsMs) && spellings.some((name) => o.matches(name)),
    )?.override
  }
}

const isValidAt = (o: FactorOverride, tsMs: number): boolean =>
  o.valid_from_ms <= tsMs && (o.valid_to_ms === null || tsMs < o.valid_to_ms)

function overriddenFactors(
  base: DefinedFactorSet,
  overrides: readonly FactorOverride[],
): (id: string) => Factor | undefined {
  const made = new Map<string, Factor>()
  return (id) => {
    const parts = splitOverrideId(id)
    if (parts === undefined) return base.factorById(id)
    const known = made.get(id)
    if (known !== undefined) return known
    const override = overrides.find((o) => o.id === parts.id && o.version === parts.version)
    const factor = base.factorById(parts.factorId)
    if (override === undefined || factor === undefined) return undefined
    const overridden = overrideFactor(factor, override)
    made.set(id, overridden)
    return overridden
  }
}
