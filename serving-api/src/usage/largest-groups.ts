/**
 * The groups that used most in a period, and totals of all: of ten thousand users a page shows ten. They are ranked, so that
 * only their numbers are summed up; totals are asked for beside. A page asks the same every few seconds, and mostly the
 * groups of last time are the largest again: their numbers are asked for before the ranking is there, and again if it says
 * others.
 */
import type { GroupField, Ranked } from '@ecomind/schemas'
import { invalidParameter } from '../http/api-error.ts'
import { type Ranking, rankingQuestion } from '../questions/ranking.ts'
import type { OrgScope } from '../scope.ts'
import { coarsestGrainMs, coverPeriod } from '../time/grain-cover.ts'
import { type RankingMemory, rankingKey } from './ranking-memory.ts'
import {
  type AnsweredUsage,
  askUsage,
  type ReportBasis,
  refuseTooManyWindows,
  type UsageReport,
  type UsageRequest,
} from './usage-report.ts'

export const LIMIT_MAX = 1000

export interface Largest {
  readonly limit: number
  readonly by: Ranked
  readonly memory: RankingMemory
}

export interface LargestReport extends UsageReport, Ranking {}

/**
 * @param chosen groups to answer instead of the largest, such as those of a period that this one is compared with
 * @throws ApiError invalid_parameter unless there is one group field, and whatever the scope throws
 */
export async function reportLargest(
  scope: OrgScope,
  basis: ReportBasis,
  request: UsageRequest,
  largest: Largest,
  chosen?: readonly string[],
): Promise<LargestReport> {
  const [field, ...more] = request.groupBy
  if (field === undefined || more.length > 0)
    throw invalidParameter('limit', 'group_by with exactly one field is wanted beside it')
  refuseTooManyWindows(request)
  const whole = inBackground(askUsage(scope, basis, { ...request, window: undefined, groupBy: [] }))
  const askAmong = (values: readonly string[]) => askUsage(scope, basis, { ...request, among: { field, values } })
  const { memory, limit, by } = largest
  const key = rankingKey(scope, [field, limit, by, request.period.fromMs, request.filters, request.generationMax])
  const guess = chosen ?? memory.recall(key)
  const guessed = guess === null ? null : inBackground(askAmong(guess))
  // Asked for chosen groups, too: whether a period may be broken down by people depends on how many it has.
  const ranking = await scope.ask(rankingOf(request, field, largest))
  const values = chosen ?? ranking.values
  if (chosen === undefined) memory.keep(key, values)
  const answered: AnsweredUsage = await (isSame(guess, values) && guessed !== null ? guessed : askAmong(values))
  const items = inOrderOf(answered.items(), field, values)
  return { items, totals: (await whole).totals(), values, groupCount: ranking.groupCount }
}

/** Its refusal is heard where it is awaited; the ranking's comes first. */
function inBackground<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined)
  return work
}

function isSame(guess: readonly string[] | null, values: readonly string[]): boolean {
  if (guess === null || guess.length !== values.length) return false
  const known = new Set(guess)
  return values.every((value) => known.has(value))
}

function rankingOf({ period, filters, generationMax = null }: UsageRequest, field: GroupField, { by, limit }: Largest) {
  const segments = coverPeriod(period, coarsestGrainMs(undefined, 'UTC', period))
  return rankingQuestion({ segments, field, by, limit, filters, generationMax })
}

/** Windows as they are, and in each the groups in this order. */
function inOrderOf(items: UsageReport['items'], field: GroupField, values: readonly string[]): UsageReport['items'] {
  const rank = new Map(values.map((value, i) => [value, i]))
  const rankOf = (item: UsageReport['items'][number]): number => rank.get(item[field] ?? '') ?? values.length
  return items.toSorted((a, b) => a.window_start.localeCompare(b.window_start) || rankOf(a) - rankOf(b))
}
