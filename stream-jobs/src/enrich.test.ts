import {
  activityOfCall,
  applyOverrides,
  compileCoefficients,
  computeFootprint,
  resolveCall,
  toUnits,
} from '@ecomind/footprint'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEnricher, periodOf, qualityOf } from './enrich.ts'
import type { FootprintModel, OrgFactors } from './footprint-model.ts'
import { footprintModel } from './footprint-models.ts'
import { fakeModel } from './testing/fake-model.ts'
import { usageEvent } from './testing/traffic.ts'

const position = { generation: 7, partition: 1, from: 5 }
const arrived = (overrides: Parameters<typeof usageEvent>[0] = {}) => ({
  event: usageEvent(overrides),
  contentHash: 42,
  bytes: new Uint8Array(),
  schemaId: 1,
  arrivedAtMs: 1_760_000_000_123,
  replayOf: null,
  offset: 6,
  index: 2,
})

/** Writes down what it is asked to resolve. */
function countingModel(asked: unknown[], changesMs: readonly number[] = []): FootprintModel {
  const model = fakeModel('set@1', 1)
  const factors = model.factorsOf('')
  const counting: OrgFactors = {
    ...factors,
    changesMs,
    resolve: (...names) => {
      asked.push(names)
      return factors.resolve(...names)
    },
  }
  return { ...model, factorsOf: () => counting }
}

const tokens = fc.integer({ min: 0, max: 400_000 })
const anyCall = fc.record({
  provider: fc.constantFrom('openai', 'anthropic', 'nobody'),
  model: fc.constantFrom('gpt-4o', 'o3', 'claude-sonnet-4', 'what-is-this'),
  region: fc.constantFrom(null, 'FR', 'us-east-1', 'Atlantis'),
  service_tier: fc.constantFrom(null, 'batch', 'flex', 'priority'),
  tokens_in: tokens,
  tokens_out: tokens,
  tokens_reasoning: fc.constantFrom(null, 0, 1234),
  reasoning_separate: fc.boolean(),
  tokens_source: fc.constantFrom(null, 'provider', 'tokenizer', 'estimate'),
})

describe('enrich', () => {
  it('makes equal rows of equal input, with position, set and the watermark of the intent in whole seconds', () => {
    const enrich = createEnricher(fakeModel('set@1', 1000))
    const row = enrich(arrived(), { ...position, watermarkMs: 1_759_999_999_999 })
    expect(row).toMatchObject({
      factor_set: 'set@1',
      kwh: 250_000,
      watermark_at: 1_759_999_999,
      log_generation: 7,
      log_partition: 1,
      log_offset: 6,
      log_index: 2,
      content_hash: 42,
      team_id: '',
    })
    expect(enrich(arrived(), { ...position, watermarkMs: 1_759_999_999_999 })).toEqual(row)
    expect(enrich(arrived(), { ...position, watermarkMs: null }).watermark_at).toBe(0)
  })

  it('resolves each set of names once, and keeps what is absent apart from what is declared', () => {
    const asked: unknown[] = []
    const enrich = createEnricher(countingModel(asked))
    for (const region of [null, 'FR', null, 'FR']) {
      for (const service_tier of [null, 'batch', null]) {
        const row = enrich(arrived({ region, service_tier }), { ...position, watermarkMs: 0 })
        expect(row.region_inferred).toBe(region === null)
      }
    }
    expect(asked).toHaveLength(4)
  })

  it('resolves anew behind each change of the overrides, by the time of the event', () => {
    const asked: unknown[] = []
    const enrich = createEnricher(countingModel(asked, [1000, 2000]))
    for (const ts of [999, 1000, 1999, 2000, 1500, 0]) enrich(arrived({ ts }), { ...position, watermarkMs: 0 })
    expect(asked.map((names) => (names as unknown[]).at(-1))).toEqual([999, 1000, 2000])
    expect([0, 999, 1000, 1999, 2000].map((ts) => periodOf([1000, 2000], ts))).toEqual([0, 0, 1, 1, 2])
  })

  it("computes every organisation with its own factors, and carries their set's id", () => {
    const base = loadDefaultFactorSet()
    const own = applyOverrides(base, 'org-b', 4, [
      {
        id: 'ov1',
        version: 1,
        provider: 'openai',
        model: 'gpt-4o',
        energy: { form: 'call', boundary: 'facility', kwh_per_call: { low: 1, central: 2, high: 3 } },
        valid_from_ms: 1000,
        valid_to_ms: null,
        tier: 'B',
        evidence: { text: 'measured', year: 2026 },
      },
    ])
    const enrich = createEnricher(footprintModel(base, { id: 'layer', sets: [own] }))
    const rowOf = (org_id: string, ts: number) =>
      enrich(arrived({ org_id, ts, provider: 'openai', model: 'gpt-4o', region: 'FR' }), {
        ...position,
        watermarkMs: 0,
      })
    expect(rowOf('org-a', 1000)).toMatchObject({ factor_set: base.id, factor_id: 'openai/gpt-4o' })
    expect(rowOf('org-b', 999)).toMatchObject({ factor_set: own.id, factor_id: 'openai/gpt-4o' })
    expect(rowOf('org-b', 1000)).toMatchObject({
      factor_set: own.id,
      factor_id: 'override/ov1/1/openai/gpt-4o',
      factor_match: 'override',
      kwh: 2e12,
      kwh_low: 1e12,
      kwh_high: 3e12,
    })
  })

  it('stores what the engine computes, tier and hidden reasoning included', () => {
    const set = loadDefaultFactorSet()
    const enrich = createEnricher(footprintModel(set))
    fc.assert(
      fc.property(anyCall, (fields) => {
        const { event } = arrived(fields)
        const { factor, grid } = resolveCall(set, { ...event, serviceTier: event.service_tier, tsMs: event.ts })
        const units = toUnits(computeFootprint(compileCoefficients(factor.factor, grid.grid), activityOfCall(event)))
        const row = enrich({ ...arrived(), event }, { ...position, watermarkMs: null })
        expect(row.factor_id).toBe(factor.factor.id)
        expect([row.kwh, row.kwh_low, row.kwh_high]).toEqual([units.kwh, units.kwhLow, units.kwhHigh])
        expect([row.water_l, row.water_l_low, row.water_l_high]).toEqual([
          units.waterL,
          units.waterLLow,
          units.waterLHigh,
        ])
        expect([row.co2_kg, row.co2_kg_low, row.co2_kg_high]).toEqual([units.co2Kg, units.co2KgLow, units.co2KgHigh])
        expect([row.water_l_onsite, row.co2_kg_use]).toEqual([units.waterLOnsite, units.co2KgUse])
      }),
    )
  })

  it.each([
    ['measured', 'provider', 'exact', 'exact', false],
    ['measured', 'provider', 'pattern', 'parent', false],
    ['estimated', 'tokenizer', 'exact', 'exact', false],
    ['estimated', null, 'exact', 'exact', false],
    ['estimated', 'provider', 'class', 'exact', false],
    ['estimated', 'provider', 'exact', 'inferred', true],
    ['estimated', 'provider', 'exact', 'world', true],
    ['unknown', 'provider', 'unknown', 'exact', false],
    ['unknown', 'provider', 'exact', 'world', false],
  ] as const)(
    'grades %s: tokens by %s, factor %s, grid %s, inferred %s',
    (grade, source, factorMatch, gridMatch, regionInferred) => {
      expect(qualityOf({ tokens_source: source }, { factorMatch, gridMatch, regionInferred })).toBe(grade)
    },
  )
})
