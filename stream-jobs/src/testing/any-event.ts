/** Events of every kind, for property tests: names of all sorts of letters, all tiers and sources, tags, what is absent. */
import type { UsageEvent } from '@ecomind/schemas'
import fc from 'fast-check'

const letters = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
const optional = <T>(a: fc.Arbitrary<T>) => fc.option(a, { nil: null })
const tokens = fc.oneof(fc.nat(200), fc.nat(400_000), fc.integer({ min: 0, max: 10_000_000 }))
const tagKey = fc.oneof(
  fc.constantFrom('a', 'b', 'cost_centre', 'env', 'é'),
  fc.constantFrom('10', '9', '_', '__x'),
  letters,
)

export const anyEvent: fc.Arbitrary<UsageEvent> = fc.record({
  org_id: fc.oneof(fc.constantFrom('org-a', 'org-b', 'org-c'), letters),
  event_id: fc.oneof(fc.uuid(), letters),
  user_id: fc.oneof(fc.constantFrom('user_1@example.com', 'é@example.com'), letters),
  provider: fc.oneof(fc.constantFrom('openai', 'anthropic', 'google', 'nobody'), letters),
  model: fc.oneof(fc.constantFrom('gpt-4o', 'o3', 'claude-sonnet-4', 'gemini-2.5-flash', 'what-is-this'), letters),
  tokens_in: tokens,
  tokens_out: tokens,
  ts: fc.oneof(fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 }), fc.integer({ min: -1e12, max: 4e12 })),
  region: optional(fc.oneof(fc.constantFrom('FR', 'us-east-1', 'US-CAISO', 'Atlantis'), letters)),
  team_id: optional(letters),
  project_id: optional(letters),
  source: optional(fc.constantFrom('sdk', 'extension', 'otlp', 'import', 'api')),
  tokens_cache_read: optional(tokens),
  tokens_cache_write: optional(tokens),
  tokens_reasoning: optional(fc.oneof(fc.constant(0), tokens)),
  reasoning_separate: fc.boolean(),
  latency_ms: optional(fc.nat(86_400_000)),
  tokens_source: optional(fc.constantFrom('provider', 'tokenizer', 'estimate')),
  service_tier: optional(fc.constantFrom('batch', 'flex', 'priority')),
  // As the edge writes them: in ascending order, and never the key that an object would lose.
  tags: fc
    .dictionary(
      tagKey.filter((key) => key !== '__proto__'),
      fc.string({ maxLength: 20, unit: 'grapheme' }),
      { maxKeys: 4, noNullPrototype: true },
    )
    .map((tags) => Object.fromEntries(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1)))),
})
