/** Work of one factor set, factor and grid added up, whatever the models and regions that named it. */
import type { Activity, Range } from '@ecomind/footprint'
import type { PlacedWork } from './ask-work.ts'

export const plus = (a: Range, b: Range): Range => ({
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

const added = (a: PlacedWork, b: PlacedWork): PlacedWork => ({
  ...a,
  activity: addActivities(a.activity, b.activity),
  stored: {
    kwh: plus(a.stored.kwh, b.stored.kwh),
    waterL: plus(a.stored.waterL, b.stored.waterL),
    co2Kg: plus(a.stored.co2Kg, b.stored.co2Kg),
  },
})

export const placeOf = (work: PlacedWork): string => [work.set.id, work.factor.id, work.grid.id].join('\n')

/** By `placeOf`, in the order of their first appearance; names are those of the first. */
export function byFactorAndGrid(placed: readonly PlacedWork[]): Map<string, PlacedWork> {
  const works = new Map<string, PlacedWork>()
  for (const work of placed) {
    const before = works.get(placeOf(work))
    works.set(placeOf(work), before === undefined ? work : added(before, work))
  }
  return works
}
