/** The site of a cloud region goes before the provider's fleet, in every number and only once. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareRanges } from './compare-ranges.ts'
import { compileCoefficients, computeFootprint } from './compute.ts'
import type { Grid, Site } from './definition.ts'
import { atSite } from './site.ts'
import { activity, factorWith, grid, tokenEnergy } from './test-arbitraries.ts'

const siteWith = (pue: number, wue: number): Site => ({
  cloud: 'aws',
  pue: { low: pue, central: pue, high: pue, sources: ['s'] },
  pue_of: 'site',
  wue_onsite_l_per_kwh_it: { low: wue, central: wue, high: wue, sources: ['s'] },
  wue_of: 'site',
  wue_basis: 'withdrawal',
})
const it = fc.record({
  factor: factorWith(tokenEnergy.map((e) => ({ ...e, boundary: 'it' as const }))),
  grid,
  activity,
  pue: fc.double({ min: 1, max: 2, noNaN: true }),
  wue: fc.double({ min: 0.01, max: 3, noNaN: true }),
})

test('energy is IT energy times the PUE of the site, on-site water is IT energy times its water use', () => {
  fc.assert(
    fc.property(it, ({ factor, grid: plain, activity: a, pue, wue }) => {
      const there: Grid = { ...plain, site: siteWith(pue, wue) }
      const bare: Grid = { ...plain, site: siteWith(1, 1) }
      const itKwh = computeFootprint(compileCoefficients(factor, bare), a).kwh.central
      const footprint = computeFootprint(compileCoefficients(factor, there), a)
      expect(footprint.kwh.central).toBeCloseTo(itKwh * pue, 6)
      expect(footprint.waterOnsiteL.central).toBeCloseTo(itKwh * wue, 6)
      expect(footprint.co2UseKg.central).toBeCloseTo((itKwh * pue * plain.g_per_kwh.central) / 1000, 6)
    }),
  )
})

test('a site that repeats the figures of the provider changes nothing, and taking it twice neither', () => {
  fc.assert(
    fc.property(it, ({ factor, grid: plain, pue, wue }) => {
      const site: Site = {
        ...siteWith(pue, wue),
        pue: factor.pue,
        wue_onsite_l_per_kwh_it: factor.wue_onsite_l_per_kwh_it,
      }
      const there = { ...plain, site }
      expect(compileCoefficients(factor, there)).toEqual(compileCoefficients(factor, plain))
      expect(atSite(atSite(factor, there), there)).toEqual(atSite(factor, there))
    }),
  )
})

test('what differs between two sites is not taken for a shared error', () => {
  fc.assert(
    fc.property(it, ({ factor, grid: plain, activity: a }) => {
      const wide = { low: 1, central: 1.5, high: 2, sources: ['s'] }
      const one: Grid = { ...plain, site: { ...siteWith(1.5, 1), pue: wide } }
      const other: Grid = { ...plain, site: { ...siteWith(1.5, 1), pue: { ...wide, sources: ['t'] } } }
      const same = compareRanges([{ from: { factor, grid: one, activity: a }, to: { factor, grid: one, activity: a } }])
      const apart = compareRanges([
        { from: { factor, grid: one, activity: a }, to: { factor, grid: other, activity: a } },
      ])
      const width = (c: typeof same): number => c.difference.kwh.high - c.difference.kwh.low
      expect(width(same)).toBeCloseTo(0, 9)
      expect(width(apart)).toBeGreaterThan(width(same))
    }),
  )
})
