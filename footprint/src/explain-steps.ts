/** The steps of one factor on one grid, from the counts of tokens to kWh, litres and kg CO2e. */
import type { ExplainStep } from '@ecomind/schemas'
import type { Grid } from './definition.ts'
import { explainStep, given, resultInput, sumOfSteps } from './explain-step.ts'
import type { Factor } from './factor.ts'
import type { Activity } from './footprint.ts'
import { marketFigure, marketRecipes } from './market.ts'
import { named, recipeFormula, type TermName, type TermRecipes } from './recipe.ts'
import { type QuantityName, recipesOf } from './recipes.ts'
import type { NamedInput } from './spread.ts'

interface Amount {
  readonly term: TermName
  readonly formula: string
  readonly input: NamedInput
}

const amountsOf = (a: Activity, fresh: ExplainStep, output: ExplainStep): readonly Amount[] => {
  const per1k = (term: TermName, input: NamedInput): Amount => ({ term, formula: `${input.name} / 1000`, input })
  return [
    { term: 'perCall', formula: 'calls', input: given('calls', 'calls', a.calls) },
    per1k('per1kFreshIn', resultInput(fresh)),
    per1k('per1kCacheRead', given('tokens_cache_read', 'tokens', a.tokensCacheRead)),
    per1k('per1kCacheWrite', given('tokens_cache_write', 'tokens', a.tokensCacheWrite)),
    per1k('per1kOut', resultInput(output)),
    {
      term: 'per1kInSquared',
      formula: 'tokens_in_squared / 1000000',
      input: given('tokens_in_squared', 'tokens^2', a.tokensInSquared),
    },
    per1k('per1kOutReasoningHidden', given('tokens_out_reasoning_hidden', 'tokens', a.tokensOutReasoningHidden)),
  ]
}

/** Terms of nothing are left out: adding an exact 0 changes no bit. */
function sumStep(
  id: string,
  label: string,
  unit: string,
  recipes: TermRecipes,
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
  return explainStep(id, label, formulas.length === 0 ? '0' : formulas.join(' + '), unit, inputs)
}

function freshInputStep(a: Activity): ExplainStep {
  const formula = 'max(tokens_in - tokens_cache_read - tokens_cache_write, 0)'
  return explainStep('fresh_input_tokens', 'Input tokens that were not cached', formula, 'tokens', [
    given('tokens_in', 'tokens', a.tokensIn),
    given('tokens_cache_read', 'tokens', a.tokensCacheRead),
    given('tokens_cache_write', 'tokens', a.tokensCacheWrite),
  ])
}

function outputStep(a: Activity): ExplainStep {
  const formula = 'tokens_out + tokens_reasoning_separate'
  return explainStep('output_tokens', 'Output tokens, with the reasoning that is stated', formula, 'tokens', [
    given('tokens_out', 'tokens', a.tokensOut),
    given('tokens_reasoning_separate', 'tokens', a.tokensReasoningSeparate),
  ])
}

/** For people: how much reasoning the computation assumes behind a visible output. */
function hiddenReasoningSteps(factor: Factor, a: Activity): ExplainStep[] {
  const { reasoning, hidden_reasoning_multiplier: multiplier } = factor
  if (multiplier === undefined || a.tokensOutReasoningHidden === 0 || factor.energy.form === 'call') return []
  const extra = 'hidden_reasoning_multiplier - 1'
  const [label, formula] =
    reasoning === 'optional'
      ? ['Reasoning that the model may have done unseen', `upto(${extra})`]
      : ['Reasoning of the model behind the visible output', `(${extra})`]
  return [
    explainStep('hidden_reasoning_tokens', label, `tokens_out_reasoning_hidden * ${formula}`, 'tokens', [
      given('tokens_out_reasoning_hidden', 'tokens', a.tokensOutReasoningHidden),
      named('hidden_reasoning_multiplier', 'times', multiplier),
    ]),
  ]
}

function tierSteps({ service_tier: tier, tier_multiplier: multiplier }: Factor): ExplainStep[] {
  if (tier === undefined || multiplier === undefined) return []
  const label = `Energy of the ${tier} tier over that of the standard tier`
  const input = named('tier_multiplier', 'times', multiplier)
  return [explainStep('tier_multiplier', label, 'tier_multiplier', 'times', [input])]
}

function marketLabel(factor: Factor, grid: Grid): string {
  const { market, basis } = marketFigure(factor, grid)
  if (market === null)
    return 'CO2e of the electricity, market-based: no instrument is known, the location-based figure stands in'
  const of = basis === 'provider' ? 'of the provider' : 'of the grid'
  return `CO2e of the electricity, market-based, ${of}: ${market.instrument} (${market.year})`
}

const QUANTITIES = [
  ['kwh', 'kwh', 'Electricity at the meter of the data centre', 'kWh'],
  ['waterOnsiteL', 'water_l_onsite', 'Water used at the data centre', 'L'],
  ['waterOffsiteL', 'water_l_offsite', 'Water used by power plants', 'L'],
  ['co2UseKg', 'co2_kg_use', 'CO2e of the electricity, location-based', 'kg CO2e'],
  ['co2EmbodiedKg', 'co2_kg_embodied', 'CO2e of making the hardware, share of this use', 'kg CO2e'],
] as const satisfies readonly (readonly [QuantityName, string, string, string])[]

/** The last two steps are the market-based number: beside the total, not part of it. */
export function stepsOf(factor: Factor, grid: Grid, a: Activity): ExplainStep[] {
  const recipes = recipesOf(factor, grid)
  const fresh = freshInputStep(a)
  const output = outputStep(a)
  const amounts = amountsOf(a, fresh, output)
  const sums = QUANTITIES.map(([quantity, id, label, unit]) => sumStep(id, label, unit, recipes[quantity], amounts))
  const parts = (...ids: string[]): ExplainStep[] => sums.filter((s) => ids.includes(s.id))
  const marketUse = sumStep(
    'co2_kg_use_market',
    marketLabel(factor, grid),
    'kg CO2e',
    marketRecipes(factor, grid),
    amounts,
  )
  return [
    fresh,
    output,
    ...hiddenReasoningSteps(factor, a),
    ...tierSteps(factor),
    ...parts('kwh', 'water_l_onsite', 'water_l_offsite'),
    sumOfSteps('water_l', 'Water, both together', 'L', parts('water_l_onsite', 'water_l_offsite')),
    ...parts('co2_kg_use', 'co2_kg_embodied'),
    sumOfSteps('co2_kg', 'CO2e, both together', 'kg CO2e', parts('co2_kg_use', 'co2_kg_embodied')),
    marketUse,
    sumOfSteps('co2_kg_market', 'CO2e with the market-based figure, beside the total', 'kg CO2e', [
      marketUse,
      ...parts('co2_kg_embodied'),
    ]),
  ]
}
