import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDecimal, toNumber } from './decimal.ts'
import { DecimalSums } from './decimal-sums.ts'
import { qualityOf } from './quality.ts'
import { statusOf } from './status.ts'
import { type FactorSums, UsageSums } from './usage-sums.ts'

const SEED = 4711
const unitsUpTo = (max: bigint) => fc.bigInt({ min: -max, max })

describe('decimal', () => {
  test(`toNumber is the double nearest to the decimal (seed ${SEED})`, () => {
    fc.assert(
      fc.property(fc.oneof(unitsUpTo(10n ** 30n), unitsUpTo(2n ** 53n), unitsUpTo(10n ** 27n)), (units) => {
        const sign = units < 0n ? '-' : ''
        const digits = (units < 0n ? -units : units).toString().padStart(13, '0')
        const text = `${sign}${digits.slice(0, -12)}.${digits.slice(-12)}`
        expect(parseDecimal(text)).toBe(units)
        expect(parseDecimal(text.replace(/\.?0+$/, ''))).toBe(units)
        expect(toNumber(units)).toBe(units === 0n ? 0 : Number(text))
      }),
      { seed: SEED },
    )
  })
  test.each(['', '1e3', '1.', '.5', '.', '-', '-.5', '1.2.3', '1.-5', '+1', '0.1234567890123', 'NaN', ' 1', '1 '])(
    'parseDecimal refuses %j',
    (text) => {
      expect(() => parseDecimal(text)).toThrow(RangeError)
    },
  )
})

describe('DecimalSums', () => {
  const textOf = (units: bigint): string => {
    const digits = (units < 0n ? -units : units).toString().padStart(13, '0')
    return `${units < 0n ? '-' : ''}${digits.slice(0, -12)}.${digits.slice(-12)}`
  }
  const anyUnits = fc.oneof(unitsUpTo(10n ** 13n), unitsUpTo(2n ** 53n), unitsUpTo(10n ** 27n), unitsUpTo(10n ** 37n))
  test(`are as exact as big integers, however large, added and taken away (seed ${SEED})`, () => {
    const added = fc.array(fc.record({ i: fc.nat(2), units: anyUnits }), { maxLength: 40 })
    fc.assert(
      fc.property(added, added, (first, second) => {
        const wanted = [0n, 0n, 0n]
        const sums = [new DecimalSums(0), new DecimalSums(3)] as const
        sums[0].extendTo(3)
        for (const [n, list] of [first, second].entries())
          for (const { i, units } of list) {
            sums[n as 0 | 1].add(i, textOf(units))
            wanted[i] = (wanted[i] as bigint) + (n === 0 ? units : -units)
          }
        for (let i = 0; i < 3; i++) sums[0].addFrom(i, sums[1], i, -1)
        for (const [i, units] of wanted.entries()) {
          expect(sums[0].toUnits(i)).toBe(units)
          expect(sums[0].toNumber(i)).toBe(toNumber(units))
        }
      }),
      { seed: SEED, numRuns: 300 },
    )
  })
  test('of ten thousand of the largest stay exact', () => {
    const sums = new DecimalSums(1)
    const units = 999_999_999_999_999_999_999_999_999n
    for (let i = 0; i < 10_000; i++) sums.add(0, textOf(units))
    expect(sums.toUnits(0)).toBe(10_000n * units)
  })
  test.each(['', '1e3', '1.', '.5', '-', '0.1234567890123', 'NaN', ' 1'])('refuse %j', (text) => {
    expect(() => new DecimalSums(1).add(0, text)).toThrow(RangeError)
  })
})

describe('qualityOf', () => {
  test.each([
    [100, 95, 0, 'A'],
    [100, 94, 0, 'B'],
    [100, 75, 25, 'B'],
    [100, 50, 50, 'C'],
    [100, 49, 50, 'D'],
    [100, 49, 51, 'E'],
    [0, 0, 0, 'none'],
  ])('%i calls, %i measured, %i unknown are grade %s', (calls, measured, unknown, grade) => {
    const quality = qualityOf({ calls, measured, unknown })
    expect(quality.grade).toBe(grade)
    if (calls > 0) expect(quality.measured + quality.estimated + quality.unknown).toBeCloseTo(1, 12)
  })
})

describe('statusOf', () => {
  const base = { windowEndMs: 1_000_000, latenessMs: 600_000, loadedAtWatermarkMs: null }
  test.each([
    [null, null, 'provisional'],
    [1_599_999, null, 'provisional'],
    [1_600_000, null, 'final'],
    [1_600_000, 1_599_999, 'final'],
    [1_600_000, 1_600_000, 'revised'],
    [1_599_999, 1_600_000, 'provisional'],
  ])('watermark %s, loaded at %s: %s', (watermarkMs, loadedAtWatermarkMs, status) => {
    expect(statusOf({ ...base, watermarkMs, loadedAtWatermarkMs })).toBe(status)
  })
})

describe('UsageSums', () => {
  const kinds = { a: 'large', b: 'large', c: 'small' } as const
  const kinshipOf = (_set: string, id: string) => ({ class: kinds[id as keyof typeof kinds], model: id })
  const counts = ['2', '9007199254740993', '0', '0', '0', '0', '2', '0']
  const row = (factors: readonly (readonly [string, number, number, number])[]): FactorSums[] =>
    factors.map(([id, ...range]) => {
      const bounds = range.map((millionths) => (millionths / 1e6).toFixed(6))
      return [id, 'set', ...counts, '0', '0', ...bounds, ...bounds, ...bounds]
    })
  const numbersOf = (...rows: FactorSums[][]) => {
    const sums = new UsageSums()
    for (const r of rows) sums.add(r)
    return sums.toNumbers(kinshipOf)
  }

  test('errors inside one factor do not average out', () => {
    const one = row([['a', 100, 50, 200]])
    expect(numbersOf(one, one, one)).toMatchObject({ kwh: 0.0003, kwh_low: 0.00015, kwh_high: 0.0006 })
  })
  test('factors of different classes average out, those of one class only partly', () => {
    const apart = numbersOf(row([['a', 100, 60, 200]]), row([['c', 100, 70, 200]]))
    expect(apart.kwh_high).toBeCloseTo(0.0002 + Math.sqrt(2) * 0.0001, 12)
    expect(apart.kwh_low).toBeCloseTo(0.0002 - 0.00005, 12)
    const related = numbersOf(row([['a', 100, 60, 200]]), row([['b', 100, 70, 200]]))
    expect(related.kwh_high).toBeCloseTo(0.0002 + Math.sqrt(3) * 0.0001, 12)
  })
  test('the order of rows and of factors changes not one bit', () => {
    const rows = [
      row([
        ['a', 123, 45, 678],
        ['c', 77, 11, 333],
      ]),
      row([['b', 999, 111, 4321]]),
    ]
    const turned = [
      row([['b', 999, 111, 4321]]),
      row([
        ['c', 77, 11, 333],
        ['a', 123, 45, 678],
      ]),
    ]
    expect(numbersOf(...rows)).toEqual(numbersOf(...turned))
  })
  test('nothing is all zeros, not NaN', () => {
    expect(numbersOf()).toMatchObject({ calls: 0, kwh: 0, kwh_low: 0, co2_kg_high: 0, quality: { grade: 'none' } })
  })
})
