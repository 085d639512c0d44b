import { describe, expect, it } from 'vitest'
import { fits, readQuantity } from './shown-quantity.ts'

describe('fits', () => {
  it('takes a value that rounds to what is shown and no other', () => {
    expect(fits('12 kWh', 12.4)).toBe(true)
    expect(fits('12 kWh', 12.6)).toBe(false)
    expect(fits('0.31 g CO₂e', 0.000_314)).toBe(true)
    expect(fits('0.31 g CO₂e', 0.000_32)).toBe(false)
    expect(fits('1,200 GWh', 1_249e6)).toBe(true)
    expect(fits('1,200 GWh', 1_251e6)).toBe(false)
  })

  it('refuses text that is no quantity', () => {
    expect(() => readQuantity('–')).toThrow('is none')
    expect(() => readQuantity('12 parsecs')).toThrow('is none')
  })
})
