import { describe, expect, test } from 'vitest'
import { numbersOf } from './numbers.fixture.ts'
import { partsText } from './parts-text.ts'

describe('partsText', () => {
  test('tells the parts of a total', () => {
    expect(partsText('kwh', numbersOf(3))).toBe('1.0 kWh per call')
    expect(partsText('water_l', numbersOf(3))).toBe('33 % at the data centre, 67 % at power plants')
    expect(partsText('co2_kg', numbersOf(3))).toBe('80 % electricity, 20 % making the hardware')
  })

  test.each(['kwh', 'water_l', 'co2_kg'] as const)('%s of no calls has no parts', (metric) => {
    expect(partsText(metric, numbersOf(0))).toBe('no calls yet')
  })

  test('nothing is not split', () => {
    expect(partsText('water_l', { ...numbersOf(3), water_l: 0 })).toBe('none')
    expect(partsText('co2_kg', { ...numbersOf(3), co2_kg: 0 })).toBe('none')
  })
})
