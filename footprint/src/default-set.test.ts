/** The data that ships: complete, within the limits of the stored numbers, and near what others have published. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { compileCoefficients, computeFootprint, toUnits } from './compute.ts'
import { loadDefaultFactorSet } from './node.ts'
import { call } from './test-arbitraries.ts'

const set = loadDefaultFactorSet()
const footprint = (provider: string, model: string, region: string | null, tokensIn: number, tokensOut: number) => {
  const { factor } = set.resolveFactor(provider, model)
  const { grid } = set.resolveGrid(region, provider)
  return computeFootprint(compileCoefficients(factor, grid), call(tokensIn, tokensOut))
}
const wh = (...args: Parameters<typeof footprint>): number => footprint(...args).kwh.central * 1000

describe('the default set', () => {
  test('is the released one: a change of the data needs a new version', () => {
    expect({ id: set.id, checksum: set.checksum }).toMatchInlineSnapshot(`
      {
        "checksum": "88c86cedb78f58d16a82a511ea383e04086a80686755d81b4174fb61c04633ee",
        "id": "ecomind-defaults@2026.11.2",
      }
    `)
  })

  test('covers at least 100 models of 10 makers and 50 grids', () => {
    expect(set.definition.models.length).toBeGreaterThanOrEqual(100)
    expect(new Set(set.definition.models.map((m) => m.vendor)).size).toBeGreaterThanOrEqual(10)
    expect(set.grids.length).toBeGreaterThanOrEqual(50)
    expect(set.gridById('US-CAISO')?.name).toContain('California')
  })

  test('uses one basis for all grids, but for the groups and the few countries that only Ember has', () => {
    const others = set.grids.filter((g) => g.basis !== 'lifecycle-consumption')
    const groups = 'AFRICA ASEAN ASIA EU EUROPE LATIN-AMERICA MIDDLE-EAST NORTH-AMERICA OCEANIA WORLD'
    const countries = 'AS CK GD KI KN MS NR RU TC UA VG'
    expect(others.map((g) => g.id).sort()).toEqual(`${groups} ${countries}`.split(' ').sort())
    expect(new Set(others.map((g) => g.basis))).toEqual(new Set(['lifecycle-production']))
  })

  test('lists no source that nothing cites', () => {
    const text = JSON.stringify({ ...set.definition, sources: [] })
    const data = ['cloud_regions', 'grid_intensity.official', 'grid_intensity.ember'].map((name) =>
      readFileSync(new URL(`../data/${name}.yaml`, import.meta.url), 'utf8'),
    )
    const unused = set.sources.filter(
      (s) => !text.includes(`"${s.id}"`) && !data.some((d) => d.includes(`source: ${s.id}`)),
    )
    expect(unused.map((s) => s.id)).toEqual([])
  })

  test('keeps the largest event of the contract within the stored integers, on the grids with most water and CO2e', () => {
    const tokens = 10_000_000
    const largest = { ...call(tokens, tokens), tokensReasoningSeparate: tokens }
    const highest = (field: 'g_per_kwh' | 'water_offsite_l_per_kwh') =>
      set.grids.reduce((a, b) => (b[field].high > a[field].high ? b : a))
    for (const grid of [highest('g_per_kwh'), highest('water_offsite_l_per_kwh')])
      for (const factor of set.factors) {
        const units = toUnits(computeFootprint(compileCoefficients(factor, grid), largest))
        expect(Math.max(units.kwhHigh, units.waterLHigh, units.co2KgHigh)).toBeLessThan(Number.MAX_SAFE_INTEGER)
      }
  })

  test('gives every factor a low above 0 for a call without tokens', () => {
    for (const factor of set.factors) {
      const grid = set.gridById('WORLD')
      if (grid === undefined) throw new Error('WORLD is missing')
      expect(toUnits(computeFootprint(compileCoefficients(factor, grid), call(0, 0))).kwhLow).toBeGreaterThan(0)
    }
  })
})

describe('the default set is near published values:', () => {
  test('Oviedo et al. 2026, above 200B, 500 in and 300 out: 0.31 Wh, interquartile range 0.16-0.60', () => {
    for (const model of ['gpt-4o', 'gpt-4.1', 'claude-sonnet-4.5']) {
      expect(wh('openai', model, 'US', 500, 300)).toBeGreaterThan(0.16)
      expect(wh('openai', model, 'US', 500, 300)).toBeLessThan(0.6)
    }
  })
  test('Oviedo et al. 2026, 5,000 out: 3.91 Wh, interquartile range 2.15-7.05', () => {
    expect(wh('openai', 'gpt-4o', 'US', 500, 5000)).toBeGreaterThan(2.15)
    expect(wh('openai', 'gpt-4o', 'US', 500, 5000)).toBeLessThan(7.05)
  })
  test('Epoch AI 2025, GPT-4o: 2.5 Wh with 10,000 tokens in and 40 Wh with 100,000 (pessimistic) are within our range', () => {
    for (const [tokensIn, published] of [
      [10_000, 2.5],
      [100_000, 40],
    ] as const) {
      const { kwh } = footprint('openai', 'gpt-4o', 'US', tokensIn, 500)
      expect(kwh.low * 1000).toBeLessThan(published)
      expect(kwh.high * 1000).toBeGreaterThan(published)
    }
  })
  test('Google 2025, median Gemini Apps prompt: 0.24 Wh and 0.26 mL', () => {
    const prompt = footprint('google', 'gemini-apps', 'US', 0, 0)
    expect(prompt.kwh.central * 1000).toBeCloseTo(0.24, 2)
    expect(prompt.waterL.central * 1000).toBeCloseTo(0.26, 2)
  })
  test('OpenAI 2025, average query: 0.34 Wh and 0.32 mL', () => {
    const query = footprint('openai', 'chatgpt', 'US', 0, 0)
    expect(query.kwh.central * 1000).toBeCloseTo(0.34, 2)
    expect(query.waterL.central * 1000).toBeCloseTo(0.32, 2)
  })
  test('Jegham et al. 2025, GPT-4o, 100 in and 300 out: 0.42 Wh is within a factor of 1.5', () => {
    expect(wh('openai', 'gpt-4o', 'US', 100, 300)).toBeGreaterThan(0.42 / 1.5)
    expect(wh('openai', 'gpt-4o', 'US', 100, 300)).toBeLessThan(0.42 * 1.5)
  })
  test('ML.ENERGY 2025, Llama 3.1 8B: 0.119 J per output token of the GPUs is 0.052 Wh per 1,000 tokens of IT energy', () => {
    const { factor } = set.resolveFactor('groq', 'llama-3.1-8b')
    const perToken = wh('groq', 'llama-3.1-8b', 'US', 0, 1000) - wh('groq', 'llama-3.1-8b', 'US', 0, 0)
    expect(perToken / factor.pue.central).toBeCloseTo(0.052, 3)
  })
  test('EcoLogits, Mistral Small, 400 out: 0.0282 Wh on one accelerator is at the low end of our range', () => {
    const { kwh } = footprint('mistral', 'mistral-small', 'SE', 0, 400)
    expect(kwh.low * 1000).toBeLessThan(0.0282 * 1.05)
    expect(kwh.high * 1000).toBeGreaterThan(0.0282)
  })
  test('water of a GPT-4o answer is above Google (0.26 mL, on-site only) and below Li et al. 2025 (16.9 mL, GPT-3)', () => {
    const water = footprint('openai', 'gpt-4o', 'US', 500, 300)
    expect(water.waterL.central * 1000).toBeGreaterThan(0.26)
    expect(water.waterL.central * 1000).toBeLessThan(16.9)
    expect(water.waterOffsiteL.central).toBeGreaterThan(water.waterOnsiteL.central)
  })
})
