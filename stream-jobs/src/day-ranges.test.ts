import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packDays, unpackDays } from './day-ranges.ts'

const days = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 60 })

describe('packDays', () => {
  it('names every day, and no other as long as the ranges are enough', () => {
    fc.assert(
      fc.property(days, (given) => {
        const wanted = [...new Set(given)].sort((a, b) => a - b)
        expect(unpackDays(packDays(given, 60))).toEqual(wanted)
      }),
    )
  })

  it('never has more ranges than allowed and never leaves a day out', () => {
    fc.assert(
      fc.property(days, fc.integer({ min: 1, max: 8 }), (given, most) => {
        const ranges = packDays(given, most)
        expect(ranges.length).toBeLessThanOrEqual(most)
        const named = new Set(unpackDays(ranges))
        for (const day of given) expect(named.has(day)).toBe(true)
      }),
    )
  })

  it('closes the narrowest gaps first', () => {
    expect(packDays([20, 1, 2, 4, 10], 3)).toEqual([
      [1, 4],
      [10, 10],
      [20, 20],
    ])
  })
})
