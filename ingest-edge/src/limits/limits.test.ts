import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Account, Budget } from './account.ts'
import { DAY_MS, DayCount } from './day-count.ts'
import { TokenBucket } from './token-bucket.ts'

const START_MS = Date.UTC(2026, 10, 26, 12)
const rate = fc.integer({ min: 1, max: 100_000 })
/** Pauses between requests; a clock may go back. */
const pauses = fc.array(fc.integer({ min: -2000, max: 5000 }), { minLength: 1, maxLength: 200 })

describe('TokenBucket', () => {
  test('lets through no more than one second at once and the rate after it, whatever the times', () => {
    fc.assert(
      fc.property(rate, pauses, (ratePerSecond, gaps) => {
        const bucket = new TokenBucket(ratePerSecond, START_MS)
        let [nowMs, latestMs, taken] = [START_MS, START_MS, 0]
        for (const gap of gaps) {
          nowMs += gap
          latestMs = Math.max(latestMs, nowMs)
          while (bucket.tokensAt(nowMs) >= 1 && taken < 1_000_000) {
            bucket.take(1, nowMs)
            taken++
          }
          const allowed = ratePerSecond + ((latestMs - START_MS) * ratePerSecond) / 1000
          expect(taken).toBeLessThanOrEqual(allowed + 1e-3)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('has a token when it said it would, and not much before', () => {
    fc.assert(
      fc.property(rate, fc.double({ min: -100, max: 1, noNaN: true }), (ratePerSecond, tokens) => {
        const bucket = new TokenBucket(ratePerSecond, START_MS)
        bucket.correct(tokens, START_MS)
        const waitMs = bucket.secondsUntilToken(START_MS) * 1000
        expect(bucket.tokensAt(START_MS + Math.ceil(waitMs) + 1)).toBeGreaterThanOrEqual(1)
        if (waitMs > 2) expect(bucket.tokensAt(START_MS + Math.floor(waitMs) - 1)).toBeLessThan(1)
      }),
    )
  })

  test('a client that asks no faster than the rate is never refused', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 300 }), (ratePerSecond, requests) => {
        const bucket = new TokenBucket(ratePerSecond, START_MS)
        for (let i = 0; i < requests; i++) {
          const nowMs = START_MS + Math.ceil((i * 1000) / ratePerSecond)
          expect(bucket.tokensAt(nowMs)).toBeGreaterThanOrEqual(1 - 1e-6)
          bucket.take(1, nowMs)
        }
      }),
    )
  })

  test('another rate brings no tokens with it', () => {
    fc.assert(
      fc.property(rate, rate, fc.double({ min: -50, max: 50, noNaN: true }), (before, after, tokens) => {
        const bucket = new TokenBucket(before, START_MS)
        bucket.correct(tokens, START_MS)
        const had = bucket.tokensAt(START_MS)
        expect(bucket.withRate(after, START_MS).tokensAt(START_MS)).toBeLessThanOrEqual(Math.min(had, after))
      }),
    )
  })
})

describe('DayCount', () => {
  test('edges that tell a common sum come to the same number, that of all events', () => {
    const step = fc.record({ edge: fc.nat(2), events: fc.nat(500), tell: fc.boolean(), fails: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let [sum, all] = [0, 0]
        const counts = [0, 1, 2].map(() => new DayCount(1e9, START_MS))
        const tell = (count: DayCount, fails: boolean) => {
          const { day, untold } = count.tell(START_MS)
          if (fails) return count.takeBack(untold, day)
          sum += untold
          count.correct(sum, day)
        }
        for (const { edge, events, tell: tells, fails } of steps) {
          const count = counts[edge]
          if (count === undefined) continue
          count.add(events, START_MS)
          all += events
          if (tells) tell(count, fails)
          expect(count.eventsAt(START_MS)).toBeLessThanOrEqual(all)
        }
        for (const count of [...counts, ...counts]) tell(count, false)
        expect(counts.map((count) => count.eventsAt(START_MS))).toEqual([all, all, all])
      }),
    )
  })

  test('starts anew at midnight UTC, and not when the clock is set back over it', () => {
    const count = new DayCount(10, START_MS)
    count.add(10, START_MS)
    expect(count.leftAt(START_MS)).toBe(0)
    const midnight = (Math.floor(START_MS / DAY_MS) + 1) * DAY_MS
    expect(count.leftAt(midnight - 1)).toBe(0)
    expect(count.leftAt(midnight)).toBe(10)
    count.add(4, midnight)
    expect(count.leftAt(midnight - 1)).toBe(6)
  })

  test('events that were not stored are given back on their day only', () => {
    const count = new DayCount(10, START_MS)
    const day = Math.floor(START_MS / DAY_MS)
    count.add(6, START_MS)
    count.giveBack(6, day)
    expect(count.leftAt(START_MS)).toBe(10)
    count.add(3, START_MS + DAY_MS)
    count.giveBack(3, day)
    expect(count.leftAt(START_MS + DAY_MS)).toBe(7)
  })
})

