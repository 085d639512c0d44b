/** Work of one factor set, factor and grid added up, whatever the models and regions that named it. */
import { addActivities, addRanges } from '@ecomind/footprint'
import type { PlacedWork } from './ask-work.ts'

const added = (a: PlacedWork, b: PlacedWork): PlacedWork => ({
  ...a,
  activity: addActivities(a.activity, b.activity),
  stored: {
    kwh: addRanges(a.stored.kwh, b.stored.kwh),
    waterL: addRanges(a.stored.waterL, b.stored.waterL),
    co2Kg: addRanges(a.stored.co2Kg, b.stored.co2Kg),
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
