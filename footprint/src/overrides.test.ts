import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileCoefficients, computeFootprint, toUnits } from './compute.ts'
import { explain } from './explain.ts'
import { loadDefaultFactorSet } from './node.ts'
import { type FactorOverride, factorOverride } from './override.ts'
import { applyOverrides, resolveCall } from './overrides.ts'
import { recompute } from './recompute.ts'
import { restoreMatch, storedMatchOf } from './restore-match.ts'
import { activity as anyActivity } from './test-arbitraries.ts'

const base = loadDefaultFactorSet()
const exactly = (value: number) => ({ low: value, central: value, high: value })

const override = (fields: Partial<FactorOverride> = {}): FactorOverride => ({
  id: 'ov1',
  version: 1,
  provider: 'openai',
  model: 'gpt-4o',
  energy: { form: 'call', boundary: 'it', kwh_per_call: { low: 0.001, central: 0.002, high: 0.004 } },
  valid_from_ms: 1000,
  valid_to_ms: 2000,
  tier: 'B',
  evidence: { text: 'Measured in our own rack', url: 'https://example.org/report', year: 2026 },
  ...fields,
})
const call = { provider: 'openai', model: 'gpt-4o', region: 'FR', serviceTier: null, tsMs: 1500 }
const activity = {
  calls: 1,
  tokensIn: 1000,
  tokensInSquared: 1_000_000,
  tokensCacheRead: 0,
  tokensCacheWrite: 0,
  tokensOut: 500,
  tokensReasoningSeparate: 0,
  tokensOutReasoningHidden: 0,
}
const matchOf = (overrides: readonly FactorOverride[], asked: Partial<typeof call> = {}) =>
  applyOverrides(base, 'org', 3, overrides).resolveCall({ ...call, ...asked })
const overrideOf = (overrides: readonly FactorOverride[], asked: Partial<typeof call> = {}): string | undefined =>
  /^override\/([^/]+)\//.exec(matchOf(overrides, asked).factor.factor.id)?.[1]

