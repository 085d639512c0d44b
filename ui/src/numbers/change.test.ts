import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { changeOf, changeSentence, changeShort } from './change.ts'

describe('change', () => {
  test.each([
    [1.12, 1, '▲ 12 %', '120 Wh more than before'],
    [0.5, 1, '▼ 50 %', '500 Wh less than before'],
    [1, 1, '± 0 %', 'the same as before'],
    [25, 1, '▲ ×25', '24 kWh more than before'],
    [1, 0, 'new', 'no use in the period compared with'],
    [0, 0, '± 0 %', 'the same as before'],
  ])('%f after %f', (current, previous, short, sentence) => {
    const change = changeOf(current, previous)
    expect(changeShort(change)).toBe(short)
    expect(changeSentence(change, 'kwh', 'before')).toBe(sentence)
  })

  test('more one way is less the other way, by the same amount', () => {
    const anyValue = fc.double({ min: 1e-6, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(anyValue, anyValue, (a, b) => {
        const there = changeOf(a, b)
        const back = changeOf(b, a)
        if (there.kind !== 'more' || back.kind !== 'less') return
        expect(there.absolute).toBeCloseTo(back.absolute)
        expect(back.ratio).toBeLessThanOrEqual(1)
      }),
    )
  })
})
