import { type UsageEvent, usageEventInput } from '@ecomind/schemas'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ARRIVED_AT_MS, validEvent } from '../test-support/valid-event.ts'
import { explainRejection } from './explain-rejection.ts'
import { type EventRules, validateEvent } from './validate-event.ts'

const DAY_MS = 86_400_000
const GENERATED_ID = '01a20759-a1e5-73e7-8d91-813ced7da12e'
const rules: EventRules = {
  tsMinMs: ARRIVED_AT_MS - 1096 * DAY_MS,
  tsMaxMs: ARRIVED_AT_MS + 300_000,
  orgId: 'org_demo',
  orgIsImplied: false,
  plain: false,
  newEventId: () => GENERATED_ID,
}

/** What the contract says of an event, made from the zod shape; the slow reference for the fast check. */
function reference(input: unknown): UsageEvent | null {
  const parsed = usageEventInput.safeParse(input)
  if (!parsed.success) return null
  const e = parsed.data
  if (e.org_id !== rules.orgId || e.ts < rules.tsMinMs || e.ts > rules.tsMaxMs) return null
  const tags = Object.entries(e.tags ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    org_id: e.org_id,
    event_id: e.event_id ?? GENERATED_ID,
    user_id: e.user_id,
    provider: e.provider.toLowerCase(),
    model: e.model,
    tokens_in: e.tokens_in,
    tokens_out: e.tokens_out,
    ts: e.ts,
    region: e.region ?? null,
    team_id: e.team_id ?? null,
    project_id: e.project_id ?? null,
    source: e.source ?? null,
    tokens_cache_read: e.tokens_cache_read ?? null,
    tokens_cache_write: e.tokens_cache_write ?? null,
    tokens_reasoning: e.tokens_reasoning ?? null,
    reasoning_separate: e.reasoning_separate ?? false,
    latency_ms: e.latency_ms ?? null,
    tokens_source: e.tokens_source ?? null,
    service_tier: e.service_tier ?? null,
    tags: Object.fromEntries(tags),
  }
}

const nearText = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom(63, 64, 65, 128, 129, 256, 257).map((length) => 'x'.repeat(length)),
  fc.constantFrom(
    '',
    'a\u0000',
    'a\u007f',
    'é\u0085',
    '\ud800',
    '😀',
    'a b',
    'A.b:c-d_9',
    'batch',
    'sdk',
    'estimate',
    'İ',
  ),
)
const nearInteger = fc.oneof(
  fc.integer({ min: -2, max: 300 }),
  fc.constantFrom(
    -0,
    0.5,
    1e7,
    1e7 + 1,
    86_400_000,
    86_400_001,
    Number.MAX_SAFE_INTEGER,
    1e21,
    -1e-9,
    Number.POSITIVE_INFINITY,
  ),
)
const nearTs = fc.oneof(
  fc.integer({ min: -2, max: 2 }).map((ms) => rules.tsMinMs + ms),
  fc.integer({ min: -2, max: 2 }).map((ms) => rules.tsMaxMs + ms),
  fc.constantFrom(
    8.64e15,
    8.64e15 + 2,
    2 ** 53,
    1.5,
    '2026-11-23T12:00:00Z',
    '2026-11-23',
    '2026-02-30T00:00:00Z',
    '2026-11-23T12:00:00.123456+05:30',
    '',
  ),
)
const nearTags = fc.dictionary(
  fc.oneof(nearText, fc.constantFrom('team', 'Prompt', '9', '10', 'constructor')),
  nearText,
  {
    maxKeys: 18,
    noNullPrototype: true,
  },
)
const anything = fc.oneof(fc.jsonValue(), fc.constantFrom(null, true, [], {}))
const texts = [
  'org_id',
  'user_id',
  'provider',
  'model',
  'region',
  'event_id',
  'team_id',
  'project_id',
  'source',
  'tokens_source',
  'service_tier',
]
const integers = [
  'tokens_in',
  'tokens_out',
  'tokens_cache_read',
  'tokens_cache_write',
  'tokens_reasoning',
  'latency_ms',
]

