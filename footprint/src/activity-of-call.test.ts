import { describe, expect, test } from 'vitest'
import { activityOfCall, noActivity, writeActivity } from './activity-of-call.ts'

const call = { tokens_in: 300_000, tokens_out: 50 }

describe('activityOfCall', () => {
  test('caps the square of the input at the long-context limit', () => {
    expect(activityOfCall(call).tokensInSquared).toBe(200_000 ** 2)
    expect(activityOfCall({ ...call, tokens_in: 7 }).tokensInSquared).toBe(49)
  })

  test('takes what is absent, null or empty as not stated', () => {
    const nulls = { tokens_cache_read: null, tokens_reasoning: null, reasoning_separate: null, tokens_source: '' }
    expect(activityOfCall({ ...call, ...nulls })).toEqual(activityOfCall(call))
    expect(activityOfCall(call)).toMatchObject({ calls: 1, tokensCacheRead: 0, tokensOutReasoningHidden: 0 })
  })

  test('adds reasoning only where it is reported apart', () => {
    expect(activityOfCall({ ...call, tokens_reasoning: 9 }).tokensReasoningSeparate).toBe(0)
    expect(activityOfCall({ ...call, tokens_reasoning: 9, reasoning_separate: true }).tokensReasoningSeparate).toBe(9)
  })

  test.each([
    ['provider', 0, 0],
    ['', 0, 0],
    ['tokenizer', 0, 50],
    ['estimate', 0, 50],
    ['tokenizer', 9, 0],
    ['provider', 9, 0],
  ])('with tokens_source "%s" and %i reasoning tokens, %i tokens may hide reasoning', (source, reasoning, hidden) => {
    const activity = activityOfCall({ ...call, tokens_source: source, tokens_reasoning: reasoning })
    expect(activity.tokensOutReasoningHidden).toBe(hidden)
  })

  test('writeActivity leaves nothing of the call before', () => {
    const target = noActivity()
    writeActivity(target, { ...call, tokens_cache_read: 5, tokens_source: 'tokenizer' })
    writeActivity(target, call)
    expect(target).toEqual(activityOfCall(call))
  })
})
