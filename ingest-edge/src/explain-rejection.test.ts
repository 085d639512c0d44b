import { CONTENT_FIELDS } from '@ecomind/schemas'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ARRIVED_AT_MS, validEvent } from '../test-support/valid-event.ts'
import { explainRejection, findContentField } from './explain-rejection.ts'

const rules = {
  tsMinMs: ARRIVED_AT_MS - 1000,
  tsMaxMs: ARRIVED_AT_MS + 1000,
  orgId: 'org_demo',
  orgIsImplied: false,
  plain: false,
  newEventId: () => 'unused',
}
const explain = (input: unknown, duplicate?: string) => {
  const reason = explainRejection(input, rules, duplicate)
  return reason === null ? null : [reason.code, reason.field]
}

describe('explainRejection', () => {
  it.each([
    [{ org_id: undefined }, 'field_missing', 'org_id'],
    [{ user_id: 7 }, 'field_type', 'user_id'],
    [{ user_id: null }, 'field_type', 'user_id'],
    [{ user_id: '' }, 'field_range', 'user_id'],
    [{ org_id: 'a b' }, 'field_format', 'org_id'],
    [{ model: 'a\u0000' }, 'field_format', 'model'],
    [{ tokens_in: '5' }, 'field_type', 'tokens_in'],
    [{ tokens_in: 1.5 }, 'field_range', 'tokens_in'],
    [{ source: 'pigeon' }, 'field_format', 'source'],
    [{ reasoning_separate: 'yes' }, 'field_type', 'reasoning_separate'],
    [{ ts: {} }, 'field_type', 'ts'],
    [{ ts: 'yesterday' }, 'field_format', 'ts'],
    [{ ts: 0 }, 'ts_out_of_range', 'ts'],
    [{ tags: [] }, 'field_type', 'tags'],
    [{ tags: { a: 1 } }, 'field_type', 'tags.a'],
    [{ tags: { '': 'x' } }, 'field_range', 'tags.'],
    [{ tokens_cache_read: 101 }, 'field_range', 'tokens_cache_read'],
    [{ tokens_reasoning: 51 }, 'field_range', 'tokens_reasoning'],
    [{ org_id: 'org_other' }, 'org_not_allowed', 'org_id'],
    [{ colour: 'red' }, 'unknown_field', 'colour'],
    [{ toString: 1 }, 'unknown_field', 'toString'],
  ])('tells %j as %s at %s', (change, code, field) => {
    expect(explain(JSON.parse(JSON.stringify(validEvent(change))))).toEqual([code, field])
  })

  it('puts content before every other reason, at any depth and in any spelling', () => {
    expect(explain({ a: [{ b: { PROMPT: 'x' } }] }, 'a')).toEqual(['content_not_allowed', 'a.0.b.PROMPT'])
    expect(explain(validEvent({ tags: { 'System-Prompt': 'x' } }))).toEqual([
      'content_not_allowed',
      'tags.System-Prompt',
    ])
    expect(explain([[{ messages: [] }]])).toEqual(['content_not_allowed', '0.0.messages'])
    expect(explain({ 'gen_ai.input.messages': 1, 'input.messages': 1 })?.[0]).toBe('content_not_allowed')
  })

  it('finds a content field wherever it stands, whatever stands around it', () => {
    const spelling = fc
      .tuple(fc.constantFrom(...CONTENT_FIELDS), fc.constantFrom('_', '-', '.'), fc.boolean())
      .map(([name, separator, upper]) => (upper ? name.toUpperCase() : name).replaceAll('_', separator))
    const wrap = fc.array(fc.oneof(fc.constant(null), fc.string()), { maxLength: 6 })
    fc.assert(
      fc.property(spelling, wrap, fc.jsonValue(), (key, levels, noise) => {
        let value: unknown = { noise, [key]: 'secret' }
        for (const level of levels) value = level === null ? [noise, value] : { noise, [level]: value }
        expect(explainRejection({ ...validEvent(), extra: value }, rules)?.code).toBe('content_not_allowed')
      }),
      { numRuns: 2000 },
    )
  })

  it('names a repeated key', () => {
    expect(explain(validEvent(), 'tags.a')).toEqual(['duplicate_key', 'tags.a'])
  })

  it('never repeats a value', () => {
    const canary = 'CANARY-71c2'
    for (const field of ['org_id', 'ts', 'source', 'tokens_in', 'event_id']) {
      const reason = explainRejection(validEvent({ [field]: canary.repeat(9) }), rules)
      expect(JSON.stringify(reason)).not.toContain(canary)
    }
  })

  it('has no trouble with nesting of a hundred thousand levels', () => {
    let deep: unknown = { prompt: 'x' }
    for (let i = 0; i < 100_000; i++) deep = [deep]
    expect(findContentField(deep)).toMatch(/^0\.0\.0/)
  })
})
