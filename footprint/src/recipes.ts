/**
 * How each coefficient is made: for every quantity and activity term one product of named inputs. The coefficients
 * are computed from these lists and the explanation is printed from them, so the two can't drift apart.
 *
 * IT energy is what the servers draw, facility energy is IT x PUE. On-site water and hardware go with IT energy;
 * power plants (off-site water, CO2e of use) go with facility energy. PUE enters once: a figure that already
 * includes it (boundary `facility`) is divided by it where IT energy is wanted and left alone elsewhere.
 */
import type { CallEnergy, Grid, Quantity, TokenEnergy } from './definition.ts'
import type { Factor } from './factor.ts'
import type { Coefficients } from './footprint.ts'
import { dividedBy, named, type Product, type TermName, type TermRecipes, times } from './recipe.ts'
import { atSite } from './site.ts'
import type { ProductPart } from './spread.ts'

export type QuantityName = keyof Coefficients
export type Recipes = Readonly<Record<QuantityName, TermRecipes>>

const PER_KILO = { op: '/', constant: 1000 } as const

const PER_1K = 'Wh/1000 tokens'
const TOKEN_TERMS = [
  ['perCall', 'base_wh', 'Wh/call'],
  ['per1kFreshIn', 'wh_per_1k_in', PER_1K],
  ['per1kCacheRead', 'wh_per_1k_cache_read', PER_1K],
  ['per1kCacheWrite', 'wh_per_1k_cache_write', PER_1K],
  ['per1kOut', 'wh_per_1k_out', PER_1K],
  ['per1kInSquared', 'wh_per_1k_in_squared', 'Wh/(1000 tokens)^2'],
] as const satisfies readonly (readonly [TermName, keyof TokenEnergy, string])[]

const pueOf = (factor: Factor): Quantity =>
  factor.energy.form === 'call' ? (factor.energy.pue ?? factor.pue) : factor.pue

/** From the boundary of the figure to IT energy. */
function toIt(factor: Factor, energy: TokenEnergy): ProductPart[] {
  switch (energy.boundary) {
    case 'gpu':
      return [times('k_gpu_to_it', 'kWh IT/kWh GPU', factor.k_gpu_to_it)]
    case 'it':
      return []
    case 'facility':
      return [dividedBy('pue', 'kWh/kWh IT', factor.pue)]
  }
}

/** From the boundary of the figure to facility energy. */
function toFacility(factor: Factor, energy: TokenEnergy): ProductPart[] {
  if (energy.boundary === 'facility') return []
  return [...toIt(factor, energy), times('pue', 'kWh/kWh IT', pueOf(factor))]
}

/** Nothing for the standard tier. */
const toTier = (factor: Factor): ProductPart[] =>
  factor.tier_multiplier === undefined ? [] : [times('tier_multiplier', 'times', factor.tier_multiplier)]

/** What unseen reasoning adds to the visible output: surely, if the model always reasons, else up to that. */
function hiddenReasoning(factor: Factor, energy: TokenEnergy, multipliers: Product): TermRecipes {
  const { reasoning, hidden_reasoning_multiplier: hidden } = factor
  if (hidden === undefined || (reasoning !== 'always' && reasoning !== 'optional')) return {}
  const extra = { op: '*', input: named('hidden_reasoning_multiplier', 'times', hidden), minus: 1 } as const
  const product = [times('wh_per_1k_out', PER_1K, energy.wh_per_1k_out), extra, ...multipliers]
  return { per1kOutReasoningHidden: { product, upTo: reasoning === 'optional' } }
}

const everyTerm = (factor: Factor, energy: TokenEnergy, multipliers: Product): TermRecipes => ({
  ...Object.fromEntries(
    TOKEN_TERMS.map(([term, field, unit]) => [
      term,
      { product: [times(field, unit, energy[field]), ...multipliers], upTo: false },
    ]),
  ),
  ...hiddenReasoning(factor, energy, multipliers),
})

const perCall = (product: Product): TermRecipes => ({ perCall: { product, upTo: false } })

const callKwh = (factor: Factor, energy: CallEnergy): Product => [
  times('kwh_per_call', 'kWh IT/call', energy.kwh_per_call),
  ...toTier(factor),
  times('pue', 'kWh/kWh IT', pueOf(factor)),
]

/** Facility energy, times `more`. */
function facilityRecipes(factor: Factor, more: Product): TermRecipes {
  const { energy } = factor
  return energy.form === 'call'
    ? perCall([...callKwh(factor, energy), ...more])
    : everyTerm(factor, energy, [...toTier(factor), ...toFacility(factor, energy), PER_KILO, ...more])
}

/** CO2e of the electricity at so many grams per kWh, whoever accounts for it how. */
export const electricityCo2Recipes = (factor: Factor, inputName: string, gPerKwh: Quantity): TermRecipes =>
  facilityRecipes(factor, [times(inputName, 'g CO2e/kWh', gPerKwh), PER_KILO])

function tokenRecipes(factor: Factor, energy: TokenEnergy, grid: Grid): Recipes {
  const it = [...toTier(factor), ...toIt(factor, energy), PER_KILO]
  const wueOnsite = times('wue_onsite_l_per_kwh_it', 'L/kWh IT', factor.wue_onsite_l_per_kwh_it)
  const embodied = times('embodied_g_per_kwh_it', 'g CO2e/kWh IT', factor.embodied_g_per_kwh_it)
  return {
    kwh: facilityRecipes(factor, []),
    waterOnsiteL: everyTerm(factor, energy, [...it, wueOnsite]),
    waterOffsiteL: facilityRecipes(factor, [times('water_offsite_l_per_kwh', 'L/kWh', grid.water_offsite_l_per_kwh)]),
    co2UseKg: electricityCo2Recipes(factor, 'g_per_kwh', grid.g_per_kwh),
    co2EmbodiedKg: everyTerm(factor, energy, [...it, embodied, PER_KILO]),
  }
}

/** kWh = kwh_per_call x PUE; water = kWh x water_l_per_kwh; CO2e = kWh x g_per_kwh / 1000 or kWh x co2_kg_per_kwh. */
function callRecipes(factor: Factor, energy: CallEnergy, grid: Grid): Recipes {
  const water = [...callKwh(factor, energy), times('water_l_per_kwh', 'L/kWh', energy.water_l_per_kwh)]
  const { water_onsite_share: share, co2_kg_per_kwh: co2KgPerKwh } = energy
  return {
    kwh: facilityRecipes(factor, []),
    waterOnsiteL: perCall(share === undefined ? water : [...water, { op: '*', constant: share }]),
    waterOffsiteL: share === undefined ? {} : perCall([...water, { op: '*', constant: 1 - share }]),
    co2UseKg:
      co2KgPerKwh === undefined
        ? electricityCo2Recipes(factor, 'g_per_kwh', grid.g_per_kwh)
        : facilityRecipes(factor, [times('co2_kg_per_kwh', 'kg CO2e/kWh', co2KgPerKwh)]),
    co2EmbodiedKg: {},
  }
}

/** At the site of the grid: where the region of a cloud is known, its PUE and water stand in for the fleet's. */
export function recipesOf(factor: Factor, grid: Grid): Recipes {
  const there = atSite(factor, grid)
  const { energy } = there
  return energy.form === 'call' ? callRecipes(there, energy, grid) : tokenRecipes(there, energy, grid)
}
