import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { huberMean, leastSquares, median, spearman, weightedMean } from './robust.ts'

const numbers = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 1, maxLength: 20 })
const weighted = (values: readonly number[]) => values.map((value) => ({ value, weight: 1 }))

describe('robust statistics', () => {
  test('near values give their mean, one far off pulls the Huber mean less than the mean', () => {
    expect(huberMean(weighted([1, 1.1, 0.9]))).toBeCloseTo(1, 9)
    const withOutlier = weighted([1, 1.1, 0.9, 10])
    expect(huberMean(withOutlier)).toBeLessThan(1.5)
    expect(weightedMean(withOutlier)).toBeGreaterThan(3)
  })

  test('means and medians lie between the ends', () => {
    fc.assert(
      fc.property(numbers, (values) => {
        for (const centre of [huberMean(weighted(values)), median(values)]) {
          expect(centre).toBeGreaterThanOrEqual(Math.min(...values) - 1e-9)
          expect(centre).toBeLessThanOrEqual(Math.max(...values) + 1e-9)
        }
      }),
    )
  })

  test('rank correlation is 1 for what rises together and -1 for what falls', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: -100, max: 100 }), { minLength: 2, maxLength: 20 }), (values) => {
        expect(spearman(values, values.map(Math.exp))).toBeCloseTo(1, 9)
        expect(
          spearman(
            values,
            values.map((v) => -v),
          ),
        ).toBeCloseTo(-1, 9)
      }),
    )
  })

  test('least squares finds the plane that the points lie on', () => {
    const coefficient = fc.double({ min: -5, max: 5, noNaN: true })
    fc.assert(
      fc.property(coefficient, coefficient, coefficient, (a, b, c) => {
        const points = [
          [0, 0],
          [1, 0],
          [0, 2],
          [3, 1],
        ].map(([x = 0, y = 0]) => ({ x: [1, x, y], y: a + b * x + c * y, weight: 1 }))
        leastSquares(points).forEach((found, i) => {
          expect(found).toBeCloseTo([a, b, c][i] ?? Number.NaN, 8)
        })
      }),
    )
  })
})
