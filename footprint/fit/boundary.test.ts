import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { admit, fitWeight } from './admit.ts'
import { itWh, publishedWh } from './boundary.ts'
import { type EvidenceRow, readEvidence } from './evidence.ts'

const K = 1.58
const base = {
  id: 'row',
  source: 's',
  year: 2025,
  mark: 'V',
  method: 'measured',
  name: 'a model',
  class: 'small',
  unit: 'Wh/answer',
  value: 1,
  boundary: 'it',
  tokens: 'stated',
  tokens_in: 100,
  tokens_out: 300,
  concurrency: 64,
}
const source = { id: 's', title: 't', version: '1', year: 2025, licence: 'CC0-1.0' }
const file = (...rows: Record<string, unknown>[]) => [
  { name: 'f.yaml', content: { licence: 'CC0-1.0', sources: [source], rows } },
]
function rowOf(changes: Record<string, unknown>): EvidenceRow {
  const [row] = readEvidence(file({ ...base, ...changes })).rows
  if (row === undefined) throw new Error('no row')
  return row
}
const positive = fc.double({ min: 1e-6, max: 1e3, noNaN: true })

describe('boundaries', () => {
  test('0.119 J per token of Llama 3.1 8B are 0.0522 Wh of IT energy per 1,000 tokens', () => {
    const row = rowOf({ unit: 'J/token', value: 0.119, boundary: 'gpu', tokens_out: 1000 })
    expect(itWh(row, K)).toBeCloseTo(((0.119 * 1000) / 3600) * 1.58, 12)
    expect(itWh(row, K)).toBeCloseTo(0.0522, 4)
  })

  test('the Gemini prompt: 0.14 Wh of accelerators and 0.24 Wh at the meter are the same IT energy within 1 %', () => {
    const gpu = rowOf({ value: 0.14, boundary: 'gpu' })
    const meter = rowOf({ value: 0.24, boundary: 'facility', pue: 1.09 })
    expect(Math.abs(itWh(gpu, 1.72 / 1.09) / itWh(meter, K) - 1)).toBeLessThan(0.01)
  })

  test('PUE and k enter once, and only where they belong', () => {
    fc.assert(
      fc.property(positive, fc.double({ min: 1, max: 3, noNaN: true }), (value, factor) => {
        expect(itWh(rowOf({ value }), factor)).toBe(value)
        expect(itWh(rowOf({ value, boundary: 'gpu' }), factor)).toBe(value * factor)
        expect(itWh(rowOf({ value, boundary: 'facility', pue: factor }), K)).toBe(value / factor)
      }),
    )
  })

  test('what is no energy, or of no whole boundary, cannot be brought anywhere', () => {
    expect(() => publishedWh(rowOf({ unit: 'gCO2e/answer' }))).toThrow(/is no energy/)
    expect(() => itWh(rowOf({ boundary: 'lifecycle' }), K)).toThrow(/has no IT energy/)
  })
})

describe('rules of admission', () => {
  test.each([
    [{ superseded_by: 'newer' }, 'excluded'],
    [{ unit: 'gCO2e/answer' }, 'excluded'],
    [{ boundary: 'partial' }, 'excluded'],
    [{ hardware: 'A100' }, 'excluded'],
    [{ tokens: 'unknown' }, 'excluded'],
    [{ concurrency: 1 }, 'excluded'],
    [{ concurrency: 8 }, 'utilisation'],
    [{ concurrency: 8, method: 'modelled' }, 'low-batch'],
    [{ concurrency: 512 }, 'utilisation'],
    [{ concurrency: 'fleet', method: 'disclosed' }, 'core'],
    [{}, 'core'],
    [{ class: 'image', tokens: 'none', concurrency: 1 }, 'image'],
  ])('%o is %s', (changes, use) => {
    expect(admit(rowOf(changes)).use).toBe(use)
  })

  test('no rule looks at the value', () => {
    fc.assert(
      fc.property(positive, fc.constantFrom(1, 8, 64, 512, 'fleet'), (value, concurrency) => {
        expect(admit(rowOf({ value, concurrency }))).toEqual(admit(rowOf({ concurrency })))
        expect(fitWeight(rowOf({ value, concurrency }))).toBe(fitWeight(rowOf({ concurrency })))
      }),
    )
  })

  test('rows about input or with hidden reasoning do not move output coefficients; assumed lengths and models weigh less', () => {
    expect(fitWeight(rowOf({ tokens_in: 10_000, tokens_out: 500 }))).toBe(0)
    expect(fitWeight(rowOf({ reasoning_hidden: true }))).toBe(0)
    expect(fitWeight(rowOf({ tokens: 'assumed' }))).toBe(0.5)
    expect(fitWeight(rowOf({ method: 'modelled' }))).toBe(0.5)
  })
})

describe('files of evidence', () => {
  test.each([
    ['an unknown field', { colour: 'red' }, /f\.yaml\.rows\[0\] row: .*colour/s],
    ['no length', { tokens_out: undefined }, /needs tokens_in and tokens_out/],
    ['no PUE', { boundary: 'facility' }, /boundary facility needs pue/],
    ['hearsay', { source: 'hearsay' }, /source hearsay is in no list/],
  ])('refuses %s', (_what, changes, message) => {
    expect(() => rowOf(changes)).toThrow(message)
  })

  test('refuses an id given twice', () => {
    expect(() => readEvidence(file(base, base))).toThrow(/row: the id is given twice/)
  })
})
