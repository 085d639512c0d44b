import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addActivities } from './add-up.ts'
import { compileCoefficients, computeFootprint, toUnits } from './compute.ts'
import type { Grid, Quantity } from './definition.ts'
import type { Factor } from './factor.ts'
import type { Activity, Footprint, Range } from './footprint.ts'
import { activity, anyGrid, callEnergy, factor, factorWith, grid, tokenEnergy } from './test-arbitraries.ts'

const compute = (f: Factor, g: Grid, a: Activity): Footprint => computeFootprint(compileCoefficients(f, g), a)
const rangesOf = (f: Footprint): Range[] => Object.values(f)
const numbersOf = (f: Footprint): number[] => rangesOf(f).flatMap((r) => [r.low, r.central, r.high])
const close = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b))

describe('computeFootprint', () => {
  test('gives finite numbers of 0 or more with low <= central <= high', () => {
    fc.assert(
      fc.property(factor, anyGrid, activity, (f, g, a) => {
        for (const r of rangesOf(compute(f, g, a))) {
          expect(r.low).toBeGreaterThanOrEqual(0)
          expect(r.central).toBeGreaterThanOrEqual(r.low)
          expect(r.high).toBeGreaterThanOrEqual(r.central)
          expect(Number.isFinite(r.high)).toBe(true)
        }
      }),
    )
  })

  test('never falls when any term of the activity grows', () => {
    const more: ((a: Activity, n: number) => Activity)[] = [
      (a, n) => ({ ...a, calls: a.calls + n }),
      (a, n) => ({ ...a, tokensIn: a.tokensIn + n }),
      (a, n) => ({ ...a, tokensIn: a.tokensIn + n, tokensCacheRead: a.tokensCacheRead + n }),
      (a, n) => ({ ...a, tokensIn: a.tokensIn + n, tokensCacheWrite: a.tokensCacheWrite + n }),
      (a, n) => ({ ...a, tokensOut: a.tokensOut + n }),
      (a, n) => ({ ...a, tokensReasoningSeparate: a.tokensReasoningSeparate + n }),
      (a, n) => ({ ...a, tokensInSquared: a.tokensInSquared + n * n }),
      (a, n) => ({ ...a, tokensOut: a.tokensOut + n, tokensOutReasoningHidden: a.tokensOutReasoningHidden + n }),
    ]
    fc.assert(
      fc.property(factor, anyGrid, activity, fc.constantFrom(...more), fc.nat(1e6), (f, g, a, grow, n) => {
        const before = numbersOf(compute(f, g, a))
        const after = numbersOf(compute(f, g, grow(a, n)))
        for (const [i, value] of after.entries()) expect(value).toBeGreaterThanOrEqual(before[i] ?? Number.NaN)
      }),
    )
  })

  test('is additive: the footprint of sums is the sum of the footprints, low and high included', () => {
    fc.assert(
      fc.property(factor, anyGrid, activity, activity, (f, g, a, b) => {
        const [left, right] = [numbersOf(compute(f, g, a)), numbersOf(compute(f, g, b))]
        for (const [i, whole] of numbersOf(compute(f, g, addActivities(a, b))).entries())
          expect(close(whole, (left[i] ?? 0) + (right[i] ?? 0))).toBe(true)
      }),
    )
  })

  test('applies PUE exactly once, whatever the boundary of the figure', () => {
    const boundaries = fc.constantFrom('gpu' as const, 'it' as const, 'facility' as const)
    fc.assert(
      fc.property(factorWith(tokenEnergy), boundaries, grid, activity, (f, boundary, g, a) => {
        if (f.energy.form !== 'tokens') throw new Error('a factor per token was wanted')
        const at = (pue: number) => {
          const exact: Quantity = { low: pue, central: pue, high: pue, sources: ['s'] }
          return compute({ ...f, pue: exact, energy: { ...f.energy, boundary } as typeof f.energy }, g, a)
        }
        const [one, two] = [at(1), at(2)]
        const facility = boundary === 'facility' ? 1 : 2
        const it = boundary === 'facility' ? 0.5 : 1
        expect(close(two.kwh.central, one.kwh.central * facility)).toBe(true)
        expect(close(two.waterOffsiteL.central, one.waterOffsiteL.central * facility)).toBe(true)
        expect(close(two.co2UseKg.central, one.co2UseKg.central * facility)).toBe(true)
        expect(close(two.waterOnsiteL.central, one.waterOnsiteL.central * it)).toBe(true)
        expect(close(two.co2EmbodiedKg.central, one.co2EmbodiedKg.central * it)).toBe(true)
      }),
    )
  })

  test('applies the GPU-to-IT factor to figures of accelerators only', () => {
    const exact = (x: number): Quantity => ({ low: x, central: x, high: x, sources: ['s'] })
    fc.assert(
      fc.property(factorWith(tokenEnergy), grid, activity, (f, g, a) => {
        const [one, two] = [1, 2].map((k) => compute({ ...f, k_gpu_to_it: exact(k) }, g, a).kwh.central)
        const gpu = f.energy.form === 'tokens' && f.energy.boundary === 'gpu'
        expect(close(two ?? 0, (one ?? 0) * (gpu ? 2 : 1))).toBe(true)
      }),
    )
  })

  test('matches the formulas of the method written out by hand, to the last digits', () => {
    fc.assert(
      fc.property(factorWith(tokenEnergy), grid, activity, (f, g, a) => {
        if (f.energy.form !== 'tokens') throw new Error('a factor per token was wanted')
        const e = f.energy
        const fresh = a.tokensIn - a.tokensCacheRead - a.tokensCacheWrite
        const wh =
          e.base_wh.central * a.calls +
          (e.wh_per_1k_in.central * fresh) / 1000 +
          (e.wh_per_1k_cache_read.central * a.tokensCacheRead) / 1000 +
          (e.wh_per_1k_cache_write.central * a.tokensCacheWrite) / 1000 +
          (e.wh_per_1k_out.central * (a.tokensOut + a.tokensReasoningSeparate)) / 1000 +
          (e.wh_per_1k_in_squared.central * a.tokensInSquared) / 1e6
        const extra = f.reasoning === 'always' ? (f.hidden_reasoning_multiplier?.central ?? 1) - 1 : 0
        const hiddenWh = (e.wh_per_1k_out.central * extra * a.tokensOutReasoningHidden) / 1000
        const toIt = { gpu: f.k_gpu_to_it.central, it: 1, facility: 1 / f.pue.central }[e.boundary]
        const it = ((wh + hiddenWh) / 1000) * (f.tier_multiplier?.central ?? 1) * toIt
        const kwh = it * f.pue.central
        const result = compute(f, g, a)
        const about = (value: number, wanted: number) => Math.abs(value - wanted) <= 1e-9 * wanted
        expect(about(result.kwh.central, kwh)).toBe(true)
        expect(about(result.waterOnsiteL.central, it * f.wue_onsite_l_per_kwh_it.central)).toBe(true)
        expect(about(result.waterOffsiteL.central, kwh * g.water_offsite_l_per_kwh.central)).toBe(true)
        expect(about(result.co2UseKg.central, (kwh * g.g_per_kwh.central) / 1000)).toBe(true)
        expect(about(result.co2EmbodiedKg.central, (it * f.embodied_g_per_kwh_it.central) / 1000)).toBe(true)
      }),
    )
  })

  test('counts nothing as fresh when more is cached than sent', () => {
    fc.assert(
      fc.property(factor, anyGrid, activity, (f, g, a) => {
        const result = compute(f, g, { ...a, tokensIn: 0, tokensCacheRead: 10, tokensCacheWrite: 5 })
        for (const n of numbersOf(result)) expect(n).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})

describe('the plain form', () => {
  test('is kwh_per_call x PUE, kWh x water_l_per_kwh and kWh x grid / 1000 or kWh x co2_kg_per_kwh, bit for bit', () => {
    fc.assert(
      fc.property(factorWith(callEnergy), grid, activity, (f, g, a) => {
        if (f.energy.form !== 'call') throw new Error('a factor per call was wanted')
        const { water_onsite_share: _split, ...energy } = f.energy
        const result = compute({ ...f, energy }, g, { ...a, calls: 1 })
        const kwh = energy.kwh_per_call.central * (f.tier_multiplier?.central ?? 1) * (energy.pue ?? f.pue).central
        const co2 = energy.co2_kg_per_kwh
        expect(result.kwh.central).toBe(kwh)
        expect(result.waterL.central).toBe(kwh * energy.water_l_per_kwh.central)
        expect(result.co2Kg.central).toBe(co2 === undefined ? (kwh * g.g_per_kwh.central) / 1000 : kwh * co2.central)
      }),
    )
  })

  test('does not depend on tokens, and grows with the calls', () => {
    fc.assert(
      fc.property(factorWith(callEnergy), grid, activity, fc.integer({ min: 1, max: 1000 }), (f, g, a, calls) => {
        const one = compute(f, g, { ...a, calls: 1 })
        const many = compute(f, g, { ...a, tokensIn: 0, tokensOut: 0, calls })
        expect(close(many.kwh.high, one.kwh.high * calls)).toBe(true)
      }),
    )
  })

  test('splits its water by the stated share and keeps the total', () => {
    fc.assert(
      fc.property(factorWith(callEnergy), grid, activity, (f, g, a) => {
        if (f.energy.form !== 'call') throw new Error('a factor per call was wanted')
        const { water_onsite_share: share, ...unsplit } = f.energy
        const [split, whole] = [compute(f, g, a), compute({ ...f, energy: unsplit }, g, a)]
        expect(close(split.waterL.central, whole.waterL.central)).toBe(true)
        expect(close(split.waterOnsiteL.central, whole.waterL.central * (share ?? 1))).toBe(true)
      }),
    )
  })
})

describe('toUnits', () => {
  test('gives safe integers, ordered, with parts within their totals', () => {
    fc.assert(
      fc.property(factor, anyGrid, activity, (f, g, a) => {
        const u = toUnits(compute(f, g, a))
        for (const value of Object.values(u)) expect(Number.isSafeInteger(value)).toBe(true)
        expect(u.kwhLow <= u.kwh && u.kwh <= u.kwhHigh).toBe(true)
        expect(u.waterLLow <= u.waterL && u.waterL <= u.waterLHigh).toBe(true)
        expect(u.co2KgLow <= u.co2Kg && u.co2Kg <= u.co2KgHigh).toBe(true)
        expect(u.waterLOnsite <= u.waterL && u.co2KgUse <= u.co2Kg).toBe(true)
        expect(Math.min(...Object.values(u))).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  const all = (value: number): Footprint => {
    const r = { low: value, central: value, high: value }
    return { kwh: r, waterL: r, waterOnsiteL: r, waterOffsiteL: r, co2Kg: r, co2UseKg: r, co2EmbodiedKg: r }
  }
  test('counts in 1e-12 of a kWh, litre and kilogram', () => {
    expect(toUnits(all(1)).kwh).toBe(1_000_000_000_000)
    expect(toUnits(all(1e-12)).waterL).toBe(1)
    expect(toUnits(all(4e-13)).co2Kg).toBe(0)
    expect(toUnits(all(6e-13)).co2Kg).toBe(1)
  })
  test('stops at the largest safe integer instead of losing digits', () => {
    expect(toUnits(all(1e9)).kwhHigh).toBe(Number.MAX_SAFE_INTEGER)
    expect(toUnits(all(Number.POSITIVE_INFINITY)).kwhHigh).toBe(Number.MAX_SAFE_INTEGER)
  })
  test('throws on NaN, which only a bug can produce', () => {
    expect(() => toUnits(all(Number.NaN))).toThrow(/Convert a footprint to units: NaN/)
  })
})
