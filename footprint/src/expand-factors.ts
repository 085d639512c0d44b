/** Writes out every factor of a set: models at the providers that serve them, class guesses and the unknown model at all. */
import type { CallEnergy, Definition, ModelClass, Provider, Quantity, TokenEnergy } from './definition.ts'
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

/** The central of the class; the range reaches over the neighbours, since a guess by name may be one class off. */
function guessedEnergy(guess: ModelClass, classes: readonly ModelClass[]): TokenEnergy {
  const { rank } = guess
  const near = classes.filter((c) =>
    rank === undefined || c.rank === undefined ? c.rank === rank : Math.abs(c.rank - rank) <= 1,
  )
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
  readonly note?: string
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
    ...(notes.length === 0 ? {} : { note: notes.join(' ') }),
  }
}

function guessesOf({ classes, unknown_model }: Definition): Subject[] {
  const guessed = { tier: 'E', disclosed: false } as const
  const byClass = classes
    .filter((c) => c.rank !== undefined || c.words.length > 0)
    .map((c) => ({
      ...guessed,
      model: `class-${c.id}`,
      name: `A model guessed to be ${c.name}`,
      class: c.id,
      energy: guessedEnergy(c, classes),
      note: 'Class guessed from the name: the range reaches from the class below to the class above.',
    }))
  const unknown = {
    ...guessed,
    model: 'unknown',
    name: 'An unknown model',
    class: 'unknown',
    energy: unknown_model,
    note: 'Nothing is known about the model: the range reaches from a small one to a large one.',
  }
  return [...byClass, unknown]
}

/** In ascending order of id. The definition has been checked: every class and provider it names exists. */
export function expandFactors(definition: Definition): Factor[] {
  const { providers, classes, k_gpu_to_it } = definition
  const energyOfClass = new Map(classes.map((c) => [c.id, c.energy]))
  const guesses = guessesOf(definition)
  const factors = providers.flatMap((p) => guesses.map((g) => factorAt(p, g, k_gpu_to_it)))
  for (const { id, served_by, energy: own, aliases: _a, patterns: _p, vendor: _v, ...facts } of definition.models) {
    const energy = own ?? energyOfClass.get(facts.class)
    if (energy === undefined) throw new Error(`Expand factors: model ${id} of class ${facts.class} has no energy`)
    const subject = { ...facts, model: id, energy } as Subject
    const hosts = new Set([...served_by, OTHER_PROVIDER])
    for (const p of providers) if (hosts.has(p.id)) factors.push(factorAt(p, subject, k_gpu_to_it))
  }
  return factors.sort((a, b) => (a.id < b.id ? -1 : 1))
}
