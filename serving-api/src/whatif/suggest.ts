/**
 * Which changes would save most? Candidates are made from the work itself, each is compared like any what-if, and those
 * with the largest central saving of CO2e come first. A suggestion is a question worth asking, not advice: what it takes
 * for granted stands beside it.
 */
import type { Suggestion } from '@ecomind/schemas'
import type { PlacedWork } from '../work/ask-work.ts'
import { assumptionsOf } from './assumptions.ts'
import type { Candidate } from './candidate.ts'
import { compareWork } from './compare-work.ts'
import { cleanerRegion } from './suggest-region.ts'
import { smallerModel } from './suggest-smaller-model.ts'

export const SUGGESTIONS_MAX = 3

/** Providers cache prompts from about this length on; a judgement, the limits of providers differ. */
const CACHED_INPUT_TOKENS_MIN = 1024
/** Share of the input that the suggestion supposes to repeat; an assumption, not knowledge. */
const SUPPOSED_CACHE_SHARE = 0.5

const grouped = <T>(values: readonly T[], keyOf: (value: T) => string): T[][] => [
  ...values
    .reduce(
      (groups, value) => groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value]),
      new Map<string, T[]>(),
    )
    .values(),
]

function batchTier(work: readonly PlacedWork[], provider: string): Candidate[] {
  const movable = work.filter(
    (w) => w.factor.service_tier === undefined && w.factor.tier_multipliers?.batch !== undefined,
  )
  if (movable.length === 0) return []
  return [
    {
      kind: 'batch_tier',
      title: `Send what can wait at ${provider} through its batch tier`,
      work: movable,
      change: { service_tier: 'batch' },
      assumptions: [
        'Every one of these calls can wait; if only a share of them can, that share of the saving is left.',
      ],
    },
  ]
}

function moreCache(work: readonly PlacedWork[], provider: string): Candidate[] {
  const long = work.filter(
    ({ factor, activity: a }) =>
      factor.energy.form === 'tokens' &&
      a.tokensIn >= CACHED_INPUT_TOKENS_MIN * a.calls &&
      a.tokensCacheRead < SUPPOSED_CACHE_SHARE * a.tokensIn,
  )
  if (long.length === 0) return []
  return [
    {
      kind: 'more_cache',
      title: `Let ${provider} read half of the input from its cache`,
      work: long,
      change: { cache_read_share: SUPPOSED_CACHE_SHARE },
      assumptions: ['Half of the input is supposed to repeat; whether it does depends on your prompts.'],
    },
  ]
}

function candidatesOf(work: readonly PlacedWork[]): Candidate[] {
  const byProvider = grouped(work, (w) => `${w.set.id}\n${w.provider}`)
  const byModel = grouped(work, (w) => `${w.set.id}\n${w.provider}\n${w.factor.model}`)
  return [
    ...byModel.flatMap(smallerModel),
    ...byProvider.flatMap((group) => {
      const provider = group[0]?.provider ?? ''
      return [...cleanerRegion(group), ...batchTier(group, provider), ...moreCache(group, provider)]
    }),
  ]
}

const FIELDS = ['provider', 'model', 'region'] as const

/**
 * The shortest filter that keeps the work of the candidate, and the work that it keeps: a filter keeps every combination
 * of its values, so that may be a little more. The numbers shown are those of the filter, so that anyone can ask again.
 */
function filtered(candidate: Candidate, all: readonly PlacedWork[]): { filter: string[]; work: readonly PlacedWork[] } {
  const filter: string[] = []
  let work = all
  for (const field of FIELDS) {
    const values = new Set(candidate.work.map((w) => w[field]))
    if (work.every((w) => values.has(w[field]))) continue
    work = work.filter((w) => values.has(w[field]))
    filter.push(...[...values].sort().map((value) => `${field}:${value}`))
  }
  return { filter, work }
}

function toSuggestion(candidate: Candidate, all: readonly PlacedWork[]): Suggestion {
  const { filter, work } = filtered(candidate, all)
  const { moves: _moves, flags, ...compared } = compareWork(work, candidate.change)
  return {
    kind: candidate.kind,
    title: candidate.title,
    filter,
    change: candidate.change,
    ...compared,
    flags: [...flags],
    assumptions: [...assumptionsOf(candidate.change), ...(candidate.assumptions ?? [])],
  }
}

const isSameAs = (a: Suggestion, b: Suggestion): boolean =>
  JSON.stringify([a.filter, a.change]) === JSON.stringify([b.filter, b.change])

/** At most three that save, the largest central saving first. */
export function suggest(work: readonly PlacedWork[]): Suggestion[] {
  const saving = candidatesOf(work)
    .map((c) => toSuggestion(c, work))
    .filter((s) => s.difference.co2_kg.central < 0)
    .sort((a, b) => a.difference.co2_kg.central - b.difference.co2_kg.central)
  return saving.filter((s, i) => saving.findIndex((other) => isSameAs(other, s)) === i).slice(0, SUGGESTIONS_MAX)
}
