/** A smaller model of the same family at the same provider. */
import type { Factor } from '@ecomind/footprint'
import type { PlacedWork } from '../work/ask-work.ts'
import type { Candidate } from './candidate.ts'

/** Classes of text models from small to large; those of another purpose have no smaller brother. */
const SIZES: readonly string[] = ['nano', 'small', 'medium', 'large', 'frontier']

/** Words of models made for one purpose; they stand in for a general model only where that is such a one too. A judgement. */
const PURPOSES: readonly string[] = [
  'apps',
  'audio',
  'codex',
  'guard',
  'image',
  'instant',
  'ocr',
  'realtime',
  'robotics',
  'search',
  'sonic',
  'transcribe',
  'tts',
]

/** gpt-4o-mini is gpt, 4o and mini; its family is gpt. */
const wordsOf = (model: string): string[] => model.toLowerCase().split('-')

/** Both are of generation 2.5, or 4o. */
const isSameGeneration = (a: string, b: string): boolean => {
  const words = new Set(wordsOf(b))
  return wordsOf(a).some((word) => /\d/.test(word) && words.has(word))
}

function sharedPrefix(a: string, b: string): number {
  let n = 0
  while (n < a.length && n < b.length && a[n] === b[n]) n++
  return n
}

/** Of a smaller class; the same generation first (gpt-4o-mini for gpt-4o), then the nearest class. */
function brotherOf(factor: Factor, factors: readonly Factor[]): Factor | undefined {
  const sizeOf = (f: Factor): number => SIZES.indexOf(f.class)
  const words = wordsOf(factor.model)
  const isBrother = (f: Factor): boolean =>
    f.provider === factor.provider &&
    f.tier !== 'E' &&
    wordsOf(f.model)[0] === words[0] &&
    sizeOf(f) >= 0 &&
    sizeOf(f) < sizeOf(factor) &&
    !wordsOf(f.model).some((word) => PURPOSES.includes(word) && !words.includes(word))
  return factors
    .filter(isBrother)
    .sort(
      (a, b) =>
        Number(isSameGeneration(b.model, factor.model)) - Number(isSameGeneration(a.model, factor.model)) ||
        sizeOf(b) - sizeOf(a) ||
        sharedPrefix(b.model, factor.model) - sharedPrefix(a.model, factor.model) ||
        (a.model < b.model ? 1 : -1),
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