describe('applyOverrides', () => {
  test.each([
    ['just before its start', 999, undefined],
    ['at its start', 1000, 'ov1'],
    ['just before its end', 1999, 'ov1'],
    ['at its end', 2000, undefined],
  ])('%s', (_when, tsMs, expected) => {
    expect(overrideOf([override()], { tsMs })).toBe(expected)
  })

  test('one without an end stays', () => {
    expect(overrideOf([override({ valid_to_ms: null })], { tsMs: 9e15 })).toBe('ov1')
  })

  test.each([
    ['another spelling', { model: 'OpenAI/GPT-4o' }, 'ov1'],
    ['another model', { model: 'gpt-4o-mini' }, undefined],
    ['another provider', { provider: 'azure' }, undefined],
    ['an alias of the provider', { provider: 'OpenAI' }, 'ov1'],
  ])('matches %s: %j', (_name, asked, expected) => {
    expect(overrideOf([override()], asked)).toBe(expected)
  })

  test('a name goes before a pattern, and the longer pattern before the shorter', () => {
    const all = [
      override({ id: 'a', model: '*gpt*' }),
      override({ id: 'b', model: 'gpt-4o*' }),
      override({ id: 'c', model: 'gpt-4o' }),
    ]
    expect(overrideOf(all)).toBe('c')
    expect(overrideOf(all.slice(0, 2))).toBe('b')
    expect(overrideOf(all, { model: 'gpt-3.5-turbo' })).toBe('a')
  })

  test('a model and a provider that the set does not know can be stated', () => {
    const own = override({ provider: 'our_cluster', model: 'house-model-*', pue: exactly(1.1) })
    const { factor } = matchOf([own], { provider: 'Our Cluster', model: 'House-Model-7' })
    expect(factor.kind).toBe('override')
    expect(factor.factor.pue.central).toBe(1.1)
  })

  test('kwh_per_call is the plain form: kWh = kwh_per_call x PUE, whatever the tokens', () => {
    const { factor, grid } = matchOf([override({ pue: exactly(1.25) })])
    const { kwh } = computeFootprint(compileCoefficients(factor.factor, grid.grid), activity)
    expect(kwh.central).toBeCloseTo(0.0025, 15)
    expect(factor.factor.class).toBe(base.resolveFactor('openai', 'gpt-4o').factor.class)
  })

  test('a PUE that the organisation states goes before that of the cloud region', () => {
    const region = base.grids.find((g) => g.site !== undefined && g.site.pue.central !== 1.5)?.id ?? 'none'
    const energy = { form: 'call', boundary: 'it', kwh_per_call: exactly(1) } as const
    const kwhOf = (fields: Partial<FactorOverride>): number => {
      const { factor, grid } = matchOf([override({ energy, ...fields })], { region })
      expect(grid.grid.site).toBeDefined()
      return computeFootprint(compileCoefficients(factor.factor, grid.grid), activity).kwh.central
    }
    expect(kwhOf({ pue: exactly(1.5) })).toBeCloseTo(1.5, 12)
    expect(kwhOf({})).toBeCloseTo(base.gridById(region)?.site?.pue.central ?? 0, 12)
  })

  test('cached tokens take as much as fresh ones unless the override says otherwise', () => {
    const energy = {
      form: 'tokens',
      boundary: 'facility',
      base_wh: exactly(0),
      wh_per_1k_in: exactly(2),
      wh_per_1k_out: exactly(0),
    } as const
    const { factor, grid } = matchOf([override({ energy })])
    const coefficients = compileCoefficients(factor.factor, grid.grid)
    const half = computeFootprint(coefficients, { ...activity, tokensCacheRead: 400, tokensCacheWrite: 100 })
    expect(half.kwh.central).toBeCloseTo(0.002, 15)
  })

  test('a call that names no region is served where the override says', () => {
    const stated = matchOf([override({ region: 'SE' })], { region: '' })
    expect(stated.grid).toMatchObject({ grid: { id: 'SE' }, inferred: false })
    expect(matchOf([override({ region: 'SE' })], { region: 'FR' }).grid.grid.id).toBe('FR')
  })

  test('what it does not match is computed as in the set', () => {
    const asked = { ...call, model: 'gpt-4o-mini' }
    expect(matchOf([override()], asked)).toEqual(resolveCall(base, asked))
  })

  test('the id names base, organisation and number of changes, and other content gives another', () => {
    const set = applyOverrides(base, 'org', 3, [override()])
    expect(set.id).toMatch(new RegExp(`^${base.id.replaceAll('.', '\\.')}\\+org\\.3-[0-9a-f]{8}$`))
    expect(applyOverrides(base, 'org', 3, [override({ model: 'gpt-4' })]).id).not.toBe(set.id)
    expect(set.changesMs).toEqual([1000, 2000])
  })

  test('explained steps cite the evidence and compute the stored numbers again, at every tier', () => {
    const set = applyOverrides(base, 'org', 1, [override({ pue: exactly(1.2) })])
    fc.assert(
      fc.property(anyActivity, fc.constantFrom(null, 'batch', 'flex'), (random, serviceTier) => {
        const { factor, grid } = set.resolveCall({ ...call, serviceTier })
        const explanation = explain(factor, grid, random, set.sources)
        const stored = toUnits(computeFootprint(compileCoefficients(factor.factor, grid.grid), random))
        expect(recompute(explanation.steps)).toEqual(stored)
        if (random.calls > 0) expect(explanation.sources.map((s) => s.title)).toContain('Measured in our own rack')
        expect(explanation.flags.map((f) => f.code)).toContain('org_override')
      }),
    )
  })

  test('a stored match is found again, and only in the set it was made with', () => {
    const set = applyOverrides(base, 'org', 1, [override()])
    const { factor, grid } = set.resolveCall({ ...call, serviceTier: 'batch' })
    const stored = storedMatchOf(factor, grid)
    expect(restoreMatch(set, stored)).toEqual({ factor, grid })
    expect(restoreMatch(base, stored)).toBeUndefined()
    const later = applyOverrides(base, 'org', 2, [override({ version: 2 })])
    expect(restoreMatch(later, stored)).toBeUndefined()
  })
})

describe('factorOverride', () => {
  test.each([
    ['low above central', { energy: { form: 'call', boundary: 'it', kwh_per_call: { low: 2, central: 1, high: 3 } } }],
    ['an end before its start', { valid_to_ms: 1000 }],
    ['a model of wildcards alone', { model: '**' }],
    ['a PUE below 1', { pue: exactly(0.9) }],
    ['no evidence', { evidence: { text: '', year: 2026 } }],
  ])('refuses %s', (_name, fields) => {
    expect(factorOverride.safeParse({ ...override(), ...fields }).success).toBe(false)
    expect(factorOverride.safeParse(override()).success).toBe(true)
  })
})
