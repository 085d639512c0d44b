import type { Activity } from '@ecomind/footprint'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import { describe, expect, test } from 'vitest'
import type { PlacedWork } from '../work/ask-work.ts'
import { SUGGESTIONS_MAX, suggest } from './suggest.ts'

const set = loadDefaultFactorSet()

const activity = (calls: number, tokensIn: number, tokensOut: number): Activity => ({
  calls,
  tokensIn: calls * tokensIn,
  tokensInSquared: calls * tokensIn ** 2,
  tokensCacheRead: 0,
  tokensCacheWrite: 0,
  tokensOut: calls * tokensOut,
  tokensReasoningSeparate: 0,
  tokensOutReasoningHidden: 0,
})

const NOTHING = { low: 0, central: 0, high: 0 }

function work(provider: string, model: string, region: string, done: Activity, tier?: string): PlacedWork {
  const { factor } = set.resolveFactor(provider, model, tier)
  const { grid } = set.resolveGrid(region, provider)
  const stored = { kwh: NOTHING, waterL: NOTHING, co2Kg: NOTHING }
  const names = { provider, model, region, factorSet: set.id, factorId: factor.id, gridId: grid.id }
  return { period: 0, lastMs: 0, ...names, activity: done, stored, set, factor, grid }
}

const kinds = (list: readonly PlacedWork[]): string[] => suggest(list).map((s) => s.kind)

describe('suggest', () => {
  test('a large model with long input in a dirty region of a cloud: at most three, the largest saving first', () => {
    const items = suggest([work('azure', 'gpt-4o', 'eastus', activity(1000, 5000, 500))])
    expect(items).toHaveLength(SUGGESTIONS_MAX)
    const savings = items.map((i) => i.difference.co2_kg.central)
    expect(savings).toEqual([...savings].sort((a, b) => a - b))
    expect(savings.every((s) => s < 0)).toBe(true)
  })

  test.each([
    ['openai', 'gpt-4o', 'gpt-4o-mini'],
    ['anthropic', 'claude-sonnet-4.5', 'claude-haiku-4.5'],
    ['google', 'gemini-2.5-pro', 'gemini-2.5-flash'],
  ])('at %s the smaller model of %s is %s, and it says that its quality is another', (provider, model, smaller) => {
    const item = suggest([work(provider, model, 'US-CAISO', activity(1000, 100, 500))]).find(
      (s) => s.kind === 'smaller_model',
    )
    expect(item?.change).toEqual({ model: smaller })
    expect(item?.assumptions.join(' ')).toContain('not the same quality')
  })

  test('a provider that lets nobody choose is only moved to regions in which it is already used', () => {
    const only = [work('openai', 'gpt-4o-mini', 'PL', activity(1000, 100, 500))]
    expect(kinds(only)).not.toContain('cleaner_region')
    const two = [...only, work('openai', 'gpt-4o-mini', 'FR', activity(1, 100, 500))]
    const item = suggest(two).find((s) => s.kind === 'cleaner_region')
    expect(item).toMatchObject({ change: { region: 'FR' }, filter: ['region:PL'], calls: 1000 })
  })

  test('a region that events state in an odd spelling is named by its grid', () => {
    const spelt = [
      work('openai', 'gpt-4o', 'PL', activity(1000, 100, 500)),
      work('openai', 'gpt-4o', ' france', activity(1, 1, 1)),
    ]
    const item = suggest(spelt).find((s) => s.kind === 'cleaner_region')
    expect(item?.title).toBe('Serve openai from FR (France)')
    expect(item).toMatchObject({ change: { region: 'FR' }, filter: ['region:PL'] })
  })

  test('short input is not said to be worth a cache, nor work that already reads one', () => {
    expect(kinds([work('openai', 'gpt-4o-mini', 'FR', activity(1000, 500, 10))])).not.toContain('more_cache')
    const cached = { ...activity(1000, 50_000, 10), tokensCacheRead: 1000 * 40_000 }
    expect(kinds([work('openai', 'gpt-4o-mini', 'FR', cached)])).not.toContain('more_cache')
    expect(kinds([work('openai', 'gpt-4o-mini', 'FR', activity(1000, 50_000, 10))])).toContain('more_cache')
  })

  test('the smallest model of all, already batched and served from the cleanest region in use: nothing', () => {
    const done = work('openai', 'gpt-4.1-nano', 'SE', activity(1000, 100, 100), 'batch')
    expect(suggest([done])).toEqual([])
  })

  test('no work, no suggestions', () => {
    expect(suggest([])).toEqual([])
  })
})
