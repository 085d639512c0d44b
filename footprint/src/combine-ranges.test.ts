import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { combineRanges, type RangeGroup } from './combine-ranges.ts'
import { quantity } from './test-arbitraries.ts'

const group: fc.Arbitrary<RangeGroup> = fc
  .record({ class: fc.constantFrom('small', 'medium', 'large'), range: quantity(-6, 3) })
  .map(({ class: name, range: { low, central, high } }) => ({ class: name, range: { low, central, high } }))
const groups = fc.array(group, { minLength: 1, maxLength: 12 })
const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0)

describe('combineRanges', () => {
  test('adds the centrals, and is never narrower than the widest group nor wider than full correlation', () => {
    fc.assert(
      fc.property(groups, (gs) => {
        const r = combineRanges(gs)
        const slack = 1e-12 * sum(gs.map((g) => g.range.high))
        expect(r.central).toBeCloseTo(sum(gs.map((g) => g.range.central)), 9)
        expect(r.central - r.low).toBeGreaterThanOrEqual(
          Math.max(...gs.map((g) => g.range.central - g.range.low)) - slack,
        )
        expect(r.high - r.central).toBeGreaterThanOrEqual(
          Math.max(...gs.map((g) => g.range.high - g.range.central)) - slack,
        )
        expect(r.low).toBeGreaterThanOrEqual(sum(gs.map((g) => g.range.low)) - slack)
        expect(r.high).toBeLessThanOrEqual(sum(gs.map((g) => g.range.high)) + slack)
        expect(r.low).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  test('does not depend on the order of the groups beyond rounding', () => {
    fc.assert(
      fc.property(groups, (gs) => {
        const [a, b] = [combineRanges(gs), combineRanges([...gs].reverse())]
        const slack = 1e-9 * a.high
        expect(Math.abs(a.low - b.low)).toBeLessThanOrEqual(slack)
        expect(Math.abs(a.high - b.high)).toBeLessThanOrEqual(slack)
      }),
    )
  })

  const wide = { low: 1, central: 2, high: 4 }
  test('leaves one group as it is and gives 0 for none', () => {
    expect(combineRanges([{ class: 'small', range: wide }])).toEqual(wide)
    expect(combineRanges([])).toEqual({ low: 0, central: 0, high: 0 })
  })
  test('correlates factors of one class by one half and classes not at all', () => {
    const same = combineRanges([
      { class: 'small', range: wide },
      { class: 'small', range: wide },
    ])
    expect(same.high - same.central).toBeCloseTo(Math.sqrt(4 + 4 + 2 * 0.5 * 4), 12)
    const apart = combineRanges([
      { class: 'small', range: wide },
      { class: 'large', range: wide },
    ])
    expect(apart.high - apart.central).toBeCloseTo(Math.sqrt(8), 12)
  })
  test('adds groups of one factor end to end: errors in the factor do not average out', () => {
    const parts = Array.from({ length: 100 }, () => ({ class: 'small', factor: 'gpt-4o-mini', range: wide }))
    expect(combineRanges(parts)).toEqual({ low: 100, central: 200, high: 400 })
  })
})
