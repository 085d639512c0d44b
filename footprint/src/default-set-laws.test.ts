/** Laws that the data must keep, not only the code. On failure fast-check prints the seed to run it again. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileCoefficients, computeFootprint, toUnits } from './compute.ts'
import { loadDefaultFactorSet } from './node.ts'
import { call } from './test-arbitraries.ts'

describe('the default set', () => {
  const set = loadDefaultFactorSet()
  test('never charges a cached token more than a fresh one, for every factor on any grid', () => {
    const grids = fc.constantFrom(...set.grids)
    fc.assert(
      fc.property(grids, fc.nat(1e6), fc.nat(1e6), (g, fresh, cached) => {
        for (const f of set.factors) {
          const coefficients = compileCoefficients(f, g)
          const uncached = computeFootprint(coefficients, call(fresh + cached, 10))
          const read = computeFootprint(coefficients, { ...call(fresh + cached, 10), tokensCacheRead: cached })
          for (const quantity of ['kwh', 'waterL', 'co2Kg'] as const)
            for (const band of ['low', 'central', 'high'] as const)
              expect(read[quantity][band]).toBeLessThanOrEqual(uncached[quantity][band] * (1 + 1e-12))
        }
      }),
      { numRuns: 5 },
    )
  })

  test('gives batch and flex variants to every factor, and no others', () => {
    for (const f of set.factors) {
      const { factor: standard } = set.resolveFactor(f.provider, f.model)
      const { factor: batch, flags } = set.resolveFactor(f.provider, f.model, 'BATCH')
      expect(batch.id).toBe(`${standard.id}+batch`)
      expect(set.factorById(batch.id)).toEqual(batch)
      expect(flags.map((x) => x.code)).toContain('service_tier_estimated')
      expect(set.resolveFactor(f.provider, f.model, 'priority').factor).toBe(standard)
    }
    expect(set.factorById('openai/gone+batch')).toBeUndefined()
    expect(set.factorById('openai/gpt-4o+priority')).toBeUndefined()
  })

  test('keeps central values of the largest event below the largest stored number, hidden reasoning and all', () => {
    const tokens = 10_000_000
    const largest = { ...call(tokens, tokens), tokensOutReasoningHidden: tokens }
    const wettest = set.grids.reduce((a, b) =>
      b.water_offsite_l_per_kwh.central > a.water_offsite_l_per_kwh.central ? b : a,
    )
    for (const f of set.factors) {
      const units = toUnits(computeFootprint(compileCoefficients(f, wettest), largest))
      expect(Math.max(units.kwh, units.waterL, units.co2Kg)).toBeLessThan(Number.MAX_SAFE_INTEGER)
    }
  })

  test('gives every source a link and a licence', () => {
    for (const { id, url, licence } of set.sources) {
      expect([id, url]).toEqual([id, expect.stringMatching(/^https?:\/\//)])
      expect(licence).not.toBe('')
    }
  })
})
