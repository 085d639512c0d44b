/** Whether a run held: k6's thresholds, and every event in its place. Pure. */
import type { Account } from './account.ts'
import type { Course } from './course.ts'
import type { Profile } from './options.ts'
import { countOf, type K6Summary } from './run-k6.ts'

export interface Verdict {
  readonly passed: boolean
  /** One sentence each; empty when it passed. */
  readonly failures: readonly string[]
  /** Limits that broke in a run that goes on until one does. */
  readonly broke: readonly string[]
}

export function judge(
  profile: Profile,
  summary: K6Summary,
  account: Account,
  courses: readonly Course[] = [],
): Verdict {
  const crossed = Object.entries(summary.metrics).flatMap(([name, { thresholds = {} }]) =>
    Object.entries(thresholds).flatMap(([limit, { ok }]) => (ok ? [] : [`${name}: ${limit} does not hold`])),
  )
  const lost = lostEvents(summary, account)
  const until = profile.untilItBreaks === true
  const failures = [...(until ? [] : crossed), ...lost, ...(profile.mustStayFlat === true ? unevenness(courses) : [])]
  if (countOf(summary, 'events_accepted') === 0) failures.push('no event was accepted: nothing was tested')
  return { passed: failures.length === 0, failures, broke: until ? crossed : [] }
}

function unevenness(courses: readonly Course[]): readonly string[] {
  if (courses.length === 0) return ['memory and lag were not seen often enough to say that they stayed flat']
  return courses
    .filter(({ flat }) => !flat)
    .map(({ name, early, late, unit }) => `${name} grew from ${early.toFixed(1)} to ${late.toFixed(1)} ${unit}`)
}

function lostEvents(summary: K6Summary, { before, after, rollups }: Account): readonly string[] {
  const accepted = countOf(summary, 'events_accepted')
  // No answer was seen, or the run broke off before it came: they may be stored or not.
  const open =
    countOf(summary, 'events_sent') -
    accepted -
    countOf(summary, 'events_rejected') -
    countOf(summary, 'events_refused')
  const within = (value: number) => value >= accepted && value <= accepted + open
  const stored = after.stored - before.stored
  const failures: string[] = []
  if (after.inFlight > 0) failures.push(`${after.inFlight} events are still in flight when the time is over`)
  if (!after.balanced) failures.push('the reconciliation is not balanced')
  if (!within(stored))
    failures.push(`${accepted} events were accepted, ${stored} more are stored (is there other traffic?)`)
  if (!within(rollups.calls))
    failures.push(`${accepted} events were accepted, the rollups count ${rollups.calls} of this run`)
  if (open === 0 && rollups.calls === accepted) failures.push(...wrongSums(summary, rollups))
  return failures
}

function wrongSums(summary: K6Summary, rollups: Account['rollups']): readonly string[] {
  const sums = [
    ['tokens_in', countOf(summary, 'tokens_in_accepted'), rollups.tokensIn],
    ['tokens_out', countOf(summary, 'tokens_out_accepted'), rollups.tokensOut],
  ] as const
  return sums
    .filter(([, sent, counted]) => sent !== counted)
    .map(([name, sent, counted]) => `${name}: ${sent} were accepted, the rollups say ${counted}`)
}
