/**
 * The whole way of an event: names are resolved (tiers, images, guesses, an organisation's overrides), numbers computed as
 * the loader stores them, the match restored from what was stored, explained, and computed again from the explanation.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { activityOfCall } from './activity-of-call.ts'
import { compileCoefficients } from './compute.ts'
import { computeUnitsInto, UNIT_NAMES, unitsFrom } from './compute-units.ts'
import { explain } from './explain.ts'
import type { FactorSet } from './factor.ts'
import { loadDefaultFactorSet } from './node.ts'
import { factorOverride } from './override.ts'
import { applyOverrides, resolveCall } from './overrides.ts'
import { recompute } from './recompute.ts'
import { restoreMatch, storedMatchOf } from './restore-match.ts'

const EVENTS = 5_000

const set = loadDefaultFactorSet()
const exactly = (value: number) => ({ low: value, central: value, high: value })
const overrides = [
  {
    id: 'own-cluster',
    version: 1,
    provider: 'our-cluster',
    model: 'llama*',
    energy: {
      form: 'tokens',
      boundary: 'gpu',
      base_wh: exactly(0),
      wh_per_1k_in: { low: 0.01, central: 0.02, high: 0.05 },
      wh_per_1k_out: { low: 0.1, central: 0.2, high: 0.4 },
    },
    pue: { low: 1.2, central: 1.3, high: 1.4 },
  },
  {
    id: 'vendor-letter',
    version: 3,
    provider: 'openai',
    model: 'gpt-4o',
    energy: { form: 'call', boundary: 'facility', kwh_per_call: { low: 0.0001, central: 0.0003, high: 0.001 } },
  },
].map((o) =>
  factorOverride.parse({
    ...o,
    valid_from_ms: 0,
    valid_to_ms: null,
    tier: 'B',
    evidence: { text: 'measured by ourselves', year: 2026 },
  }),
)
const overridden = applyOverrides(set, 'org_test', 1, overrides)

const names = fc.oneof(
  fc.constantFrom(...set.factors.map((f) => [f.provider, f.model] as const)),
  fc.constantFrom(
    ['openai', 'gpt-4o'] as const,
    ['our-cluster', 'llama-3.3-70b'] as const,
    ['openai', 'dall-e-3'] as const,
    ['openai', 'gpt-image-1'] as const,
    ['openai', 'text-embedding-3-large'] as const,
    ['nobody', 'zeppelin-9-mini'] as const,
    ['', ''] as const,
  ),
)
const count = fc.oneof(fc.constant(0), fc.nat(5_000), fc.nat(3_000_000))
const event = fc
  .record({
    names,
    region: fc.oneof(
      fc.constant(null),
      fc.constantFrom('US-CAISO', 'us-east-1', 'FR', 'Atlantis', ...set.grids.map((g) => g.id)),
    ),
    serviceTier: fc.constantFrom(null, '', 'batch', 'FLEX', 'priority'),
    tokensSource: fc.constantFrom(null, 'provider', 'tokenizer', 'estimate'),
    fresh: count,
    read: count,
    write: count,
    out: count,
    reasoning: count,
    separate: fc.boolean(),
    withOverrides: fc.boolean(),
  })
  .map(({ names: [provider, model], fresh, read, write, reasoning, separate, tokensSource, out, ...rest }) => ({
    ...rest,
    call: { provider, model, region: rest.region, serviceTier: rest.serviceTier, tsMs: 1_790_000_000_000 },
    counts: {
      tokens_in: fresh + read + write,
      tokens_out: out,
      tokens_cache_read: read,
      tokens_cache_write: write,
      tokens_reasoning: separate ? reasoning : Math.min(reasoning, out),
      reasoning_separate: separate,
      tokens_source: tokensSource,
    },
  }))

describe('an event from its names to its explanation', () => {
  test(`gives the stored digits again from the steps alone, for ${EVENTS} random events of every kind`, () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(event, ({ call, counts, withOverrides }) => {
        const using: FactorSet = withOverrides ? overridden : set
        const { factor, grid } = resolveCall(using, call)
        const activity = activityOfCall(counts)
        const stored = new Float64Array(UNIT_NAMES.length)
        computeUnitsInto(compileCoefficients(factor.factor, grid.grid), activity, stored, 0)

        const again = restoreMatch(using, storedMatchOf(factor, grid))
        if (again === undefined) throw new Error(`${factor.factor.id} on ${grid.grid.id} is not found again`)
        const explained = explain(again.factor, again.grid, activity, using.sources)
        expect(recompute(JSON.parse(JSON.stringify(explained.steps)))).toEqual(unitsFrom(stored, 0))

        const cited = new Set(explained.steps.flatMap((s) => s.inputs.flatMap((i) => i.source_ids)))
        expect(new Set(explained.sources.map((s) => s.id))).toEqual(cited)
        for (const { code } of explained.flags) seen.add(code)
        seen.add(factor.kind).add(`class ${factor.factor.class}`)
      }),
      { numRuns: EVENTS },
    )
    for (const kind of [
      'reasoning_hidden',
      'service_tier_estimated',
      'org_override',
      'class image',
      'class',
      'unknown',
    ])
      expect(seen).toContain(kind)
  }, 120_000)
})
