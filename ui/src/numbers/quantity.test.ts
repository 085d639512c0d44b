import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  METRICS,
  percent,
  quantity,
  quantityText,
  quantityWithRange,
  rangeText,
  scaleFor,
  significant,
} from './quantity.ts'

describe('quantity', () => {
  test.each([
    ['kwh', 0, '0 kWh'],
    ['kwh', 0.000_31, '0.31 Wh'],
    ['kwh', 0.0124, '12 Wh'],
    ['kwh', 0.9949, '990 Wh'],
    ['kwh', 0.9951, '1.0 kWh'],
    ['kwh', 1234, '1.2 MWh'],
    ['kwh', 5.4e6, '5.4 GWh'],
    ['kwh', 5.4e9, '5,400 GWh'],
    ['water_l', 0.000_42, '0.42 mL'],
    ['water_l', 0.13, '130 mL'],
    ['water_l', 2.55, '2.6 L'],
    ['water_l', 12_000, '12 m³'],
    ['co2_kg', 0.000_072, '72 mg CO₂e'],
    ['co2_kg', 0.0131, '13 g CO₂e'],
    ['co2_kg', 1.5, '1.5 kg CO₂e'],
    ['co2_kg', 2_300, '2.3 t CO₂e'],
  ] as const)('%s %f reads %s', (metric, value, text) => {
    expect(quantityText(metric, value)).toBe(text)
  })

  test('low and high stand in the unit of the central value', () => {
    const range = { low: 0.0041, central: 0.0124, high: 1.2 }
    expect(rangeText('kwh', range)).toBe('4.1–1,200 Wh')
    expect(quantityWithRange('kwh', range)).toBe('12 Wh (4.1–1,200)')
  })

  test('whatever the size, the text is within two significant digits of the value', () => {
    const anyValue = fc.double({ min: 1e-9, max: 1e12, noNaN: true })
    fc.assert(
      fc.property(fc.constantFrom(...METRICS), anyValue, (metric, value) => {
        const scale = scaleFor(metric, value)
        const shown = Number(quantity(metric, value).value.replaceAll(',', ''))
        expect(Math.abs(shown / (value * scale.perBase) - 1)).toBeLessThanOrEqual(0.0501)
      }),
    )
  })

  test('between the smallest and the largest unit the number shown is from 1 to 999', () => {
    fc.assert(
      fc.property(fc.constantFrom(...METRICS), fc.double({ min: 1e-3, max: 900, noNaN: true }), (metric, value) => {
        const shown = Number(quantity(metric, value).value.replaceAll(',', ''))
        expect(shown).toBeGreaterThanOrEqual(1)
        expect(shown).toBeLessThanOrEqual(999)
      }),
    )
  })

  test('a value that is no number becomes a dash, a tiny one an exponent', () => {
    expect(significant(Number.NaN)).toBe('–')
    expect(significant(3.21e-9)).toBe('3.2e-9')
  })
})

describe('percent', () => {
  test('never says 0 or 100 of something that is neither', () => {
    expect(percent(0)).toBe('0 %')
    expect(percent(0.000_1)).toBe('<1 %')
    expect(percent(0.421)).toBe('42 %')
    expect(percent(0.999_9)).toBe('>99 %')
    expect(percent(1)).toBe('100 %')
  })
})
