import { describe, expect, test } from 'vitest'
import { evaluateFormula } from './formula.ts'
import { exactly } from './spread.ts'

const inputs = new Map([
  ['a', { low: 1, central: 2, high: 4 }],
  ['b', { low: 10, central: 10, high: 10 }],
])

describe('evaluateFormula', () => {
  test('computes low, central and high apart, with the usual precedence', () => {
    expect(evaluateFormula('a + b * 2 - (a + 1) / 1', inputs)).toEqual(exactly(19))
    expect(evaluateFormula('max(a - 3, 0)', inputs)).toEqual({ low: 0, central: 0, high: 1 })
  })
  test('combines the errors inside spread', () => {
    const once = evaluateFormula('spread(a / 2)', inputs)
    expect(once.low).toBeCloseTo(0.5, 12)
    expect(once.high).toBeCloseTo(2, 12)
    const twice = evaluateFormula('spread(a * a)', inputs)
    expect(twice.high).toBeCloseTo(4 * 2 ** Math.SQRT2, 12)
  })
  test('says what is wrong with a formula', () => {
    expect(() => evaluateFormula('a + c', inputs)).toThrow(/wanted an input called c/)
    expect(() => evaluateFormula('a +', inputs)).toThrow(/wanted a value/)
    expect(() => evaluateFormula('a b', inputs)).toThrow(/wanted the end/)
    expect(() => evaluateFormula('a ; b', inputs)).toThrow(/unexpected text/)
    expect(() => evaluateFormula('min(a, b)', inputs)).toThrow(/wanted spread, max, upto or combine/)
  })
})
