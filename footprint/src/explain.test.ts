import { explainAnswer } from '@ecomind/schemas'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { compileCoefficients, computeFootprint, toUnits } from './compute.ts'
import { explain } from './explain.ts'
import type { FactorSet } from './factor.ts'
import { loadDefaultFactorSet } from './node.ts'
import { recompute } from './recompute.ts'
import { activity, anyGrid, call, factor } from './test-arbitraries.ts'

const source = { id: 's', title: 'S', year: 2025, licence: 'CC0', share_alike: false }

describe('explain', () => {
  test('recomputes to exactly the stored units from its formulas and inputs alone, for any factor, grid and activity', () => {
    fc.assert(
      fc.property(factor, anyGrid, activity, (f, g, a) => {
        const match = { factor: f, kind: 'exact', flags: [] } as const
        const gridMatch = { grid: g, kind: 'exact', region: g.id, inferred: false, flags: [] } as const
        const explained = explain(match, gridMatch, a, [source])
        // Through JSON, as the reader of the API gets it.
        const steps = JSON.parse(JSON.stringify(explained.steps))
        const stored = toUnits(computeFootprint(compileCoefficients(f, g), a))
        expect(recompute(steps)).toEqual(stored)
        expect(explained.units).toEqual(stored)
      }),
      { numRuns: 2000 },
    )
  }, 60_000)

  test('notices an input that is not the one that was computed with', () => {
    fc.assert(
      fc.property(factor, anyGrid, activity, (f, g, a) => {
        const match = { factor: f, kind: 'exact', flags: [] } as const
        const gridMatch = { grid: g, kind: 'exact', region: g.id, inferred: false, flags: [] } as const
        const { steps, units } = explain(match, gridMatch, a, [source])
        fc.pre(units.kwh > 1000)
        const changed = steps.map((s) => ({
          ...s,
          inputs: s.inputs.map((i) =>
            i.name === 'pue' ? { ...i, value: { ...i.value, central: i.value.central * 1.01 } } : i,
          ),
        }))
        const usesPue = steps.some((s) => s.id === 'kwh' && s.inputs.some((i) => i.name === 'pue'))
        if (usesPue) expect(recompute(changed).kwh).not.toBe(units.kwh)
      }),
    )
  })
})

describe('explain with the default set', () => {
  let set: FactorSet
  beforeAll(() => {
    set = loadDefaultFactorSet()
  })
  const explained = (provider: string, model: string, region: string | null, tokensIn = 100, tokensOut = 50) =>
    explain(
      set.resolveFactor(provider, model),
      set.resolveGrid(region, provider),
      call(tokensIn, tokensOut),
      set.sources,
    )

  test('has the shape of the API answer, with every source that a number cites', () => {
    const answer = explained('openai', 'gpt-4o', 'US-CAISO')
    const shape = explainAnswer.pick({ factor: true, grid: true, steps: true, sources: true, flags: true })
    expect(shape.safeParse(answer).error).toBeUndefined()
    const cited = new Set(answer.steps.flatMap((s) => s.inputs.flatMap((i) => i.source_ids)))
    expect(new Set(answer.sources.map((s) => s.id))).toEqual(cited)
    expect(cited.has('electricity-maps-2025')).toBe(true)
    expect(cited.has('egrid-2023')).toBe(true)
  })

  test('gives every uncertain input a source, and every event number a range of one point', () => {
    for (const s of explained('openai', 'gpt-4o', 'US-CAISO').steps)
      for (const i of s.inputs)
        if (i.source_ids.length === 0 && !s.id.startsWith('water') && !s.id.startsWith('co2'))
          expect(i.value.low).toBe(i.value.high)
  })

  test('leaves out the terms of nothing and still explains a call without tokens', () => {
    const answer = explained('openai', 'gpt-4o', 'US', 0, 0)
    expect(answer.steps.find((s) => s.id === 'kwh')?.formula).toBe('calls * spread(base_wh * pue / 1000)')
    expect(answer.units.kwh).toBeGreaterThan(0)
  })

  test('says what is weak about a number', () => {
    const codes = (...args: Parameters<typeof explained>) => explained(...args).flags.map((f) => f.code)
    expect(codes('openai', 'gpt-4o', null)).toEqual(['model_size_undisclosed', 'region_inferred'])
    expect(codes('groq', 'claude-opus-4', 'DE')).toEqual(['model_size_undisclosed', 'host_unlisted'])
    expect(codes('nobody', 'whatever', 'nowhere')).toEqual(['model_unknown', 'provider_unknown', 'region_unknown'])
    expect(codes('openai', 'gpt-7-mini', 'US-CAISO')).toEqual(['model_guessed_by_class'])
    expect(codes('bedrock', 'meta.llama3-1-8b-instruct-v1:0', 'us-east-1', 300_000)).toEqual(['long_context_capped'])
    expect(codes('google', 'gemini-apps', 'FR')).toContain('per_call_factor')
  })
})
