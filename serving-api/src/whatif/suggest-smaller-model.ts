/** The next smaller model of the same family at the same provider. */
import type { Factor } from '@ecomind/footprint'
import type { PlacedWork } from '../work/ask-work.ts'
import type { Candidate } from './candidate.ts'

/** Classes of text models from small to large; those of another purpose have no smaller brother. */
const SIZES: readonly string[] = ['nano', 'small', 'medium', 'large', 'frontier']

/** gpt of gpt-4o-mini, claude of claude-3-5-haiku. */
const familyOf = (model: string): string => /^[a-z]+/.exec(model.toLowerCase())?.[0] ?? model

function sharedPrefix(a: string, b: string): number {
  let n = 0
  while (n < a.length && n < b.length && a[n] === b[n]) n++
  return n
}

/** One class down, or two where the family has none there; among them the one with the most similar name. */
function brotherOf(factor: Factor, factors: readonly Factor[]): Factor | undefined {
  const size = SIZES.indexOf(factor.class)
  const smaller = factors.filter(
    (f) =>
      f.provider === factor.provider &&
      f.tier !== 'E' &&
      familyOf(f.model) === familyOf(factor.model) &&
      SIZES.indexOf(f.class) >= 0 &&
      SIZES.indexOf(f.class) < size,
  )
  const nearest = Math.max(...smaller.map((f) => SIZES.indexOf(f.class)))
  return smaller
    .filter((f) => SIZES.indexOf(f.class) === nearest)
    .sort(
      (a, b) =>
        sharedPrefix(b.model, factor.model) - sharedPrefix(a.model, factor.model) || (a.model < b.model ? 1 : -1),
    )[0]
}

/** `work` is that of one model at one provider. */
export function smallerModel(work: readonly PlacedWork[]): Candidate[] {
  const [first] = work
  if (first === undefined || first.factor.model.startsWith('class-')) return []
  const brother = brotherOf(first.factor, first.set.factors)
  if (brother === undefined) return []
  return [
    {
      kind: 'smaller_model',
      title: `Use ${brother.model} where ${first.factor.model} is more than the task needs`,
      work,
      change: { model: brother.model },
    },
  ]
}
