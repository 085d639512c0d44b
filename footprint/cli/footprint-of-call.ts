/** The footprint of one call; what is the same for many calls is resolved and compiled once. */
import {
  type Activity,
  activityOfCall,
  type Coefficients,
  compileCoefficients,
  computeFootprint,
  type FactorMatch,
  type FactorSet,
  type Footprint,
  type GridMatch,
} from '@ecomind/footprint'
import type { Call } from './call.ts'

export interface ComputedCall {
  readonly factor: FactorMatch
  readonly grid: GridMatch
  readonly coefficients: Coefficients
  readonly activity: Activity
  readonly footprint: Footprint
}

type Resolved = Pick<ComputedCall, 'factor' | 'grid' | 'coefficients'>

/** Kept at most; beyond it the memory begins anew, which only costs time. */
const KEPT_MAX = 10_000

export function footprintOfCalls(set: FactorSet): (call: Call) => ComputedCall {
  const kept = new Map<string, Resolved>()
  const resolve = (call: Call): Resolved => {
    const factor = set.resolveFactor(call.provider, call.model, call.service_tier)
    const grid = set.resolveGrid(call.region, call.provider)
    return { factor, grid, coefficients: compileCoefficients(factor.factor, grid.grid) }
  }
  return (call) => {
    const key = [call.provider, call.model, call.region ?? '', call.service_tier ?? ''].join('\0')
    let resolved = kept.get(key)
    if (resolved === undefined) {
      if (kept.size >= KEPT_MAX) kept.clear()
      resolved = resolve(call)
      kept.set(key, resolved)
    }
    const activity = activityOfCall(call)
    return { ...resolved, activity, footprint: computeFootprint(resolved.coefficients, activity) }
  }
}
