/**
 * The groups that used most in a period, and totals of all: of ten thousand users a page shows ten. They are ranked, so that
 * only their numbers are summed up; totals are asked for beside. A page asks the same every few seconds, and mostly the
 * groups of last time are the largest again: their numbers are asked for before the ranking is there, and again if it says
 * others.
 */
import type { GroupField, Ranked, UsageItem } from '@ecomind/schemas'
import { invalidParameter } from '../http/api-error.ts'
import { type Ranking, rankingQuestion } from '../questions/ranking.ts'
import type { Among } from '../questions/usage.ts'
import type { OrgScope } from '../scope.ts'
import { coarsestGrainMs, coverPeriod } from '../time/grain-cover.ts'
import { type RankingMemory, rankingKey } from './ranking-memory.ts'
import {
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
  const askAmong = (values: readonly string[]) => itemsAmong(scope, basis, request, { field, values })
  const { memory, limit, by } = largest
  const key = rankingKey(scope, [field, limit, by, request.period.fromMs, request.filters, request.generationMax])
  const guess = chosen ?? memory.recall(key)
  const guessed = guess === null ? null : inBackground(askAmong(guess))
  // Asked for chosen groups, too: whether a period may be broken down by people depends on how many it has.
  const ranking = await scope.ask(rankingOf(request, field, largest))
  const values = chosen ?? ranking.values
  if (chosen === undefined) memory.keep(key, values)
  const isGuessed = guessed !== null && isSame(guess, values)
  // A guess that was refused, because too many questions wait, is no reason to refuse an answer.
  const items = isGuessed ? await guessed.catch(() => askAmong(values)) : await askAmong(values)
  return {
    items: inOrderOf(items, field, values),
    totals: (await whole).totals(),
    values,
    groupCount: ranking.groupCount,
  }
}

/** Names are written into each branch of a question, whose text may have 262,144 bytes: asked in portions. */
async function itemsAmong(
  scope: OrgScope,
  basis: ReportBasis,
  request: UsageRequest,
  { field, values }: Among,
): Promise<UsageReport['items']> {
  const items: UsageItem[] = []
  for (const some of inPortions(values)) {
    const answered = await askUsage(scope, basis, { ...request, among: { field, values: some } })
    items.push(...answered.items())
  }
  return items
}

/** Of names, which may double when they are quoted, in each of at most nine branches. */
const PORTION_BYTES = 12_288
/** Quotes and comma of one. */
const QUOTES_BYTES = 3

/** At least one; a name has 1,024 bytes at most, so none is empty but that of no names. */
function inPortions(values: readonly string[]): readonly (readonly string[])[] {
  const portions: string[][] = [[]]
  let bytes = 0
  for (const value of values) {
    const own = Buffer.byteLength(value) + QUOTES_BYTES
    if (bytes + own > PORTION_BYTES) {
      portions.push([])
      bytes = 0
    }
    bytes += own
    portions.at(-1)?.push(value)
  }
  return portions
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
