import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { combineRanges } from './combine-ranges.ts'
import { COMPARED, type Comparison, compareRanges, type Move, type Work } from './compare-ranges.ts'
import { compileCoefficients, computeFootprint } from './compute.ts'
import type { Factor } from './factor.ts'
import type { Range } from './footprint.ts'
import { activity, call, factor, grid } from './test-arbitraries.ts'

const SEED = 20_261_124
const options = { seed: SEED, numRuns: 300 }

/** Factors that may share model, provider figures or nothing: fields are drawn from a small pool. */
const works: fc.Arbitrary<readonly Work[]> = fc
  .record({
    factors: fc.array(factor, { minLength: 2, maxLength: 3 }),
    grids: fc.array(grid, { minLength: 2, maxLength: 3 }),
  })
  .chain(({ factors, grids }) => {
    const named = factors.map((f, i): Factor => ({ ...f, id: `p/m${i}`, model: `m${i}` }))
    const hosted = named.map((f, i): Factor => ({ ...f, id: `q/m${i}`, pue: named[0]?.pue ?? f.pue }))
    const placed = grids.map((g, i) => ({ ...g, id: `G${i}` }))
    return fc.array(
      fc.record({ factor: fc.constantFrom(...named, ...hosted), grid: fc.constantFrom(...placed), activity }),
      { minLength: 2, maxLength: 8 },
    )
  })
const moves: fc.Arbitrary<readonly Move[]> = works.chain((list) =>
  fc.array(fc.record({ from: fc.constantFrom(...list), to: fc.constantFrom(...list) }), { minLength: 1, maxLength: 5 }),
)

const near = (actual: number, wanted: number, scale: number): void =>
  expect(Math.abs(actual - wanted)).toBeLessThanOrEqual(1e-9 * Math.max(scale, 1e-12))
const scaleOf = (c: Comparison, q: (typeof COMPARED)[number]): number => c.baseline[q].high + c.scenario[q].high

describe(`compareRanges (seed ${SEED})`, () => {
  test('a change of nothing differs by exactly 0', () => {
    fc.assert(
      fc.property(works, (list) => {
        const { difference } = compareRanges(list.map((w) => ({ from: w, to: { ...w } })))
        for (const q of COMPARED) expect(difference[q]).toEqual({ low: 0, central: 0, high: 0 })
      }),
      options,
    )
  })

  test('a swap of the sides turns the range around', () => {
    fc.assert(
      fc.property(moves, (list) => {
        const there = compareRanges(list)
        const back = compareRanges(list.map(({ from, to }) => ({ from: to, to: from })))
        for (const q of COMPARED) {
          const scale = scaleOf(there, q)
          near(back.difference[q].low, -there.difference[q].high, scale)
          near(back.difference[q].central, -there.difference[q].central, scale)
          near(back.difference[q].high, -there.difference[q].low, scale)
        }
      }),
      options,
    )
  })

  test('never wider than if the sides had nothing in common, and never turned inside out', () => {
    fc.assert(
      fc.property(moves, (list) => {
        const together = compareRanges(list)
        const apart = independent(together)
        for (const q of COMPARED) {
          const slack = 1e-9 * scaleOf(together, q)
          const d = together.difference[q]
          expect(d.low).toBeLessThanOrEqual(d.central)
          expect(d.high).toBeGreaterThanOrEqual(d.central)
          expect(d.low).toBeGreaterThanOrEqual(apart[q].low - slack)
          expect(d.high).toBeLessThanOrEqual(apart[q].high + slack)
        }
      }),
      options,
    )
  })

  test('the difference from nothing is the range of the other side, as /v1/usage combines it', () => {
    fc.assert(
      fc.property(works, (list) => {
        const gone = compareRanges(list.map((w) => ({ from: w, to: null })))
        const co2 = combineRanges(
          list.map((w) => ({
            class: w.factor.class,
            factor: w.factor.model,
            range: computeFootprint(compileCoefficients(w.factor, w.grid), w.activity).co2Kg,
          })),
        )
        expect(gone.baseline.co2Kg).toEqual(co2)
        expect(gone.scenario.co2Kg).toEqual({ low: 0, central: 0, high: 0 })
        near(gone.difference.co2Kg.low, -co2.high, co2.high)
        // A combined low is cut at 0, a distance is not.
        if (co2.low > 0) near(gone.difference.co2Kg.high, -co2.low, co2.high)
      }),
      options,
    )
  })

  test('the unit of work does not matter: twice the calls, twice the difference', () => {
    fc.assert(
      fc.property(moves, (list) => {
        const once = compareRanges(list)
        const twice = compareRanges(list.map(({ from, to }) => ({ from: doubled(from), to: doubled(to) })))
        for (const q of COMPARED) {
          for (const bound of ['low', 'central', 'high'] as const)
            near(twice.difference[q][bound], 2 * once.difference[q][bound], scaleOf(twice, q))
        }
      }),
      options,
    )
  })
})

