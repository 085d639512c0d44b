import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joinSpans, packDays, spanMonths, unpackDays } from './day-ranges.ts'

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

describe('spanMonths', () => {
  it('gives one span a month, from its first to its last day', () => {
    const day = (text: string) => Date.parse(text) / 86_400_000
    const days = ['2026-11-24', '2024-02-29', '2026-11-01', '2024-03-01', '2026-11-03'].map(day)
    expect(spanMonths(days)).toEqual([
      [day('2024-02-29'), day('2024-02-29')],
      [day('2024-03-01'), day('2024-03-01')],
      [day('2026-11-01'), day('2026-11-24')],
    ])
  })
})

describe('joinSpans', () => {
  it('joins neighbours up to the weight of all that lies between, gaps included', () => {
    const width = ([first, last]: readonly [number, number]) => last - first + 1
    const spans = [
      [1, 2],
      [4, 6],
      [20, 20],
      [22, 40],
    ] as const
    expect(joinSpans(spans, width, 6)).toEqual([
      [1, 6],
      [20, 20],
      [22, 40],
    ])
    expect(joinSpans(spans, width, 40)).toEqual([[1, 40]])
    expect(joinSpans([], width, 40)).toEqual([])
  })

  it('covers every span and never joins beyond the weight', () => {
    const width = ([first, last]: readonly [number, number]) => last - first + 1
    fc.assert(
      fc.property(days, fc.integer({ min: 1, max: 300 }), (given, most) => {
        const spans = spanMonths(given)
        const joined = joinSpans(spans, width, most)
        for (const [first, last] of spans) expect(joined.some((j) => j[0] <= first && j[1] >= last)).toBe(true)
        for (const span of joined) {
          const single = spans.some((s) => s[0] === span[0] && s[1] === span[1])
          expect(single || width(span) <= most).toBe(true)
        }
      }),
    )
  })
})
