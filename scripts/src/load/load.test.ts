import { describe, expect, test } from 'vitest'
import type { Account } from './account.ts'
import { coursesOf, type Sample } from './course.ts'
import { most } from './follow.ts'
import { judge } from './judge.ts'
import { PROFILES, readLoadOptions } from './options.ts'
import { rateAt } from './rate-at.ts'
import { asMarkdown } from './report.ts'
import type { K6Summary } from './run-k6.ts'

const NOW = new Date('2026-11-25T10:20:30Z')
const read = (...args: readonly string[]) => readLoadOptions(args, {}, NOW)

function summaryOf(counts: Readonly<Record<string, number>>, crossed: readonly string[] = []): K6Summary {
  const base = {
    events_sent: 100,
    events_accepted: 100,
    tokens_in_accepted: 5000,
    tokens_out_accepted: 900,
    http_reqs: 60,
  }
  const metrics = Object.fromEntries(
    Object.entries({ ...base, ...counts }).map(([name, count]) => [name, { values: { count } }]),
  ) as K6Summary['metrics']
  for (const name of crossed) metrics[name] = { values: {}, thresholds: { 'count==0': { ok: false } } }
  return { metrics, state: { testRunDurationMs: 20_000 } }
}

const zero = { accepted: 7, stored: 6, duplicate: 1, quarantined: 0, inFlight: 0, balanced: true }
const right: Account = {
  before: zero,
  after: { ...zero, accepted: 107, stored: 106 },
  rollups: { calls: 100, tokensIn: 5000, tokensOut: 900 },
  settledSeconds: 1.2,
}

describe('readLoadOptions', () => {
  test('a profile by its name, against the ports of the settings', () => {
    const options = readLoadOptions(['smoke'], { EDGE_PORT: '18080' }, NOW)
    expect(options).toMatchObject({
      edgeUrl: 'http://127.0.0.1:18080',
      apiUrl: 'http://127.0.0.1:8000',
      factor: 1,
      stretch: 1,
    })
    expect(options.outDir).toBe('load-results/2026-11-25T102030-smoke')
  })

  test('rates and times are scaled from the peak and the whole length', () => {
    expect(read('stress', '--rate', '400').factor).toBe(0.5)
    expect(read('soak', '--minutes', '6.1').stretch).toBeCloseTo(0.1)
  })

  test.each([[[]], [['smok']], [['smoke', 'soak']], [['smoke', '--rate', '0']], [['smoke', '--shape', 'round']]])(
    '%j is refused in words',
    (args) => {
      expect(() => read(...args)).toThrow(/wanted/)
    },
  )

  test('there is every profile that was promised', () => {
    expect(Object.keys(PROFILES)).toEqual(['smoke', 'average', 'stress', 'spike', 'soak', 'breakpoint'])
  })
})

describe('judge', () => {
  const { smoke, breakpoint } = PROFILES
  test('passes a run whose events are all stored and summed', () => {
    expect(judge(smoke, summaryOf({}), right)).toEqual({ passed: true, failures: [], broke: [] })
  })

  test('fails on a dropped iteration, but not where the limit was looked for', () => {
    const summary = summaryOf({}, ['dropped_iterations'])
    expect(judge(smoke, summary, right)).toMatchObject({
      passed: false,
      failures: [expect.stringContaining('dropped')],
    })
    expect(judge(breakpoint, summary, right)).toMatchObject({
      passed: true,
      broke: [expect.stringContaining('dropped')],
    })
  })

  test.each<[string, Account]>([
    ['a lost event', { ...right, after: { ...right.after, stored: 105 }, rollups: { ...right.rollups, calls: 99 } }],
    ['an event that was doubled', { ...right, after: { ...right.after, stored: 107 } }],
    ['one still on its way', { ...right, after: { ...right.after, inFlight: 1 } }],
    ['an imbalance', { ...right, after: { ...right.after, balanced: false } }],
    ['a rollup that lacks one', { ...right, rollups: { ...right.rollups, calls: 99 } }],
    ['a sum that is off by one token', { ...right, rollups: { ...right.rollups, tokensIn: 4999 } }],
  ])('fails on %s, in every profile', (_name, account) => {
    for (const profile of [smoke, breakpoint]) expect(judge(profile, summaryOf({}), account).passed).toBe(false)
  })

  test.each([
    ['an event without an answer', { events_sent: 101, events_unanswered: 1 }],
    ['an event whose answer the run did not wait for', { events_sent: 101 }],
  ])('%s may be stored or not', (_name, counts) => {
    const summary = summaryOf(counts)
    const with1 = { ...right, after: { ...right.after, stored: 107 }, rollups: { ...right.rollups, calls: 101 } }
    for (const account of [right, with1]) expect(judge(smoke, summary, account).failures).toEqual([])
  })

  test('a run in which nothing was accepted tested nothing', () => {
    const none = { ...right, after: zero, rollups: { calls: 0, tokensIn: 0, tokensOut: 0 } }
    const summary = summaryOf({ events_accepted: 0, tokens_in_accepted: 0, tokens_out_accepted: 0 })
    expect(judge(smoke, summary, none).passed).toBe(false)
  })
})