describe('compareRanges by hand', () => {
  const quantity = (low: number, central: number, high: number, source = 's') => ({
    low,
    central,
    high,
    sources: [source],
  })
  const one = quantity(1, 1, 1)
  const zero = quantity(0, 0, 0)
  const base: Factor = {
    id: 'p/m',
    provider: 'p',
    model: 'm',
    name: 'm',
    class: 'large',
    tier: 'D',
    disclosed: true,
    energy: {
      form: 'tokens',
      boundary: 'it',
      base_wh: zero,
      wh_per_1k_in: zero,
      wh_per_1k_cache_read: zero,
      wh_per_1k_cache_write: zero,
      // A factor of 3 either way.
      wh_per_1k_out: quantity(1, 3, 9),
      wh_per_1k_in_squared: zero,
    },
    k_gpu_to_it: one,
    pue: one,
    wue_onsite_l_per_kwh_it: zero,
    embodied_g_per_kwh_it: zero,
  }
  const on = (g: number, id: string) => ({
    id,
    name: id,
    parent: null,
    year: 2025,
    basis: 'lifecycle-consumption' as const,
    g_per_kwh: quantity(g, g, g, id),
    water_offsite_l_per_kwh: zero,
    aliases: [],
  })

  test('the same model on another grid of exact intensity: the saving is as uncertain as the energy, no more', () => {
    // 1,000 kWh central: 400 kg on the one grid, 100 kg on the other; the energy may be a third or three times that.
    const work = { factor: base, activity: { ...call(0, 0), calls: 1, tokensOut: 1e9 / 3 } }
    const { baseline, scenario, difference } = compareRanges([
      { from: { ...work, grid: on(400, 'A') }, to: { ...work, grid: on(100, 'B') } },
    ])
    expect(baseline.co2Kg.central).toBeCloseTo(400, 9)
    expect(scenario.co2Kg.central).toBeCloseTo(100, 9)
    expect(difference.co2Kg.low).toBeCloseTo(-900, 9)
    expect(difference.co2Kg.central).toBeCloseTo(-300, 9)
    expect(difference.co2Kg.high).toBeCloseTo(-100, 9)
    expect(difference.kwh).toEqual({ low: 0, central: 0, high: 0 })
  })

  test('another model of the same class: same figure, not the same error', () => {
    const other: Factor = { ...base, id: 'p/n', model: 'n' }
    const work = { grid: on(400, 'A'), activity: { ...call(0, 0), tokensOut: 1e6 } }
    const { difference } = compareRanges([{ from: { ...work, factor: base }, to: { ...work, factor: other } }])
    // 3 kWh each: up 6, down 2, independent.
    expect(difference.kwh.central).toBe(0)
    expect(difference.kwh.high).toBeCloseTo(Math.hypot(6, 2), 9)
    expect(difference.kwh.low).toBeCloseTo(-Math.hypot(6, 2), 9)
  })

  test('a batch variant of the same model shares its energy; only the multiplier is new', () => {
    const batch: Factor = { ...base, id: 'p/m+batch', service_tier: 'batch', tier_multiplier: quantity(0.5, 0.8, 0.8) }
    const work = { grid: on(400, 'A'), activity: { ...call(0, 0), tokensOut: 1e6 } }
    const { difference } = compareRanges([{ from: { ...work, factor: base }, to: { ...work, factor: batch } }])
    expect(difference.kwh.central).toBeCloseTo(-0.6, 12)
    expect(difference.kwh.high).toBeLessThan(0)
    expect(difference.kwh.low).toBeGreaterThan(-3)
  })
})

const doubled = (work: Work | null): Work | null =>
  work === null
    ? null
    : {
        ...work,
        activity: Object.fromEntries(
          Object.entries(work.activity).map(([k, v]) => [k, 2 * v]),
        ) as unknown as Work['activity'],
      }

function independent({ baseline, scenario }: Comparison): Readonly<Record<(typeof COMPARED)[number], Range>> {
  const of = (q: (typeof COMPARED)[number]): Range => {
    const [b, s] = [baseline[q], scenario[q]]
    const central = s.central - b.central
    return {
      low: central - Math.hypot(s.central - s.low, b.high - b.central),
      central,
      high: central + Math.hypot(s.high - s.central, b.central - b.low),
    }
  }
  return { kwh: of('kwh'), waterL: of('waterL'), co2Kg: of('co2Kg') }
}
