/** The one place that turns an event, or its stored row, into what the engine computes with. */
import type { Activity } from './footprint.ts'
import { QUADRATIC_TOKENS_MAX } from './footprint.ts'

/** The counts of one call under their names in events and in usage_events; what is absent, null or '' is not stated. */
export interface CallCounts {
  readonly tokens_in: number
  readonly tokens_out: number
  readonly tokens_cache_read?: number | null | undefined
  readonly tokens_cache_write?: number | null | undefined
  readonly tokens_reasoning?: number | null | undefined
  /** `tokens_reasoning` is not inside `tokens_out`. */
  readonly reasoning_separate?: boolean | null | undefined
  readonly tokens_source?: string | null | undefined
}

/** Ways of counting that see the visible text only; the provider's own count includes reasoning by contract. */
const COUNTED_FROM_TEXT: ReadonlySet<string> = new Set(['tokenizer', 'estimate'])

export type WritableActivity = { -readonly [K in keyof Activity]: Activity[K] }

/** True when who counted the tokens saw the visible text only. */
export const isCountedFromText = (tokensSource: string | null | undefined): boolean =>
  COUNTED_FROM_TEXT.has(tokensSource ?? '')

/** Into an activity that is used again for every event, so that a loader makes no object per event. */
export function writeActivity(target: WritableActivity, call: CallCounts): void {
  writeCounts(
    target,
    call.tokens_in,
    call.tokens_out,
    call.tokens_cache_read ?? 0,
    call.tokens_cache_write ?? 0,
    call.tokens_reasoning ?? 0,
    call.reasoning_separate === true,
    isCountedFromText(call.tokens_source),
  )
}

/** The same from counts that stand in columns; what is not stated is 0. */
export function writeCounts(
  target: WritableActivity,
  tokensIn: number,
  tokensOut: number,
  tokensCacheRead: number,
  tokensCacheWrite: number,
  tokensReasoning: number,
  reasoningSeparate: boolean,
  countedFromText: boolean,
): void {
  const capped = Math.min(tokensIn, QUADRATIC_TOKENS_MAX)
  const reasoningHidden = tokensReasoning === 0 && countedFromText
  target.calls = 1
  target.tokensIn = tokensIn
  target.tokensInSquared = capped * capped
  target.tokensCacheRead = tokensCacheRead
  target.tokensCacheWrite = tokensCacheWrite
  target.tokensOut = tokensOut
  target.tokensReasoningSeparate = reasoningSeparate ? tokensReasoning : 0
  target.tokensOutReasoningHidden = reasoningHidden ? tokensOut : 0
}

export const noActivity = (): WritableActivity => ({
  calls: 0,
  tokensIn: 0,
  tokensInSquared: 0,
  tokensCacheRead: 0,
  tokensCacheWrite: 0,
  tokensOut: 0,
  tokensReasoningSeparate: 0,
  tokensOutReasoningHidden: 0,
})

export function activityOfCall(call: CallCounts): Activity {
  const activity = noActivity()
  writeActivity(activity, call)
  return activity
}
