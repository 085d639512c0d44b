import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exactly, spreadProduct } from './spread.ts'
import { quantity } from './test-arbitraries.ts'

const times = (...values: { low: number; central: number; high: number }[]) =>
  spreadProduct(values.map((value) => ({ op: '*', value })))

describe('spreadProduct', () => {
  test('equals the log-normal formula S = sqrt(sum s^2), s = ln(high/low)/3.29, for symmetric ranges', () => {
    const symmetric = (central: number, ratio: number) => ({ low: central / ratio, central, high: central * ratio })
    const result = times(symmetric(2, 3), symmetric(5, 1.4))
    const s = [Math.log(9) / 3.29, Math.log(1.96) / 3.29]
    const S = Math.hypot(...s)
    expect(result.central).toBe(10)
    expect(result.low).toBeCloseTo(10 * Math.exp(-1.645 * S), 12)
    expect(result.high).toBeCloseTo(10 * Math.exp(1.645 * S), 12)
  })

  test('keeps the published ends of a single range, however skewed, and scales them by exact numbers', () => {
    const result = times({ low: 0.04, central: 0.1, high: 0.5 }, exactly(3))
    expect(result.low).toBeCloseTo(0.12, 14)
    expect(result.high).toBeCloseTo(1.5, 14)
  })

  test('keeps a low of 0 at 0, with a finite high', () => {
    const result = times({ low: 0, central: 0.001, high: 0.003 }, { low: 1.1, central: 1.2, high: 1.3 })
    expect(result.low).toBe(0)
    expect(result.high).toBeGreaterThan(0.0036)
    expect(result.high).toBeLessThan(0.004)
  })

  test('is 0 when a central is 0, never NaN', () => {
    expect(times({ low: 0, central: 0, high: 0 }, { low: 0, central: 2, high: 3 })).toEqual(exactly(0))
  })

  test('is wider than its widest part and narrower than the product of the ends', () => {
    fc.assert(
      fc.property(fc.array(quantity(-3, 3), { minLength: 1, maxLength: 5 }), (values) => {
        const result = times(...values)
        const ups = values.map((v) => v.high / v.central)
        const up = result.high / result.central
        expect(result.low).toBeLessThanOrEqual(result.central)
        expect(result.central).toBeLessThanOrEqual(result.high)
        expect(up).toBeGreaterThanOrEqual(Math.max(...ups) * (1 - 1e-12))
        expect(up).toBeLessThanOrEqual(ups.reduce((a, b) => a * b, 1) * (1 + 1e-12))
      }),
    )
  })

  test('turns the sides around when it divides', () => {
    const result = spreadProduct([
      { op: '*', value: exactly(6) },
      { op: '/', value: { low: 1, central: 2, high: 3 } },
    ])
    expect(result.low).toBeCloseTo(2, 14)
    expect(result.central).toBe(3)
    expect(result.high).toBeCloseTo(6, 14)
  })
})
