/** One computation, step by step: formulas with their inputs, units and sources, in the shape of the API's answer. */
import type { ExplainAnswer, ExplainStep, Source as SourceAnswer } from '@ecomind/schemas'
import { compileCoefficients, computeFootprint, toUnits } from './compute.ts'
import type { Source } from './definition.ts'
import type { FactorMatch, GridMatch } from './factor.ts'
import { flag } from './flags.ts'
import type { Activity, Flag, Footprint, FootprintUnits, Range } from './footprint.ts'
import { QUADRATIC_TOKENS_MAX } from './footprint.ts'
import { evaluateFormula } from './formula.ts'
import { type QuantityName, type Recipes, recipeFormula, recipesOf, type TermName } from './recipes.ts'
import { exactly, type NamedInput } from './spread.ts'

export type Explanation = Pick<ExplainAnswer, 'factor' | 'grid' | 'steps' | 'sources' | 'flags'> & {
  readonly footprint: Footprint
  readonly units: FootprintUnits
}

const given = (name: string, unit: string, value: number): NamedInput => ({
  name,
  unit,
  value: exactly(value),
  sourceIds: [],
})
const copyOf = (r: Range): Range => ({ low: r.low, central: r.central, high: r.high })

function step(id: string, label: string, formula: string, unit: string, inputs: readonly NamedInput[]): ExplainStep {
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

interface Amount {
  readonly term: TermName
  readonly formula: string
  readonly input: NamedInput
}

const amountsOf = (a: Activity, fresh: ExplainStep, output: ExplainStep): readonly Amount[] => {
  const per1k = (term: TermName, name: string, tokens: number): Amount => ({
    term,
    formula: `${name} / 1000`,
    input: given(name, 'tokens', tokens),
  })
  return [
    { term: 'perCall', formula: 'calls', input: given('calls', 'calls', a.calls) },
    per1k('per1kFreshIn', fresh.id, fresh.result.central),
    per1k('per1kCacheRead', 'tokens_cache_read', a.tokensCacheRead),
    per1k('per1kCacheWrite', 'tokens_cache_write', a.tokensCacheWrite),
    per1k('per1kOut', output.id, output.result.central),
    {
      term: 'per1kInSquared',
      formula: 'tokens_in_squared / 1000000',
      input: given('tokens_in_squared', 'tokens^2', a.tokensInSquared),
    },
    per1k('per1kOutReasoningHidden', 'tokens_out_reasoning_hidden', a.tokensOutReasoningHidden),
  ]
}

/** Terms of nothing are left out: adding an exact 0 changes no bit. */
function sumStep(
  id: string,
  label: string,
  unit: string,
  recipes: Recipes[QuantityName],
  amounts: readonly Amount[],
): ExplainStep {
  const formulas: string[] = []
  const inputs: NamedInput[] = []
  for (const { term, formula, input } of amounts) {
    const recipe = recipes[term]
    if (recipe === undefined || input.value.central === 0) continue
    formulas.push(`${formula} * ${recipeFormula(recipe)}`)
    inputs.push(input, ...recipe.product.flatMap((part) => ('input' in part ? [part.input] : [])))
  }
  return step(id, label, formulas.length === 0 ? '0' : formulas.join(' + '), unit, inputs)
}

const totalStep = (id: string, label: string, unit: string, parts: readonly ExplainStep[]): ExplainStep =>
  step(
    id,
    label,
    parts.map((p) => p.id).join(' + '),
    unit,
    parts.map((p) => ({ name: p.id, unit: p.unit, value: p.result, sourceIds: [] })),
  )

function freshInputStep(a: Activity): ExplainStep {
  const formula = 'max(tokens_in - tokens_cache_read - tokens_cache_write, 0)'
  return step('fresh_input_tokens', 'Input tokens that were not cached', formula, 'tokens', [
    given('tokens_in', 'tokens', a.tokensIn),
    given('tokens_cache_read', 'tokens', a.tokensCacheRead),
    given('tokens_cache_write', 'tokens', a.tokensCacheWrite),
  ])
}

function outputStep(a: Activity): ExplainStep {
  const formula = 'tokens_out + tokens_reasoning_separate'
  return step('output_tokens', 'Output tokens, reasoning included', formula, 'tokens', [
    given('tokens_out', 'tokens', a.tokensOut),
    given('tokens_reasoning_separate', 'tokens', a.tokensReasoningSeparate),
  ])
}

const QUANTITIES = [
  ['kwh', 'kwh', 'Electricity at the meter of the data centre', 'kWh'],
  ['waterOnsiteL', 'water_l_onsite', 'Water used at the data centre', 'L'],
  ['waterOffsiteL', 'water_l_offsite', 'Water used by power plants', 'L'],
  ['co2UseKg', 'co2_kg_use', 'CO2e of the electricity, location-based', 'kg CO2e'],
  ['co2EmbodiedKg', 'co2_kg_embodied', 'CO2e of making the hardware, share of this use', 'kg CO2e'],
] as const satisfies readonly (readonly [QuantityName, string, string, string])[]

function stepsOf(recipes: Recipes, a: Activity): ExplainStep[] {
  const fresh = freshInputStep(a)
  const output = outputStep(a)
  const amounts = amountsOf(a, fresh, output)
  const sums = QUANTITIES.map(([quantity, id, label, unit]) => sumStep(id, label, unit, recipes[quantity], amounts))
  const parts = (prefix: string): ExplainStep[] => sums.filter((s) => s.id.startsWith(prefix))
  return [
    fresh,
    output,
    ...parts('kwh'),
    ...parts('water_l'),
    totalStep('water_l', 'Water, both together', 'L', parts('water_l')),
    ...parts('co2_kg'),
    totalStep('co2_kg', 'CO2e, both together', 'kg CO2e', parts('co2_kg')),
  ]
}

function flagsOf(match: FactorMatch, grid: GridMatch, activity: Activity): Flag[] {
  const capped =
    activity.calls === 1 && activity.tokensIn > QUADRATIC_TOKENS_MAX && match.factor.energy.form === 'tokens'
  const hidden = activity.tokensOutReasoningHidden > 0 && match.factor.hidden_reasoning_multiplier !== undefined
  const flags = [
    ...match.flags,
    ...grid.flags,
    ...(capped ? [flag('long_context_capped')] : []),
    ...(hidden && match.factor.energy.form === 'tokens' ? [flag('reasoning_hidden')] : []),
  ]
  return [...new Map(flags.map((f) => [f.code, f])).values()]
}

function sourcesOf(steps: readonly ExplainStep[], sources: readonly Source[]): SourceAnswer[] {
  const used = new Set(steps.flatMap((s) => s.inputs.flatMap((i) => i.source_ids)))
  return sources
    .filter((s) => used.has(s.id))
    .map(({ id, title, url, year, licence }) => ({ id, title, ...(url === undefined ? {} : { url }), year, licence }))
}

/** `sources` are those of the set that the matches come from. */
export function explain(
  match: FactorMatch,
  gridMatch: GridMatch,
  activity: Activity,
  sources: readonly Source[],
): Explanation {
  const { factor } = match
  const { grid } = gridMatch
  const footprint = computeFootprint(compileCoefficients(factor, grid), activity)
  const steps = stepsOf(recipesOf(factor, grid), activity)
  return {
    factor: {
      id: factor.id,
      match: match.kind,
      class: factor.class,
      tier: factor.tier,
      ...(factor.note === undefined ? {} : { note: factor.note }),
    },
    grid: { id: grid.id, match: gridMatch.kind, name: grid.name, year: grid.year, basis: grid.basis },
    steps,
    sources: sourcesOf(steps, sources),
    flags: flagsOf(match, gridMatch, activity),
    footprint,
    units: toUnits(footprint),
  }
}

/**
 * Computes the stored numbers again from the steps alone, formula by formula: what a reader of the answer could do.
 * The result of an earlier step replaces the stated input of the same name. Throws if a step is missing.
 */
export function recompute(steps: readonly ExplainStep[]): FootprintUnits {
  const results = new Map<string, Range>()
  for (const { id, formula, inputs } of steps) {
    const values = new Map(inputs.map((i) => [i.name, results.get(i.name) ?? i.value]))
    results.set(id, evaluateFormula(formula, values))
  }
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