const change: fc.Arbitrary<readonly [string, unknown]> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom(...texts), nearText) },
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom(...integers), nearInteger) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('ts'), nearTs) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('tags'), nearTags) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('reasoning_separate'), fc.constantFrom(true, false, 1)) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...texts, ...integers, 'ts', 'tags'), anything) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom('extra', 'prompt', 'constructor', '__proto__', 'toString', ''), anything),
  },
)
const removal: fc.Arbitrary<readonly [string, unknown]> = fc.tuple(
  fc.constantFrom(...texts, ...integers, 'ts'),
  fc.constant(undefined),
)

/** A valid event with a few changes, as it would come out of JSON.parse. */
const nearEvent = fc
  .array(fc.oneof({ weight: 8, arbitrary: change }, { weight: 1, arbitrary: removal }), { maxLength: 4 })
  .map((changes) => {
    const members = new Map<string, unknown>(Object.entries(validEvent()))
    for (const [key, value] of changes) {
      if (value === undefined) members.delete(key)
      else members.set(key, value)
    }
    const texts = [...members].map(([key, value]) => `${JSON.stringify(key)}:${toJson(value)}`)
    return JSON.parse(`{${texts.join(',')}}`) as unknown
  })

/** JSON.stringify would make null of an infinite number; a client can write 1e999. */
const toJson = (value: unknown): string => (value === Number.POSITIVE_INFINITY ? '1e999' : JSON.stringify(value))

describe('validateEvent', () => {
  it('agrees with the zod shape: the same events are accepted, with the same normalised value', () => {
    let accepted = 0
    fc.assert(
      fc.property(nearEvent, (input) => {
        const fast = validateEvent(input, rules)
        expect(fast === null ? null : { ...fast, tags: { ...fast.tags } }).toEqual(reference(input))
        if (fast !== null) accepted++
      }),
      { numRuns: 20_000 },
    )
    // A generator that never gives a valid event would let everything pass.
    expect(accepted).toBeGreaterThan(2000)
  })

  it('has a reason for every event that it refuses, and none for those it takes', () => {
    fc.assert(
      fc.property(nearEvent, (input) => {
        expect(explainRejection(input, rules) === null).toBe(validateEvent(input, rules) !== null)
      }),
      { numRuns: 20_000 },
    )
  })

  it('refuses whatever is no object', () => {
    for (const input of [null, 1, 'text', true, [], [validEvent()]]) expect(validateEvent(input, rules)).toBeNull()
  })

  it('accepts a field at each of its limits and refuses it beyond', () => {
    const accepts = (changed: Record<string, unknown>) => validateEvent(validEvent(changed), rules) !== null
    expect(accepts({ user_id: 'x'.repeat(256) })).toBe(true)
    expect(accepts({ user_id: 'x'.repeat(257) })).toBe(false)
    expect(accepts({ event_id: 'x'.repeat(8) })).toBe(true)
    expect(accepts({ event_id: 'x'.repeat(7) })).toBe(false)
    expect(accepts({ tokens_in: 10_000_000 })).toBe(true)
    expect(accepts({ tokens_in: 10_000_001 })).toBe(false)
    expect(accepts({ ts: rules.tsMinMs })).toBe(true)
    expect(accepts({ ts: rules.tsMinMs - 1 })).toBe(false)
    expect(accepts({ ts: rules.tsMaxMs })).toBe(true)
    expect(accepts({ ts: rules.tsMaxMs + 1 })).toBe(false)
    expect(accepts({ tokens_in: 5, tokens_cache_read: 3, tokens_cache_write: 2 })).toBe(true)
    expect(accepts({ tokens_in: 5, tokens_cache_read: 3, tokens_cache_write: 3 })).toBe(false)
    expect(accepts({ tokens_out: 5, tokens_reasoning: 6 })).toBe(false)
    expect(accepts({ tokens_out: 5, tokens_reasoning: 6, reasoning_separate: true })).toBe(true)
  })

  it('sorts tags and gives equal content equal order', () => {
    const a = validateEvent(validEvent({ tags: { b: '1', a: '2' } }), rules)
    expect(Object.keys(a?.tags ?? {})).toEqual(['a', 'b'])
  })

  it('leaves prototypes alone whatever keys come', () => {
    const input = JSON.parse('{"__proto__":{"org_id":"org_demo"},"constructor":1,"tags":{"__proto__":"x"}}') as unknown
    expect(validateEvent(input, rules)).toBeNull()
    expect(Object.hasOwn(Object.prototype, 'org_id')).toBe(false)
  })
})
