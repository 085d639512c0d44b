/** The numbers of an explanation, computed again from its steps alone: what a reader of the answer could do. */
import type { ExplainStep } from '@ecomind/schemas'
import { toUnits } from './compute.ts'
import type { FootprintUnits, Range } from './footprint.ts'
import { evaluateFormula } from './formula.ts'

/** Formula by formula; the result of an earlier step replaces the stated input of the same name. */
export function resultsOf(steps: readonly ExplainStep[]): ReadonlyMap<string, Range> {
  const results = new Map<string, Range>()
  for (const { id, formula, inputs } of steps) {
    const values = new Map(inputs.map((i) => [i.name, results.get(i.name) ?? i.value]))
    results.set(id, evaluateFormula(formula, values))
  }
  return results
}

/** The stored numbers. Throws a RangeError if a step is missing. */
export function recompute(steps: readonly ExplainStep[]): FootprintUnits {
  const results = resultsOf(steps)
  const resultOf = (id: string): Range => {
    const result = results.get(id)
    if (result === undefined) throw new RangeError(`Recompute an explanation: no step "${id}"`)
    return result
  }
  return toUnits({
    kwh: resultOf('kwh'),
    waterL: resultOf('water_l'),
    waterOnsiteL: resultOf('water_l_onsite'),
    waterOffsiteL: resultOf('water_l_offsite'),
    co2Kg: resultOf('co2_kg'),
    co2UseKg: resultOf('co2_kg_use'),
    co2EmbodiedKg: resultOf('co2_kg_embodied'),
  })
}