describe('Budget', () => {
  const account = (name: string, ratePerSecond: number | null, eventsMax: number | null): Account => ({
    name,
    bucket: ratePerSecond === null ? null : new TokenBucket(ratePerSecond, START_MS),
    count: eventsMax === null ? null : new DayCount(eventsMax, START_MS),
    untoldEvents: 0,
  })

  test('a request that one account refuses is not charged to the other', () => {
    const [key, organisation] = [account('key/o/k', 5, null), account('org/o', 1, null)]
    const budget = new Budget([key, organisation])
    expect(budget.takeRequest(START_MS)).toBeNull()
    const refusal = budget.takeRequest(START_MS)
    expect(refusal).toMatchObject({ code: 'rate_limited', retryAfterSeconds: 1 })
    expect(refusal?.message).toContain('its organisation may send 1 events a second')
    expect(key.bucket?.tokensAt(START_MS)).toBe(4)
    expect(key.untoldEvents).toBe(1)
  })

  test('a batch passes while a token is there and is paid for afterwards, so that the rate is one of events', () => {
    const budget = new Budget([account('key/o/k', 10, null)])
    expect(budget.takeRequest(START_MS)).toBeNull()
    expect(budget.takeEvents(100, START_MS)).toBeNull()
    // 90 are owed: nine seconds until none is, and a tenth until there is a token.
    expect(budget.takeRequest(START_MS)).toMatchObject({ code: 'rate_limited', retryAfterSeconds: 10 })
    expect(budget.takeRequest(START_MS + 9050)).not.toBeNull()
    expect(budget.takeRequest(START_MS + 9100)).toBeNull()
  })

  test('headers are those of the account that is closer to its end', () => {
    const budget = new Budget([account('key/o/k', 5, null), account('org/o', 3, null)])
    budget.takeRequest(START_MS)
    expect(budget.headers(START_MS)).toEqual([
      ...['ratelimit-limit', '3', 'ratelimit-remaining', '2'],
      ...['ratelimit-reset', '1', 'ratelimit-policy', '3;w=1'],
    ])
    expect(new Budget([account('org/o', null, 10)]).headers(START_MS)).toEqual([])
  })

  test('a batch is taken whole or not at all, and a day that is used up refuses before the body', () => {
    const budget = new Budget([account('key/o/k', null, 10)])
    expect(budget.takeEvents(8, START_MS)).toBeNull()
    expect(budget.takeEvents(3, START_MS)?.message).toContain('10 events a UTC day, of which 2 are left')
    expect(budget.takeRequest(START_MS)).toBeNull()
    expect(budget.takeEvents(2, START_MS)).toBeNull()
    // Noon: half a day is left.
    expect(budget.takeRequest(START_MS)).toMatchObject({ code: 'rate_limited', retryAfterSeconds: 43_200 })
    expect(budget.takeRequest(START_MS + DAY_MS)).toBeNull()
  })
})