describe('asMarkdown', () => {
  test('says first whether it passed, and shows both accounts', () => {
    const summary = summaryOf({}, ['dropped_iterations'])
    const options = read('smoke')
    const verdict = judge(options.profile, summary, right)
    const page = asMarkdown({
      run: 'load-1',
      startedAt: NOW.toISOString(),
      options,
      summary,
      account: right,
      courses: [],
      verdict,
    })
    expect(page).toMatch(/^# Load: smoke, FAILED/)
    expect(page).toContain('- dropped_iterations: count==0 does not hold')
    expect(page).toContain('| stored | 6 | 106 | 100 |')
  })
})

describe('rateAt', () => {
  const profile = {
    what: '',
    p99Ms: 1,
    startRate: 50,
    stages: [
      { seconds: 10, rate: 150 },
      { seconds: 20, rate: 50 },
    ],
  }
  test.each([
    [0, 50],
    [5, 100],
    [20, 100],
    [99, 50],
  ])('after %i s', (seconds, rate) => {
    expect(rateAt({ profile, factor: 1, stretch: 1 }, seconds)).toBe(rate)
  })
  test('follows the wanted peak and length', () => {
    expect(rateAt({ profile, factor: 2, stretch: 3 }, 15)).toBe(200)
  })
})

describe('the course of a run', () => {
  const MB = 2 ** 20
  const samples = (change: (share: number) => Partial<Sample>): readonly Sample[] =>
    Array.from({ length: 40 }, (_, i) => {
      const even = { atMs: i * 5000, edgeBytes: 100 * MB, coreBytes: 600 * MB, oldestUnreadSeconds: 0.4 }
      return { ...even, ...change(i / 39) }
    })
  const failures = (some: readonly Sample[]) => judge(PROFILES.soak, summaryOf({}), right, coursesOf(some)).failures

  test('is flat when memory only fills up in the beginning and a collector breathes', () => {
    const some = samples((share) => ({ edgeBytes: (share < 0.2 ? 60 : 110 + ((share * 1000) % 20)) * MB }))
    expect(failures(some)).toEqual([])
  })

  test.each<[string, (share: number) => Partial<Sample>]>([
    ['edge memory', (share) => ({ edgeBytes: (100 + 200 * share) * MB })],
    ['core memory', (share) => ({ coreBytes: (600 + 600 * share) * MB })],
    ['oldest unread event', (share) => ({ oldestUnreadSeconds: 20 * share })],
  ])('names %s when it grows', (name, change) => {
    expect(failures(samples(change))).toEqual([expect.stringContaining(name)])
  })

  test('too few looks at it are no proof in a profile that asks for one, and none is asked of others', () => {
    expect(failures(samples(() => ({})).slice(0, 5))).toHaveLength(1)
    expect(judge(PROFILES.smoke, summaryOf({}), right, []).failures).toEqual([])
  })

  test('reads the largest over all partitions', () => {
    const text = '# HELP a b\na{partition="0"} 1.5\na{partition="1"} 7\nab 9\n'
    expect([most(text, 'a'), most(text, 'c')]).toEqual([7, null])
  })
})
