import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ACCOUNT_POLICY, type AttemptState, forgiveAttempt, NO_ATTEMPTS, takeAttempt } from './attempt-rules.ts'

const START_MS = 1_800_000_000_000

/** Tries at once whenever it is allowed, and waits exactly as long as it is told. */
function hammer(durationMs: number): readonly number[] {
  const triesAtMs: number[] = []
  let state: AttemptState = NO_ATTEMPTS
  for (let nowMs = START_MS; nowMs < START_MS + durationMs; ) {
    const decision = takeAttempt(state, nowMs, ACCOUNT_POLICY)
    if (decision.kind === 'refused') nowMs += decision.retryAfterMs
    else {
      triesAtMs.push(nowMs)
      state = decision.next
    }
  }
  return triesAtMs
}

describe('takeAttempt', () => {
  test('lets a few tries go at once and then makes each wait longer, up to the limit', () => {
    const tries = hammer(4 * 3_600_000)
    const waitsMs = tries.slice(1).map((at, i) => at - (tries[i] ?? 0))
    expect(waitsMs.slice(0, 8)).toEqual([0, 0, 0, 0, 0, 30_000, 60_000, 120_000])
    expect(Math.max(...waitsMs)).toBe(ACCOUNT_POLICY.waitMsMax)
  })

  test('a day of trying without a pause is about a hundred tries', () => {
    expect(hammer(86_400_000).length).toBeLessThan(120)
  })

  test('forgets failures with time', () => {
    const six = Array.from({ length: 6 }).reduce<AttemptState>((state) => {
      const decision = takeAttempt(state, START_MS, ACCOUNT_POLICY)
      return decision.kind === 'allowed' ? decision.next : state
    }, NO_ATTEMPTS)
    expect(takeAttempt(six, START_MS, ACCOUNT_POLICY).kind).toBe('refused')
    const later = takeAttempt(six, START_MS + 6 * ACCOUNT_POLICY.forgetMs, ACCOUNT_POLICY)
    expect(later).toMatchObject({ kind: 'allowed', next: { failures: 1 } })
  })

  test('however tries, successes and pauses are mixed, the count is never negative and a wait never over the limit', () => {
    const steps = fc.array(fc.record({ pauseMs: fc.integer({ min: -1000, max: 3_600_000 }), forgive: fc.boolean() }))
    fc.assert(
      fc.property(steps, (list) => {
        let nowMs = START_MS
        let state = NO_ATTEMPTS
        for (const { pauseMs, forgive } of list) {
          nowMs += pauseMs
          const decision = takeAttempt(state, nowMs, ACCOUNT_POLICY)
          if (decision.kind === 'allowed') {
            state = forgive ? forgiveAttempt(decision.next, nowMs, ACCOUNT_POLICY) : decision.next
            expect(decision.next.lockedUntilMs - nowMs).toBeLessThanOrEqual(ACCOUNT_POLICY.waitMsMax)
            expect(decision.next.failures).toBeGreaterThanOrEqual(1)
          }
          expect(state.failures).toBeGreaterThanOrEqual(0)
        }
      }),
    )
  })

  test('a good try in between does not end the wait that a bad one began', () => {
    let state: AttemptState = { failures: 6, countedAtMs: START_MS, lockedUntilMs: START_MS + 60_000 }
    state = forgiveAttempt(state, START_MS + 1, ACCOUNT_POLICY)
    expect(takeAttempt(state, START_MS + 2, ACCOUNT_POLICY).kind).toBe('refused')
  })

  test('a clock that is put back locks nobody out', () => {
    const decision = takeAttempt(NO_ATTEMPTS, START_MS, ACCOUNT_POLICY)
    const state = decision.kind === 'allowed' ? decision.next : NO_ATTEMPTS
    expect(takeAttempt(state, START_MS - 600_000, ACCOUNT_POLICY).kind).toBe('allowed')
    const locked = { failures: 9, countedAtMs: START_MS, lockedUntilMs: START_MS + ACCOUNT_POLICY.waitMsMax }
    expect(takeAttempt(locked, START_MS - 3_600_000, ACCOUNT_POLICY).kind).toBe('allowed')
  })
})
