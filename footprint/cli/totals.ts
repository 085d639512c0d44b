/** Totals of many calls with honest ranges: linear inside a factor, correlated between factors. */
import {
  type Activity,
  addActivities,
  combineRanges,
  computeFootprint,
  type Footprint,
  type Range,
  type RangeGroup,
} from '@ecomind/footprint'
import type { ComputedCall } from './footprint-of-call.ts'

export interface Totals {
  readonly name: string
  readonly calls: number
  readonly tokensIn: number
  readonly tokensOut: number
  readonly kwh: Range
  readonly waterL: Range
  readonly co2Kg: Range
}

interface Part {
  readonly sample: ComputedCall
  activity: Activity
}

export interface Sums {
  add(groupName: string, call: ComputedCall): void
  groups(): readonly Totals[]
  total(): Totals
}

export function createSums(): Sums {
  const groups = new Map<string, Map<string, Part>>()
  return {
    add(groupName, call) {
      const parts = groups.get(groupName) ?? new Map<string, Part>()
      groups.set(groupName, parts)
      const key = `${call.factor.factor.id}\0${call.grid.grid.id}`
      const part = parts.get(key)
      if (part === undefined) parts.set(key, { sample: call, activity: call.activity })
      else part.activity = addActivities(part.activity, call.activity)
    },
    groups: () =>
      [...groups]
        .map(([name, parts]) => totalsOf(name, [...parts.values()]))
        .sort((a, b) => b.kwh.central - a.kwh.central),
    total: () =>
      totalsOf(
        'total',
        [...groups.values()].flatMap((parts) => [...parts.values()]),
      ),
  }
}

function totalsOf(name: string, parts: readonly Part[]): Totals {
  const computed = parts.map(({ sample, activity }) => ({
    factor: sample.factor.factor,
    activity,
    footprint: computeFootprint(sample.coefficients, activity),
  }))
  const range = (pick: (footprint: Footprint) => Range): Range =>
    combineRanges(
      computed.map(
        ({ factor, footprint }): RangeGroup => ({
          class: factor.class,
          factor: factor.model,
          range: pick(footprint),
        }),
      ),
    )
  const sum = (pick: (activity: Activity) => number): number => computed.reduce((n, c) => n + pick(c.activity), 0)
  return {
    name,
    calls: sum((a) => a.calls),
    tokensIn: sum((a) => a.tokensIn),
    tokensOut: sum((a) => a.tokensOut),
    kwh: range((f) => f.kwh),
    waterL: range((f) => f.waterL),
    co2Kg: range((f) => f.co2Kg),
  }
}
