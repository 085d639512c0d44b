/** Laws of the computation beside those of compute.test.ts. On failure fast-check prints the seed to run it again. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileCoefficients, computeFootprint, computeQuantity } from './compute.ts'
import type { Grid, Quantity, TokenEnergy } from './definition.ts'
import type { Factor } from './factor.ts'
import type { Activity, Footprint, Range } from './footprint.ts'
import { compileMarketCo2Use, marketFigure } from './market.ts'
import { tierVariant } from './service-tier.ts'
import { activity, call, callEnergy, factor, factorWith, grid, tokenEnergy } from './test-arbitraries.ts'

const compute = (f: Factor, g: Grid, a: Activity): Footprint => computeFootprint(compileCoefficients(f, g), a)
const close = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b))
const closeRanges = (a: Range, b: Range): boolean =>
  close(a.low, b.low) && close(a.central, b.central) && close(a.high, b.high)
const exact = (value: number): Quantity => ({ low: value, central: value, high: value, sources: ['s'] })
const tokens = factorWith(tokenEnergy) as fc.Arbitrary<Factor & { energy: TokenEnergy }>
/** Of the standard tier, without reasoning. */
const plain = ({
  reasoning: _r,
  hidden_reasoning_multiplier: _h,
  service_tier: _s,
  tier_multiplier: _t,
  ...f
}: Factor): Factor => f

describe('PUE', () => {
  test('a facility figure that is the IT figure times PUE gives the same footprint: PUE is in it once', () => {
    fc.assert(
      fc.property(tokens, fc.double({ min: 1, max: 2.5, noNaN: true }), grid, activity, (f, pue, g, a) => {
        const it = { ...f.energy, boundary: 'it' as const }
        const fields = Object.entries(it).map(([name, value]) =>
          typeof value === 'string'
            ? [name, value]
            : [name, { ...value, low: value.low * pue, central: value.central * pue, high: value.high * pue }],
        )
        const facility = { ...(Object.fromEntries(fields) as TokenEnergy), boundary: 'facility' as const }
        const [one, two] = [it, facility].map((energy) => compute({ ...f, pue: exact(pue), energy }, g, a))
        if (one === undefined || two === undefined) throw new Error('two footprints were wanted')
        for (const quantity of Object.keys(one) as (keyof Footprint)[])
          expect(closeRanges(one[quantity], two[quantity])).toBe(true)
      }),
    )
  })
})

describe('hidden reasoning', () => {
  const seen = (f: Factor): Factor => ({ ...plain(f), reasoning: 'always', hidden_reasoning_multiplier: exact(4) })
  test('always: the visible output counts as often as the multiplier says', () => {
    fc.assert(
      fc.property(tokens, grid, fc.nat(1e6), (f, g, out) => {
        const hidden = compute(seen(f), g, { ...call(100, out), tokensOutReasoningHidden: out })
        const stated = compute(seen(f), g, call(100, 4 * out))
        for (const quantity of ['kwh', 'waterL', 'co2Kg', 'co2EmbodiedKg'] as const)
          expect(Math.abs(hidden[quantity].central - stated[quantity].central)).toBeLessThanOrEqual(
            1e-9 * stated[quantity].central,
          )
      }),
    )
  })

  test('optional: the best guess is none, the high is that of a model that always reasons', () => {
    fc.assert(
      fc.property(tokens, grid, activity, (f, g, a) => {
        const never = compute(plain(f), g, a)
        const always = compute(seen(f), g, a)
        const optional = compute({ ...seen(f), reasoning: 'optional' }, g, a)
        for (const quantity of ['kwh', 'waterL', 'co2Kg'] as const) {
          expect(optional[quantity].low).toBe(never[quantity].low)
          expect(optional[quantity].central).toBe(never[quantity].central)
          expect(optional[quantity].high).toBe(always[quantity].high)
        }
      }),
    )
  })

  test('makes no difference where nothing is hidden or the factor is per call', () => {
    fc.assert(
      fc.property(factor, factorWith(callEnergy), grid, activity, (f, perCall, g, a) => {
        const nothingHidden = { ...a, tokensOutReasoningHidden: 0 }
        expect(compute(seen(f), g, nothingHidden)).toEqual(compute(plain(f), g, nothingHidden))
        expect(compute(seen(perCall), g, a)).toEqual(compute(plain(perCall), g, a))
      }),
    )
  })
})

