import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileCoefficients, computeFootprint, toUnits } from './compute.ts'
import { computeUnitsInto, UNIT_NAMES, unitsFrom } from './compute-units.ts'
import { activity, anyGrid, factor } from './test-arbitraries.ts'

describe('computeUnitsInto', () => {
  test('gives the units of computeFootprint to the last bit, for any factor, grid and activity', () => {
    const out = new Float64Array(3 * UNIT_NAMES.length)
    fc.assert(
      fc.property(factor, anyGrid, activity, fc.nat(2), (f, g, a, row) => {
        const coefficients = compileCoefficients(f, g)
        const at = row * UNIT_NAMES.length
        computeUnitsInto(coefficients, a, out, at)
        const wanted = toUnits(computeFootprint(coefficients, a))
        expect(unitsFrom(out, at)).toEqual(wanted)
        expect(UNIT_NAMES.map((name, i) => [name, out[at + i]])).toEqual(Object.entries(wanted))
      }),
      { numRuns: 3000 },
    )
  })

  test('writes its 11 numbers and nothing beside them', () => {
    const out = new Float64Array(UNIT_NAMES.length + 2).fill(-1)
    const [f, g, a] = fc.sample(fc.tuple(factor, anyGrid, activity), { numRuns: 1, seed: 1 })[0] ?? []
    if (f === undefined || g === undefined || a === undefined) throw new Error('a sample was wanted')
    computeUnitsInto(compileCoefficients(f, g), a, out, 1)
    expect([out[0], out.at(-1)]).toEqual([-1, -1])
    expect([...out.slice(1, -1)].every((value) => Number.isSafeInteger(value) && value >= 0)).toBe(true)
  })
})
