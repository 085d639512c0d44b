/**
 * Factors from the records of a set: any model at any provider, made when it is asked for. Listed are models at the
 * providers that are known to serve them, class guesses and the unknown model at all.
 */
import type {
  CallEnergy,
  Definition,
  Model,
  ModelClass,
  Provider,
  Quantity,
  Reasoning,
  TierMultipliers,
  TokenEnergy,
} from './definition.ts'
import type { Factor } from './factor.ts'

/** The provider that stands for all that are not in the set. */
export const OTHER_PROVIDER = 'other'

const TOKEN_QUANTITIES = [
  'base_wh',
  'wh_per_1k_in',
  'wh_per_1k_cache_read',
  'wh_per_1k_cache_write',
  'wh_per_1k_out',
  'wh_per_1k_in_squared',
] as const satisfies readonly (keyof TokenEnergy)[]

const purposeOf = (c: ModelClass): string | undefined => c.purpose ?? (c.rank === undefined ? undefined : 'text')

/** The central of the class; the range reaches over the neighbours, since a guess by name may be one class off. */
function guessedEnergy(guess: ModelClass, classes: readonly ModelClass[]): TokenEnergy {
  const { rank } = guess
  const near = classes
    .filter((c) => purposeOf(c) === purposeOf(guess))
    .filter((c) => (rank === undefined || c.rank === undefined ? c.rank === rank : Math.abs(c.rank - rank) <= 1))
  const widened = (field: (typeof TOKEN_QUANTITIES)[number]): Quantity => ({
    low: Math.min(...near.map((c) => c.energy[field].low)),
    central: guess.energy[field].central,
    high: Math.max(...near.map((c) => c.energy[field].high)),
    sources: [...new Set(near.flatMap((c) => c.energy[field].sources))],
  })
  return {
    ...guess.energy,
    ...Object.fromEntries(TOKEN_QUANTITIES.map((field) => [field, widened(field)])),
  }
}

interface Subject {
  readonly model: string
  readonly name: string
  readonly class: string
  readonly tier: string
  readonly disclosed: boolean
  readonly energy: TokenEnergy | CallEnergy
  readonly reasoning?: Reasoning
  readonly hidden_reasoning_multiplier?: Quantity
  readonly tier_multipliers?: TierMultipliers
  readonly note?: string
}

/** What a class, or the set for all classes, says about hidden reasoning and tiers. Nothing in sets of method 1. */
function classTraits(
  { hidden_reasoning_multiplier, tier_multipliers }: Definition,
  modelClass: ModelClass | undefined,
  reasoning: Reasoning | undefined,
): Pick<Subject, 'reasoning' | 'hidden_reasoning_multiplier' | 'tier_multipliers'> {
  const hidden = modelClass?.hidden_reasoning_multiplier ?? hidden_reasoning_multiplier
  const tiers = modelClass?.tier_multipliers ?? tier_multipliers
  const reasons = reasoning === 'always' || reasoning === 'optional'
  return {
    ...(reasons && hidden !== undefined ? { reasoning, hidden_reasoning_multiplier: hidden } : {}),
    ...(tiers === undefined ? {} : { tier_multipliers: tiers }),
  }
}

/**
 * A text model that nothing is known about may reason; it has a second guess for names that say so, but not in sets of
 * method 1, where reasoning makes no difference.
 */
function guessedReasoning({ hidden_reasoning_multiplier }: Definition, c: ModelClass): Reasoning[] {
  if (purposeOf(c) !== 'text') return ['never']
  const known = c.hidden_reasoning_multiplier ?? hidden_reasoning_multiplier
  return known === undefined ? ['optional'] : ['optional', 'always']
}

function factorAt(provider: Provider, subject: Subject, kGpuToIt: Quantity): Factor {
  const { note, ...rest } = subject
  const notes = [note, provider.note].filter((n) => n !== undefined)
  return {
    id: `${provider.id}/${subject.model}`,
    provider: provider.id,
    ...rest,
    name: `${subject.name} at ${provider.name}`,
    k_gpu_to_it: kGpuToIt,
    pue: provider.pue,
    wue_onsite_l_per_kwh_it: provider.wue_onsite_l_per_kwh_it,
    embodied_g_per_kwh_it: provider.embodied_g_per_kwh_it,
    ...(provider.market === undefined ? {} : { market: provider.market }),
    ...(notes.length === 0 ? {} : { note: notes.join(' ') }),
  }
}

