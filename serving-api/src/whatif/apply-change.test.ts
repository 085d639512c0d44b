import { type Activity, applyOverrides, type FactorOverride } from '@ecomind/footprint'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import { describe, expect, test } from 'vitest'
import type { PlacedWork } from '../work/ask-work.ts'
import { changedActivity, targetOf } from './apply-change.ts'

const set = loadDefaultFactorSet()
const FROM_MS = Date.UTC(2026, 9, 1)
const override: FactorOverride = {
  id: 'measured',
  version: 1,
  provider: 'openai',
  model: 'gpt-4o-mini',
  energy: { form: 'call', boundary: 'facility', kwh_per_call: { low: 0.001, central: 0.002, high: 0.003 } },
  valid_from_ms: FROM_MS,
  valid_to_ms: null,
  tier: 'B',
  evidence: { text: 'measured by ourselves', year: 2026 },
}
const NOTHING = { low: 0, central: 0, high: 0 }
const activity: Activity = {
  calls: 3,
  tokensIn: 1000,
  tokensInSquared: 400_000,
  tokensCacheRead: 100,
  tokensCacheWrite: 300,
  tokensOut: 50,
  tokensReasoningSeparate: 0,
  tokensOutReasoningHidden: 0,
}

function work(from: PlacedWork['set'], lastMs: number, tier?: string): PlacedWork {
  const { factor } = from.resolveFactor('openai', 'gpt-4o', tier)
  const { grid } = from.resolveGrid('FR', 'openai')
  const names = { provider: 'openai', model: 'gpt-4o', region: 'FR', factorSet: from.id, factorId: factor.id }
  const stored = { kwh: NOTHING, waterL: NOTHING, co2Kg: NOTHING }
  return { period: 0, lastMs, ...names, gridId: grid.id, activity, stored, set: from, factor, grid }
}

describe('targetOf', () => {
  test('a factor that the organisation states itself at that time goes before that of the set', () => {
    const mine = applyOverrides(set, 'org_demo', 1, [override])
    const change = { model: 'gpt-4o-mini' }
    expect(targetOf(work(mine, FROM_MS), change)).toMatchObject({
      factor: { id: 'override/measured/1/openai/gpt-4o-mini' },
      factorMatch: 'override',
    })
    expect(targetOf(work(mine, FROM_MS - 1), change).factor.id).toBe('openai/gpt-4o-mini')
    expect(targetOf(work(set, FROM_MS), change).factor.id).toBe('openai/gpt-4o-mini')
  })

  test('the tier of the work is kept by another model and can be taken back', () => {
    const batched = work(set, 0, 'batch')
    expect(batched.factor.id).toBe('openai/gpt-4o+batch')
    expect(targetOf(batched, { model: 'gpt-4o-mini' }).factor.id).toBe('openai/gpt-4o-mini+batch')
    expect(targetOf(batched, { service_tier: 'standard' }).factor.id).toBe('openai/gpt-4o')
    expect(targetOf(batched, { service_tier: 'batch' })).toMatchObject({ factorMatch: 'same', gridMatch: 'same' })
  })

  test('the same model at a cloud, in one of its regions', () => {
    const target = targetOf(work(set, 0), { provider: 'azure', region: 'swedencentral' })
    expect(target).toMatchObject({
      factor: { provider: 'azure', model: 'gpt-4o' },
      grid: { id: 'azure:swedencentral' },
    })
  })
})

describe('changedActivity', () => {
  test('the share is that of all input, and what was written to the cache gives way', () => {
    expect(changedActivity(activity, { cache_read_share: 0.9 })).toEqual({
      ...activity,
      tokensCacheRead: 900,
      tokensCacheWrite: 100,
    })
    expect(changedActivity(activity, { cache_read_share: 0 })).toEqual({ ...activity, tokensCacheRead: 0 })
    expect(changedActivity(activity, { region: 'FR' })).toBe(activity)
  })
})
