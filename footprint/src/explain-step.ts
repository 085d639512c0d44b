/** One step of an explanation: a formula, its inputs, and what comes out when the formula is evaluated. */
import type { ExplainStep } from '@ecomind/schemas'
import type { Range } from './footprint.ts'
import { evaluateFormula } from './formula.ts'
import { exactly, type NamedInput } from './spread.ts'

const copyOf = (r: Range): Range => ({ low: r.low, central: r.central, high: r.high })

/** A number of the event: exact, no source. */
export const given = (name: string, unit: string, value: number): NamedInput => ({
  name,
  unit,
  value: exactly(value),
  sourceIds: [],
})

/** The result of an earlier step. */
export const resultInput = ({ id, unit, result }: ExplainStep): NamedInput => ({
  name: id,
  unit,
  value: result,
  sourceIds: [],
})

/** Inputs that are given several times under one name are one. */
export function explainStep(
  id: string,
  label: string,
  formula: string,
  unit: string,
  inputs: readonly NamedInput[],
): ExplainStep {
  const unique = new Map(inputs.map((i) => [i.name, i]))
  return {
    id,
    label,
    formula,
    unit,
    inputs: [...unique.values()].map((i) => ({
      name: i.name,
      unit: i.unit,
      value: copyOf(i.value),
      source_ids: [...i.sourceIds],
    })),
    result: evaluateFormula(formula, new Map([...unique].map(([name, i]) => [name, i.value]))),
  }
}

export const sumOfSteps = (id: string, label: string, unit: string, parts: readonly ExplainStep[]): ExplainStep =>
  explainStep(id, label, parts.map((p) => p.id).join(' + '), unit, parts.map(resultInput))
