import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { median, medianPercentiles, percentiles, round, Samples } from './statistics.ts'

describe('percentiles', () => {
  it('are those of the nearest rank, whatever the order', () => {
    const values = Array.from({ length: 100 }, (_, i) => ((i * 37) % 100) + 1)
    expect(percentiles(values)).toEqual({ p50: 50, p95: 95, p99: 99, max: 100 })
  })

  it('of one value are that value, of none zero', () => {
    expect(percentiles([7])).toEqual({ p50: 7, p95: 7, p99: 7, max: 7 })
    expect(percentiles([])).toEqual({ p50: 0, p95: 0, p99: 0, max: 0 })
  })

  it('are values that occurred, and ascend', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9999 }), { minLength: 1 }), (values) => {
        const { p50, p95, p99, max } = percentiles(values)
        for (const p of [p50, p95, p99, max]) expect(values).toContain(p)
        expect([p50, p95, p99, max]).toEqual([p50, p95, p99, max].toSorted((a, b) => a - b))
        expect(max).toBe(Math.max(...values))
      }),
    )
  })
})

describe('median', () => {
  it('is the middle value, or the mean of two', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 3])).toBe(2.5)
    expect(() => median([])).toThrow(RangeError)
  })

  it('of percentiles is taken for each', () => {
    const runs = [1, 9, 2].map((n) => ({ p50: n, p95: n * 2, p99: n * 3, max: n * 4 }))
    expect(medianPercentiles(runs)).toEqual({ p50: 2, p95: 4, p99: 6, max: 8 })
  })
})

describe('Samples', () => {
  it('keep every value, also beyond their first room', () => {
    const samples = new Samples()
    for (let i = 0; i < 10_000; i++) samples.add(i)
    expect([...samples]).toEqual(Array.from({ length: 10_000 }, (_, i) => i))
  })
})

describe('round', () => {
  it('keeps four digits', () => {
    expect(round(123_456)).toBe(123_500)
    expect(round(0.000_123_456)).toBe(0.000_123_5)
  })
})