function guessesOf(definition: Definition): Subject[] {
  const { classes, unknown_model } = definition
  const guessed = { tier: 'E', disclosed: false } as const
  const byClass = classes
    .filter((c) => c.rank !== undefined || c.words.length > 0)
    .flatMap((c) =>
      guessedReasoning(definition, c).map((reasoning) => ({
        ...guessed,
        model: reasoning === 'always' ? `class-${c.id}-reasoning` : `class-${c.id}`,
        name: `A ${reasoning === 'always' ? 'reasoning ' : ''}model guessed to be ${c.name}`,
        class: c.id,
        energy: guessedEnergy(c, classes),
        ...classTraits(definition, c, reasoning),
        note: 'Class guessed from the name: the range reaches from the class below to the class above.',
      })),
    )
  const unknown = {
    ...guessed,
    model: 'unknown',
    name: 'An unknown model',
    class: 'unknown',
    energy: unknown_model,
    ...classTraits(definition, undefined, 'optional'),
    note: 'Nothing is known about the model: the range reaches from a small one to a large one.',
  }
  return [...byClass, unknown]
}

function modelSubject(definition: Definition, m: Model, modelClass: ModelClass | undefined): Subject {
  const energy = m.energy ?? modelClass?.energy
  if (energy === undefined) throw new Error(`Expand factors: model ${m.id} of class ${m.class} has no energy`)
  return {
    model: m.id,
    name: m.name,
    class: m.class,
    tier: m.tier,
    disclosed: m.disclosed,
    energy,
    ...classTraits(definition, modelClass, m.reasoning),
    ...(m.note === undefined ? {} : { note: m.note }),
  }
}

export interface FactorMaker {
  /** In ascending order of id. */
  listed(): Factor[]
  /** `<provider>/<model>`, without a tier; undefined if the set has no such provider or model. */
  byId(id: string): Factor | undefined
}

/** The definition has been checked: every class and provider it names exists. */
export function factorMaker(definition: Definition): FactorMaker {
  const { providers, classes, models, k_gpu_to_it } = definition
  const classById = new Map(classes.map((c) => [c.id, c]))
  const providerById = new Map(providers.map((p) => [p.id, p]))
  const guesses = new Map(guessesOf(definition).map((g) => [g.model, g]))
  const modelById = new Map(models.map((m) => [m.id, m]))
  const hostsOf = (m: Model): ReadonlySet<string> => new Set([...m.served_by, OTHER_PROVIDER])
  const subjectOf = (m: Model): Subject => modelSubject(definition, m, classById.get(m.class))
  return {
    listed() {
      const factors = providers.flatMap((p) => [...guesses.values()].map((g) => factorAt(p, g, k_gpu_to_it)))
      for (const m of models) {
        const [subject, hosts] = [subjectOf(m), hostsOf(m)]
        for (const p of providers) if (hosts.has(p.id)) factors.push(factorAt(p, subject, k_gpu_to_it))
      }
      return factors.sort((a, b) => (a.id < b.id ? -1 : 1))
    },
    byId(id) {
      const slash = id.indexOf('/')
      const provider = providerById.get(id.slice(0, slash))
      const name = id.slice(slash + 1)
      const model = modelById.get(name)
      const subject = guesses.get(name) ?? (model === undefined ? undefined : subjectOf(model))
      if (provider === undefined || subject === undefined) return undefined
      const factor = factorAt(provider, subject, k_gpu_to_it)
      if (model === undefined || hostsOf(model).has(provider.id)) return factor
      // In method 1 a model at a provider that was not listed had the factor of the provider `other`.
      return definition.head.method_version === '1' ? undefined : { ...factor, unlisted_host: true }
    },
  }
}
