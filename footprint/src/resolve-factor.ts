/** From the names in an event to a factor: exact, alias, pattern, guess of the class by the name, unknown. */
import type { Definition, Model, ModelClass, ServiceTier } from './definition.ts'
import { OTHER_PROVIDER } from './expand-factors.ts'
import type { Factor, FactorMatch, FactorSet } from './factor.ts'
import { flag } from './flags.ts'
import type { FactorMatchKind, Flag } from './footprint.ts'
import { compileGlob, modelSpellings } from './model-names.ts'
import { serviceTierOf } from './service-tier.ts'

export function factorFlags(factor: Factor, kind: FactorMatchKind): Flag[] {
  const flags: Flag[] = []
  if (kind === 'class') flags.push(flag('model_guessed_by_class'))
  else if (kind === 'unknown') flags.push(flag('model_unknown'))
  else if (!factor.disclosed) flags.push(flag('model_size_undisclosed'))
  if (kind === 'override') flags.push(flag('org_override'))
  if (factor.service_tier !== undefined) flags.push(flag('service_tier_estimated'))
  if (factor.provider === OTHER_PROVIDER) flags.push(flag('provider_unknown'))
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

type FindModel = (spellings: readonly string[]) => { readonly model: Model; readonly kind: FactorMatchKind } | undefined

function modelIndex(models: readonly Model[]): FindModel {
  const byName = new Map<string, Model>()
  for (const m of models) for (const key of [m.id, ...m.aliases]) byName.set(key.toLowerCase(), m)
  const literals = (glob: string): number => glob.replaceAll('*', '').length
  const patterns = models
    .flatMap((m) => m.patterns.map((p) => ({ model: m, ...p, matches: compileGlob(p.glob) })))
    .sort((a, b) => b.priority - a.priority || literals(b.glob) - literals(a.glob) || (a.glob < b.glob ? -1 : 1))
  return (spellings) => {
    for (const [i, name] of spellings.entries()) {
      const found = byName.get(name)
      if (found !== undefined) return { model: found, kind: i === 0 && found.id === name ? 'exact' : 'alias' }
    }
    for (const { model, matches } of patterns) {
      if (spellings.some((name) => matches(name))) return { model, kind: 'pattern' }
    }
    return undefined
  }
}

const MIXTURE = /(?:^|[^a-z0-9])(\d{1,3})x(\d{1,4}(?:\.\d+)?)b(?![a-z0-9])/
const SIZE = /(?:^|[^a-z0-9.])(\d{1,4}(?:\.\d+)?)b(?![a-z0-9])/

/** Billions of parameters that the name states: 70 of llama-70b, 56 of 8x7b. */
export function statedParamsB(name: string): number | undefined {
  const mixture = MIXTURE.exec(name)
  if (mixture !== null) return Number(mixture[1]) * Number(mixture[2])
  const size = SIZE.exec(name)
  return size === null ? undefined : Number(size[1])
}

/** What a model is for (embedding) goes before the size that its name states, and that before words of size. */
export function guessClass(classes: readonly ModelClass[], name: string): ModelClass | undefined {
  const words = new Set(name.split(/[^a-z0-9]+/))
  const suggested = (c: ModelClass): boolean => c.words.some((word) => words.has(word))
  const byPurpose = classes.find((c) => c.rank === undefined && suggested(c))
  if (byPurpose !== undefined) return byPurpose
  const bySize = classes.filter((c) => c.rank !== undefined)
  const paramsB = statedParamsB(name)
  if (paramsB === undefined) return bySize.find(suggested)
  return bySize.find((c) => paramsB <= (c.params_b_max ?? Number.POSITIVE_INFINITY))
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
  return (providerName, modelName, serviceTier) => {
    const provider = providerOf(providerName)
    const tier = serviceTierOf(serviceTier)
    const spellings = modelSpellings(modelName)
    const found = findModel(spellings)
    if (found !== undefined) return match(provider, found.model.id, found.kind, tier)
    const guess = guessClass(definition.classes, spellings.at(-1) ?? '')
    return guess === undefined
      ? match(provider, 'unknown', 'unknown', tier)
      : match(provider, `class-${guess.id}`, 'class', tier)
  }
}
