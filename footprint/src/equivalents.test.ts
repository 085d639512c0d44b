import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countEquivalents, EQUIVALENT_QUANTITIES, parseEquivalents } from './equivalents.ts'
import { loadEquivalents } from './load-equivalents.ts'
import { exactly } from './spread.ts'

const SEED = 20_261_124
const shipped = loadEquivalents()

describe('the comparisons that ship', () => {
  test('there is at least one of each quantity, each with a linked source of its own year', () => {
    for (const quantity of EQUIVALENT_QUANTITIES) expect(shipped.map((e) => e.quantity)).toContain(quantity)
    for (const { source, boundary } of shipped) {
      expect(source.url).toMatch(/^https:\/\//)
      expect(source.year).toBeGreaterThan(2000)
      expect(boundary).not.toBe('')
    }
  })

  test('computed figures are what their sources say', () => {
    const perUnit = (id: string) => shipped.find((e) => e.id === id)?.perUnit
    const GALLON_L = 3.785411784
    expect(perUnit('petrol_litre')?.central).toBeCloseTo(8.887 / GALLON_L, 6)
    expect(perUnit('car_day_us')?.central).toBeCloseTo(4600 / 365, 4)
    expect(perUnit('eu_home_day')?.central).toBeCloseTo(3700 / 365, 4)
    expect(perUnit('toilet_flush')?.low).toBeCloseTo(1.28 * GALLON_L, 6)
    expect(perUnit('toilet_flush')?.central).toBeCloseTo(Math.sqrt(1.28 * 1.6) * GALLON_L, 5)
    expect(perUnit('toilet_flush')?.high).toBeCloseTo(1.6 * GALLON_L, 6)
  })
})

describe(`countEquivalents (seed ${SEED})`, () => {
  test('100 km take 100 times one, and only asked quantities are answered', () => {
    const counts = countEquivalents(shipped, { co2_kg: exactly(10.81) })
    expect(new Set(counts.map((c) => c.equivalent.quantity))).toEqual(new Set(['co2_kg']))
    expect(counts.find((c) => c.equivalent.id === 'new_car_km_europe')?.count.central).toBeCloseTo(100, 9)
  })

  test('linear, ordered, and an exact amount keeps the span of the comparison', () => {
    const amount = fc.double({ min: 1e-9, max: 1e9, noNaN: true })
    fc.assert(
      fc.property(amount, fc.constantFrom(...shipped), (value, equivalent) => {
        const [one] = countEquivalents([equivalent], { [equivalent.quantity]: exactly(value) })
        const [two] = countEquivalents([equivalent], { [equivalent.quantity]: exactly(2 * value) })
        if (one === undefined || two === undefined) throw new Error('no count')
        expect(one.count.low).toBeLessThanOrEqual(one.count.central)
        expect(one.count.high).toBeGreaterThanOrEqual(one.count.central)
        expect(two.count.central / one.count.central).toBeCloseTo(2, 12)
        expect((one.count.high * equivalent.perUnit.low) / value).toBeCloseTo(1, 9)
        expect((one.count.low * equivalent.perUnit.high) / value).toBeCloseTo(1, 9)
      }),
      { seed: SEED },
    )
  })

  test('nothing is nothing', () => {
    for (const { count } of countEquivalents(shipped, { kwh: exactly(0) })) expect(count).toEqual(exactly(0))
  })
})

describe('parseEquivalents', () => {
  const good = `
licence: X
reviewed_at: "2026-01-01"
sources: [{ id: s, title: S, url: "https://example.org", year: 2020, licence: X }]
equivalents: [{ id: a, quantity: kwh, name: things, per_unit: { value: 2 }, unit: things, boundary: all, source: s }]
`
  test('reads a value as an exact figure', () => {
    expect(parseEquivalents(good)[0]?.perUnit).toEqual({ low: 2, central: 2, high: 2 })
  })
  test.each([
    ['value: 2', 'value: 0', 'per_unit'],
    ['{ value: 2 }', '{ low: 3, central: 2, high: 4 }', 'per_unit'],
    ['source: s }', 'source: t }', 'no source "t"'],
    ['quantity: kwh', 'quantity: joule', 'quantity'],
    ['boundary: all, ', '', 'boundary'],
  ])('refuses %s as %s and says %s', (from, to, said) => {
    expect(() => parseEquivalents(good.replace(from, to))).toThrow(said)
  })
})
