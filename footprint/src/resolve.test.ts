import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileCoefficients, computeFootprint, toUnits } from './compute.ts'
import type { TokenEnergy } from './definition.ts'
import { guessClass, statedParamsB } from './guess-class.ts'
import { loadDefaultFactorSet } from './node.ts'
import { call } from './test-arbitraries.ts'

const set = loadDefaultFactorSet()
/** The class of embeddings that names are guessed to be of. */
const embedding = guessClass(set.definition.classes, 'some-embedding')?.id

describe('resolveFactor', () => {
  test.each([
    ['openai', 'gpt-4o', 'openai/gpt-4o', 'exact'],
    ['OpenAI', 'GPT-4o', 'openai/gpt-4o', 'exact'],
    ['openai', 'gpt-4o-2024-08-06', 'openai/gpt-4o', 'alias'],
    ['openai', 'gpt-4o-2031-01-01', 'openai/gpt-4o', 'alias'],
    ['openai', 'gpt-4o-mini-search-preview', 'openai/gpt-4o-mini', 'pattern'],
    ['openai', 'gpt-4o-transcribe', 'openai/gpt-4o', 'pattern'],
    ['openai', 'gpt-5.3-codex-mini', 'openai/gpt-5-mini', 'pattern'],
    ['openai', 'ft:gpt-4.1-nano-2025-04-14:acme::x', 'openai/gpt-4.1-nano', 'alias'],
    ['Azure_OpenAI', 'gpt-35-turbo', 'azure/gpt-3.5-turbo', 'alias'],
    ['az.ai.openai', 'gpt-4.1-mini', 'azure/gpt-4.1-mini', 'exact'],
    ['anthropic', 'claude-3-5-haiku-20241022', 'anthropic/claude-3.5-haiku', 'alias'],
    ['anthropic', 'claude-opus-4-1-20250805', 'anthropic/claude-opus-4', 'alias'],
    ['anthropic', 'claude-opus-4-5-20251101', 'anthropic/claude-opus-4.5', 'alias'],
    ['bedrock', 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0', 'bedrock/claude-sonnet-4.5', 'alias'],
    ['aws.bedrock', 'meta.llama3-1-70b-instruct-v1:0', 'bedrock/llama-3.1-70b', 'alias'],
    ['bedrock', 'amazon.nova-pro-v1:0', 'bedrock/nova-pro', 'alias'],
    ['vertex_ai', 'gemini-2.5-flash-lite', 'google/gemini-2.5-flash-lite', 'exact'],
    ['google', 'gemini-1.5-flash-8b-001', 'google/gemini-1.5-flash-8b', 'alias'],
    ['mistral', 'mistral-large-latest', 'mistral/mistral-large-3', 'alias'],
    ['mistral', 'mistral-large-2411', 'mistral/mistral-large-2', 'alias'],
    ['groq', 'llama-3.3-70b-versatile', 'groq/llama-3.3-70b', 'alias'],
    ['together', 'meta-llama/Meta-Llama-3.1-405B-Instruct-Turbo', 'together/llama-3.1-405b', 'alias'],
    ['deepseek', 'deepseek-reasoner', 'deepseek/deepseek-r1', 'alias'],
    ['cohere', 'command-r-plus-08-2024', 'cohere/command-r-plus', 'alias'],
    ['openai', 'text-embedding-3-small', 'openai/text-embedding-3-small', 'exact'],
    ['nobody', 'gpt-4o', 'other/gpt-4o', 'exact'],
    ['openai', 'gpt-9-mini', 'openai/class-small', 'class'],
    ['anthropic', 'claude-opus-9', 'anthropic/class-frontier', 'class'],
    ['ollama', 'eagle-180b', 'self-hosted/class-large', 'class'],
    ['voyage', 'voyage-large-embedding', `voyage/class-${embedding}`, 'class'],
    ['openai', 'gpt-9-thinking', 'openai/class-large-reasoning', 'class'],
    ['azure', 'prod-gpt-4o-mini-eastus', 'azure/gpt-4o-mini', 'pattern'],
    ['azure', 'zeta-o3-mini-pro', 'azure/class-small-reasoning', 'class'],
    ['anthropic', 'zeppelin', 'anthropic/unknown', 'unknown'],
    ['', '', 'other/unknown', 'unknown'],
  ])('finds %s %s as %s (%s)', (provider, model, id, kind) => {
    const match = set.resolveFactor(provider, model)
    expect([match.factor.id, match.kind]).toEqual([id, kind])
  })

  test('never throws and never gives 0, whatever the names and the region', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 128 }),
      fc.constantFrom('openai', 'gpt-4o', '__proto__', '/'),
    )
    fc.assert(
      fc.property(text, text, fc.oneof(text, fc.constant(null)), (provider, model, region) => {
        const { factor } = set.resolveFactor(provider, model)
        const { grid } = set.resolveGrid(region, provider)
        const units = toUnits(computeFootprint(compileCoefficients(factor, grid), call(0, 0)))
        expect(Math.min(units.kwhLow, units.waterLLow, units.co2KgLow)).toBeGreaterThan(0)
      }),
      { numRuns: 1000 },
    )
  })

  test('gives an unknown model the range from the low of a small one to the high of a large one, and flags it', () => {
    const unknown = set.definition.unknown_model
    const energyOf = (id: string): TokenEnergy | undefined => set.definition.classes.find((c) => c.id === id)?.energy
    const [small, large] = [energyOf('small'), energyOf('large')]
    if (small === undefined || large === undefined) throw new Error('the classes small and large were wanted')
    for (const field of ['base_wh', 'wh_per_1k_in', 'wh_per_1k_out', 'wh_per_1k_cache_read'] as const) {
      expect(unknown[field].low).toBeLessThanOrEqual(small[field].low)
      expect(unknown[field].high).toBeGreaterThanOrEqual(large[field].high)
    }
    expect(set.resolveFactor('openai', 'zeppelin').flags.map((f) => f.code)).toEqual(['model_unknown'])
  })

  test('gives a guessed class a wider range than the class has, and tier E', () => {
    const guess = set.resolveFactor('openai', 'gpt-9-mini').factor
    const known = set.resolveFactor('openai', 'gpt-4o-mini').factor
    if (guess.energy.form !== 'tokens' || known.energy.form !== 'tokens')
      throw new Error('factors per token were wanted')
    expect(guess.tier).toBe('E')
    expect(guess.energy.wh_per_1k_out.low).toBeLessThan(known.energy.wh_per_1k_out.low)
    expect(guess.energy.wh_per_1k_out.high).toBeGreaterThan(known.energy.wh_per_1k_out.high)
  })

  test('reads the size that a name states before its words', () => {
    expect(statedParamsB('mixtral-8x22b-instruct')).toBe(176)
    expect(statedParamsB('llama-3.2-1.5b')).toBe(1.5)
    expect(statedParamsB('gpt-4')).toBeUndefined()
    const classOf = (name: string) => guessClass(set.definition.classes, name)?.id
    expect(classOf('some-2b')).toBe('nano')
    expect(classOf('big-mini-671b')).toBe('frontier')
    expect(classOf('new-flash-pro')).toBe('small')
    expect(classOf('new-pro')).toBe('frontier')
    expect(classOf('minimal')).toBeUndefined()
  })
})
