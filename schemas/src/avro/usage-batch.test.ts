import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { UsageEvent } from '../usage-event.ts'
import { decodeBatch, encodeBatch, UndecodableBatchError } from './usage-batch.ts'

const optional = <T>(a: fc.Arbitrary<T>) => fc.option(a, { nil: null })
const text = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
const tokens = fc.integer({ min: 0, max: 10_000_000 })
const event: fc.Arbitrary<UsageEvent> = fc.record({
  org_id: text,
  event_id: text,
  user_id: text,
  provider: text,
  model: text,
  tokens_in: tokens,
  tokens_out: tokens,
  ts: fc.integer({ min: -1e12, max: 4e12 }),
  region: optional(text),
  team_id: optional(text),
  project_id: optional(text),
  source: optional(text),
  tokens_cache_read: optional(tokens),
  tokens_cache_write: optional(tokens),
  tokens_reasoning: optional(tokens),
  reasoning_separate: fc.boolean(),
  latency_ms: optional(tokens),
  tokens_source: optional(text),
  service_tier: optional(text),
  // The edge refuses the tag key `__proto__`: the reader of a map would lose it.
  tags: fc.dictionary(
    text.filter((key) => key !== '__proto__'),
    text,
    { maxKeys: 4, noNullPrototype: true },
  ),
})

describe('usage batch', () => {
  it('comes back as it went in, for any events', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 20 }), fc.nat(), (events, arrivedAtMs) => {
        const head = { arrivedAtMs, edgeId: 'edge-1', replayOf: null }
        const batch = decodeBatch(encodeBatch(head, events))
        expect({ ...batch, events: batch.events.map((e) => ({ ...e.event })) }).toMatchObject({
          ...head,
          schemaId: 1,
          events: events.map((e) => ({ ...e })),
        })
      }),
    )
  })

  it('refuses any record that was cut short', () => {
    fc.assert(
      fc.property(
        fc.array(event, { minLength: 1, maxLength: 3 }),
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        (events, part) => {
          const whole = encodeBatch({ arrivedAtMs: 1, edgeId: 'e', replayOf: '1/2/3/4' }, events)
          expect(() => decodeBatch(whole.subarray(0, Math.floor(whole.length * part)))).toThrow(UndecodableBatchError)
        },
      ),
    )
  })

  it('refuses an unknown schema id and says which', () => {
    expect(() => decodeBatch(Buffer.from([0, 0, 0, 0, 99, 1]))).toThrow(
      expect.objectContaining({ reason: 'unknown_schema', schemaId: 99 }),
    )
  })

  it('never throws anything else than its own error, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeBatch(Buffer.concat([Buffer.from([0, 0, 0, 0, 1]), bytes]))
        } catch (error) {
          expect(error).toBeInstanceOf(UndecodableBatchError)
        }
      }),
    )
  })
})