describe('service tiers', () => {
  test('multiply energy, water and CO2e alike', () => {
    const share = fc.double({ min: 0.1, max: 1, noNaN: true })
    fc.assert(
      fc.property(factor, share, grid, activity, (f, multiplier, g, a) => {
        const standard = { ...plain(f), tier_multipliers: { batch: exact(multiplier) } }
        const batch = tierVariant(standard, 'batch')
        if (batch === undefined) throw new Error('a variant was wanted')
        expect(tierVariant(standard, 'flex')).toBeUndefined()
        const [one, other] = [compute(standard, g, a), compute(batch, g, a)]
        for (const quantity of Object.keys(one) as (keyof Footprint)[]) {
          const wanted = one[quantity]
          expect(Math.abs(other[quantity].central - multiplier * wanted.central)).toBeLessThanOrEqual(
            1e-12 * wanted.central,
          )
          expect(Math.abs(other[quantity].high - multiplier * wanted.high)).toBeLessThanOrEqual(1e-9 * wanted.high)
        }
      }),
    )
  })
})

describe('the market-based number', () => {
  test('never touches the total, is 0 under a contract of 0 g and the location-based one where nothing is known', () => {
    fc.assert(
      fc.property(factor, grid, activity, fc.nat(1000), (f, g, a, grams) => {
        const { market: _none, ...without } = f
        const withMarket = (g_per_kwh_market: Quantity): Factor => ({
          ...without,
          market: { g_per_kwh_market, instrument: 'certificates', year: 2025 },
        })
        const use = (x: Factor, on: Grid = g): Range => computeQuantity(compileMarketCo2Use(x, on), a)
        expect(compute(withMarket(exact(grams)), g, a)).toEqual(compute(without, g, a))
        expect(use(withMarket(exact(0)))).toEqual({ low: 0, central: 0, high: 0 })
        const kwh = compute(without, g, a).kwh.central
        expect(use(withMarket(exact(grams))).central).toBeCloseTo((kwh * grams) / 1000, 9)
        expect(use(without)).toEqual(compute(without, g, a).co2UseKg)
        expect(marketFigure(without, g).basis).toBe('location')
        const residual = { ...g, market: { g_per_kwh_market: exact(grams), instrument: 'residual mix', year: 2025 } }
        expect(marketFigure(without, residual).basis).toBe('grid')
        expect(use(without, residual).central).toBeCloseTo((kwh * grams) / 1000, 9)
        expect(marketFigure(withMarket(exact(1)), residual).basis).toBe('provider')
      }),
    )
  })
})

describe('units', () => {
  test('scale: water and CO2e grow with the litres and grams per kWh, kWh with the Wh per token', () => {
    fc.assert(
      fc.property(tokens, grid, activity, fc.constantFrom(2, 10, 1000), (f, g, a, k) => {
        const times = (q: Quantity): Quantity => ({
          low: q.low * k,
          central: q.central * k,
          high: q.high * k,
          sources: ['s'],
        })
        const one = compute(f, g, a)
        const wetter = compute(f, { ...g, water_offsite_l_per_kwh: times(g.water_offsite_l_per_kwh) }, a)
        const dirtier = compute(f, { ...g, g_per_kwh: times(g.g_per_kwh) }, a)
        expect(close(wetter.waterOffsiteL.central, k * one.waterOffsiteL.central)).toBe(true)
        expect(close(dirtier.co2UseKg.high, k * one.co2UseKg.high)).toBe(true)
        expect([wetter.kwh, dirtier.kwh, dirtier.waterL]).toEqual([one.kwh, one.kwh, one.waterL])
      }),
    )
  })
})
