/** Sums of what is wrong together: activities of one factor and grid, and ranges that share their errors. */
import type { Activity, Range } from './footprint.ts'

/** End to end: lows with lows, highs with highs. For ranges of different factors see combine-ranges.ts. */
export const addRanges = (a: Range, b: Range): Range => ({
  low: a.low + b.low,
  central: a.central + b.central,
  high: a.high + b.high,
})

export const addActivities = (a: Activity, b: Activity): Activity => ({
  calls: a.calls + b.calls,
  tokensIn: a.tokensIn + b.tokensIn,
  tokensInSquared: a.tokensInSquared + b.tokensInSquared,
  tokensCacheRead: a.tokensCacheRead + b.tokensCacheRead,
  tokensCacheWrite: a.tokensCacheWrite + b.tokensCacheWrite,
  tokensOut: a.tokensOut + b.tokensOut,
  tokensReasoningSeparate: a.tokensReasoningSeparate + b.tokensReasoningSeparate,
  tokensOutReasoningHidden: a.tokensOutReasoningHidden + b.tokensOutReasoningHidden,
})
