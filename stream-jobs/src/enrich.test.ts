import { describe, expect, it } from 'vitest'
import { activityOf, createEnricher, qualityOf } from './enrich.ts'
import type { FootprintModel } from './footprint-model.ts'
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

  it('resolves each provider, model and region once, and keeps an absent region apart from a declared one', () => {
    const asked: unknown[] = []
    const model = fakeModel('set@1', 1)
    const counting: FootprintModel = {
      ...model,
      resolve: (...names) => {
        asked.push(names)
        return model.resolve(...names)
      },
    }
    const enrich = createEnricher(counting)
    for (const region of [null, 'FR', null, 'FR']) {
      expect(enrich(arrived({ region }), { ...position, watermarkMs: 0 }).region_inferred).toBe(region === null)
    }
    expect(asked).toHaveLength(2)
  })

  it('caps the square of the input and counts reasoning only where it is reported apart', () => {
    expect(activityOf(usageEvent({ tokens_in: 300_000 })).tokensInSquared).toBe(200_000 ** 2)
    expect(activityOf(usageEvent({ tokens_reasoning: 9 })).tokensReasoningSeparate).toBe(0)
    expect(activityOf(usageEvent({ tokens_reasoning: 9, reasoning_separate: true })).tokensReasoningSeparate).toBe(9)
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
