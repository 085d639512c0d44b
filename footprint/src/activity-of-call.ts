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

export function activityOfCall(call: CallCounts): Activity {
  const reasoning = call.tokens_reasoning ?? 0
  const capped = Math.min(call.tokens_in, QUADRATIC_TOKENS_MAX)
  const reasoningHidden = reasoning === 0 && COUNTED_FROM_TEXT.has(call.tokens_source ?? '')
  return {
    calls: 1,
    tokensIn: call.tokens_in,
    tokensInSquared: capped * capped,
    tokensCacheRead: call.tokens_cache_read ?? 0,
    tokensCacheWrite: call.tokens_cache_write ?? 0,
    tokensOut: call.tokens_out,
    tokensReasoningSeparate: call.reasoning_separate === true ? reasoning : 0,
    tokensOutReasoningHidden: reasoningHidden ? call.tokens_out : 0,
  }
}
