/** The class of a model that is not in the set, guessed from its name; the caller marks it and widens the range. */
import { canonicalName } from './canonical-name.ts'
import type { ModelClass } from './definition.ts'
import { isOpaqueName, modelSpellings } from './model-names.ts'

/** Digits are bounded so that a name of digits alone costs no more than its length. */
const MIXTURE = /(?:^|[^a-z0-9])(\d{1,3})x(\d{1,4}(?:\.\d{1,3})?)b(?![a-z0-9])/
const ACTIVE = /(?:^|[^a-z0-9])a(\d{1,4}(?:\.\d{1,3})?)b(?![a-z0-9])/
const SIZE = /(?:^|[^a-z0-9.])e?(\d{1,4}(?:\.\d{1,3})?)([mbt])(?![a-z0-9])/g
const BILLIONS = { m: 1e-3, b: 1, t: 1e3 } as const
/** 128k and 1m tell a context length, sizes in millions are those of embedding and guard models. */
const SMALLEST_M = 10

/** Billions of parameters that the name states: 70 of llama-70b, 56 of 8x7b, 2400 of 2.4t. */
export function statedParamsB(name: string): number | undefined {
  const mixture = MIXTURE.exec(name)
  if (mixture !== null) return Number(mixture[1]) * Number(mixture[2])
  const sizes = [...name.matchAll(SIZE)].flatMap(([, digits, unit]) => {
    if (unit === 'm' && Number(digits) < SMALLEST_M) return []
    return [Number(digits) * BILLIONS[unit as keyof typeof BILLIONS]]
  })
  return sizes.length === 0 ? undefined : Math.max(...sizes)
}

/** Billions that the name says are used for one token: 22 of qwen3-235b-a22b. */
export function statedActiveB(name: string): number | undefined {
  const active = ACTIVE.exec(name)
  return active === null ? undefined : Number(active[1])
}

/**
 * Size at which a dense model would stand in the same class. Few active parameters make a mixture cheaper than its
 * size, many experts dearer than what is active; the geometric middle puts the mixtures of the set, whose class
 * follows from sizes by the rule in docs/methodology.md, at most one class off. Judgement.
 */
const comparableB = (totalB: number, activeB: number | undefined): number =>
  activeB === undefined || activeB > totalB ? totalB : Math.sqrt(totalB * activeB)

const REASONING = /(?:^|[^a-z])(?:think(?:ing)?|reason(?:er|ing)?|r1|qwq|o[1-9])(?![a-z0-9])/
const NOT_REASONING = /non-?(?:reasoning|thinking)|no-?think/

/** Whether the name says that the model thinks before it answers. */
export const saysReasoning = (name: string): boolean => REASONING.test(name) && !NOT_REASONING.test(name)

const bareName = (model: string): string => modelSpellings(model).at(-1) ?? ''
const wordsOf = (text: string): ReadonlySet<string> => new Set(text.split(/[^a-z0-9]+/))

/** What a model is for (embedding, image) goes before the size that its name states, and that before words of size. */
export function guessClass(classes: readonly ModelClass[], model: string): ModelClass | undefined {
  if (isOpaqueName(model)) return undefined
  const name = bareName(model)
  const canonical = canonicalName(name)
  const path = modelSpellings(model)[0] ?? ''
  const suggestedBy = (words: ReadonlySet<string>) => (c: ModelClass) => c.words.some((word) => words.has(word))
  // Hosts tell the purpose in the path too: fal-ai/flux/dev.
  const byPurpose = classes.filter((c) => c.rank === undefined).find(suggestedBy(wordsOf(`${path}-${canonical}`)))
  if (byPurpose !== undefined) return byPurpose
  const bySize = classes.filter((c) => c.rank !== undefined)
  const totalB = statedParamsB(name)
  if (totalB === undefined) return bySize.find(suggestedBy(wordsOf(`${name}-${canonical}`)))
  const sizeB = comparableB(totalB, statedActiveB(name))
  return bySize.find((c) => sizeB <= (c.params_b_max ?? Number.POSITIVE_INFINITY))
}
