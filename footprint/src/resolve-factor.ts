/** From the names in an event to a factor: exact, alias, pattern, guess of the class by the name, unknown. */
import type { Definition, ServiceTier } from './definition.ts'
import { OTHER_PROVIDER } from './expand-factors.ts'
import type { Factor, FactorMatch, FactorSet } from './factor.ts'
import { flag } from './flags.ts'
import type { FactorMatchKind, Flag } from './footprint.ts'
import { guessClass, saysReasoning } from './guess-class.ts'
import { modelIndex } from './model-index.ts'
import { serviceTierOf } from './service-tier.ts'

export function factorFlags(factor: Factor, kind: FactorMatchKind): Flag[] {
  const flags: Flag[] = []
  if (kind === 'class') flags.push(flag('model_guessed_by_class'))
  else if (kind === 'unknown') flags.push(flag('model_unknown'))
  else if (!factor.disclosed) flags.push(flag('model_size_undisclosed'))
  if (kind === 'override') flags.push(flag('org_override'))
  if (factor.service_tier !== undefined) flags.push(flag('service_tier_estimated'))
  if (factor.provider === OTHER_PROVIDER) flags.push(flag('provider_unknown'))
  if (factor.unlisted_host === true) flags.push(flag('host_unlisted'))
  if (factor.energy.form === 'call') {
    flags.push(flag('per_call_factor'), flag('embodied_not_covered'))
    if (factor.energy.water_onsite_share === undefined) flags.push(flag('water_not_split'))
  }
  return flags
}

/** `Azure_OpenAI`, `azure openai` and `azure-openai` are one. */
export const providerKey = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/[\s_./]+/g, '-')

export function providerIndex(definition: Definition): (provider: string) => string {
  const ids = new Map<string, string>()
  for (const p of definition.providers) for (const key of [p.id, ...p.aliases]) ids.set(providerKey(key), p.id)
  return (provider) => ids.get(providerKey(provider)) ?? OTHER_PROVIDER
}

export function factorResolver(
  definition: Definition,
  factorById: (id: string) => Factor | undefined,
): FactorSet['resolveFactor'] {
  const providerOf = providerIndex(definition)
  const findModel = modelIndex(definition.models)
  const match = (provider: string, name: string, kind: FactorMatchKind, tier: ServiceTier | null): FactorMatch => {
    const standard = factorById(`${provider}/${name}`) ?? factorById(`${OTHER_PROVIDER}/${name}`)
    if (standard === undefined) throw new Error(`Resolve a factor: ${name} was not expanded; a bug of the factor set`)
    const factor = (tier === null ? undefined : factorById(`${standard.id}+${tier}`)) ?? standard
    return { factor, kind, flags: factorFlags(factor, kind) }
  }
  const guessedName = (modelName: string): string => {
    const guess = guessClass(definition.classes, modelName)
    if (guess === undefined) return 'unknown'
    const reasons = saysReasoning(modelName.slice(0, 256).toLowerCase())
    const thinking = `class-${guess.id}-reasoning`
    return reasons && factorById(`${OTHER_PROVIDER}/${thinking}`) !== undefined ? thinking : `class-${guess.id}`
  }
  return (providerName, modelName, serviceTier) => {
    const provider = providerOf(providerName)
    const tier = serviceTierOf(serviceTier)
    const found = findModel(modelName)
    if (found !== undefined) return match(provider, found.model.id, found.kind, tier)
    const name = guessedName(modelName)
    return match(provider, name, name === 'unknown' ? 'unknown' : 'class', tier)
  }
}
