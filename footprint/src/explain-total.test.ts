import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { combineRanges } from './combine-ranges.ts'
import { compileCoefficients, computeFootprint, toUnits } from './compute.ts'
import { explainTotal, recomputeTotal, type TotalGroup } from './explain-total.ts'
import type { Activity, Range } from './footprint.ts'
import { loadDefaultFactorSet } from './node.ts'
import { recompute } from './recompute.ts'
import { activity } from './test-arbitraries.ts'

const set = loadDefaultFactorSet()

const add = (a: Activity, b: Activity): Activity =>
  Object.fromEntries(Object.entries(a).map(([k, v]) => [k, v + b[k as keyof Activity]])) as unknown as Activity
const addRange = (a: Range, low: number, central: number, high: number): Range => ({
  low: a.low + low / 1e12,
  central: a.central + central / 1e12,
  high: a.high + high / 1e12,
})
const nothing: Range = { low: 0, central: 0, high: 0 }

/** Sums of calls that were each rounded, as the database has them. */
function groupOf(factorId: string, gridId: string, calls: readonly Activity[]): TotalGroup {
  const [factor, grid] = [set.factorById(factorId), set.gridById(gridId)]
  if (factor === undefined || grid === undefined) throw new Error(`${factorId} on ${gridId} is wanted`)
  const coefficients = compileCoefficients(factor, grid)
  let stored = { kwh: nothing, waterL: nothing, co2Kg: nothing }
  for (const call of calls) {
    const u = toUnits(computeFootprint(coefficients, call))
    stored = {
      kwh: addRange(stored.kwh, u.kwhLow, u.kwh, u.kwhHigh),
      waterL: addRange(stored.waterL, u.waterLLow, u.waterL, u.waterLHigh),
      co2Kg: addRange(stored.co2Kg, u.co2KgLow, u.co2Kg, u.co2KgHigh),
    }
  }
  return { set, factorId, gridId, activity: calls.reduce(add), stored }
}

const group: fc.Arbitrary<TotalGroup> = fc
  .record({
    factor: fc.constantFrom(...set.factors.filter((_, i) => i % 7 === 0).map((f) => f.id)),
    tier: fc.constantFrom('', '+batch', '+flex'),
    grid: fc.constantFrom(...set.grids.map((g) => g.id)),
    calls: fc.array(activity, { minLength: 1, maxLength: 5 }),
  })
  .map(({ factor, tier, grid, calls }) =>
    groupOf(set.factorById(`${factor}${tier}`) === undefined ? factor : `${factor}${tier}`, grid, calls),
  )

describe('explainTotal', () => {
  test('recomputes to the very digits of the combined ranges, and each group to those of its sums', () => {
    fc.assert(
      fc.property(fc.array(group, { minLength: 1, maxLength: 8 }), (groups) => {
        const explained = explainTotal(groups)
        const again = recomputeTotal(JSON.parse(JSON.stringify(explained.steps)))
        for (const quantity of ['kwh', 'waterL', 'co2Kg'] as const) {
          const wanted = combineRanges(
            groups.map((g) => {
              const f = set.factorById(g.factorId)
              return { class: f?.class ?? '', factor: f?.model ?? '', range: g.stored[quantity] }
            }),
          )
          expect(again[quantity]).toEqual(wanted)
          expect(explained.total[quantity]).toEqual(wanted)
        }
        for (const g of explained.groups) {
          expect(g.agrees).toBe(true)
          expect(recompute(g.steps)).toEqual(toUnits(g.footprint))
        }
      }),
      { numRuns: 300 },
    )
  })

  test('tells a group whose stored sums are not those of its tokens', () => {
    const one = groupOf('openai/gpt-4o', 'US', fc.sample(activity, { numRuns: 3, seed: 7 }))
    const kwh = { ...one.stored.kwh, central: one.stored.kwh.central * 1.001 }
    expect(explainTotal([{ ...one, stored: { ...one.stored, kwh } }]).groups.map((g) => g.agrees)).toEqual([false])
  })

  test('adds one model at two hosts end to end and lists every source once', () => {
    const calls = fc.sample(activity, { numRuns: 2, seed: 3 })
    const groups = [groupOf('openai/gpt-4o', 'US', calls), groupOf('azure/gpt-4o', 'FR', calls)]
    const explained = explainTotal(groups)
    expect(explained.steps[0]?.formula).toBe('combine(class_large: g1_kwh + g2_kwh)')
    const [a, b] = groups.map((g) => g.stored.kwh.high)
    expect(explained.total.kwh.high).toBe((a ?? 0) + (b ?? 0))
    const ids = explained.sources.map((s) => s.id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.length).toBeGreaterThan(3)
  })

  test('is 0 for no groups and refuses ids that the set does not have', () => {
    expect(explainTotal([]).total).toEqual({ kwh: nothing, waterL: nothing, co2Kg: nothing })
    const one = groupOf('openai/gpt-4o', 'US', fc.sample(activity, 1))
    expect(() => explainTotal([{ ...one, factorId: 'openai/gone' }])).toThrow(/openai\/gone on US is not in/)
  })
})
