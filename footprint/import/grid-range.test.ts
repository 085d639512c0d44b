import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { groupRange, quantile, rangeOf, SPREAD_MIN, spanning } from './grid-range.ts'

const grams = fc.double({ min: 1, max: 1400, noNaN: true })

describe('rangeOf', () => {
  test('gives the lower and higher year a tenth more: California 208 (2025) and 229 (2024)', () => {
    expect(rangeOf([208, 229], 1)).toEqual({ low: 187, central: 208, high: 252 })
  })
  test('keeps the least spread where the years agree', () => {
    expect(rangeOf([423, 423], SPREAD_MIN)).toEqual({ low: 368, central: 423, high: 486 })
  })
  test('holds every column and keeps the order, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.array(grams, { minLength: 1, maxLength: 4 }),
        fc.double({ min: 1, max: 2, noNaN: true }),
        (c, s) => {
          const { low, central, high } = rangeOf(c, s)
          expect(central).toBe(c[0])
          expect(low).toBeGreaterThan(0)
          expect(low).toBeLessThan(Math.min(...c))
          expect(high).toBeGreaterThan(Math.max(...c))
        },
      ),
    )
  })
  test('refuses a gap: a figure of 0 is none', () => {
    expect(() => rangeOf([0], SPREAD_MIN)).toThrow(/wanted numbers above 0/)
    expect(() => rangeOf([], SPREAD_MIN)).toThrow(/wanted numbers above 0/)
  })
})

test('spanning only widens', () => {
  fc.assert(
    fc.property(grams, fc.array(grams), (g, inside) => {
      const range = rangeOf([g], SPREAD_MIN)
      const { low, central, high } = spanning(range, inside)
      expect(central).toBe(g)
      expect(low).toBe(Math.min(range.low, ...inside))
      expect(high).toBe(Math.max(range.high, ...inside))
    }),
  )
})

test('a group reaches from the 5th to the 95th of a hundred members, and holds its mean', () => {
  const members = Array.from({ length: 100 }, (_, i) => i + 1)
  expect([quantile(members, 0.05), quantile(members, 0.95), quantile([7], 0.05)]).toEqual([5, 95, 7])
  expect(groupRange(50, members)).toEqual({ low: 5, central: 50, high: 95 })
  expect(groupRange(99, members)).toEqual({ low: 5, central: 99, high: 99 })
  expect(() => quantile([], 0.5)).toThrow(/no values/)
})
