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
import type { Coefficients, Range, TermCoefficients } from './footprint.ts'
import { exactly, type NamedInput, type ProductPart, productFormula, productOf } from './spread.ts'

export type QuantityName = keyof Coefficients
export type TermName = keyof TermCoefficients
type Product = readonly ProductPart[]
/** `upTo`: anything from nothing to the high of the product; the best guess is nothing. */
export interface Recipe {
  readonly product: Product
  readonly upTo: boolean
}
type TermRecipes = Readonly<Partial<Record<TermName, Recipe>>>
export type Recipes = Readonly<Record<QuantityName, TermRecipes>>

export function recipeValue({ product, upTo }: Recipe): Range {
  const value = productOf(product)
  return upTo ? { ...exactly(0), high: value.high } : value
}

/** As `evaluateFormula` reads it. */
export const recipeFormula = ({ product, upTo }: Recipe): string =>
  upTo ? `upto(${productFormula(product)})` : productFormula(product)

const WH_PER_KWH = 1000
const G_PER_KG = 1000

const named = (name: string, unit: string, q: Quantity): NamedInput => ({ name, unit, value: q, sourceIds: q.sources })
const times = (name: string, unit: string, q: Quantity): ProductPart => ({ op: '*', input: named(name, unit, q) })
const dividedBy = (name: string, unit: string, q: Quantity): ProductPart => ({ op: '/', input: named(name, unit, q) })

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

function tokenRecipes(factor: Factor, energy: TokenEnergy, grid: Grid): Recipes {
  const kwh = { op: '/', constant: WH_PER_KWH } as const
  const kg = { op: '/', constant: G_PER_KG } as const
  const it = [...toTier(factor), ...toIt(factor, energy), kwh]
  const facility = [...toTier(factor), ...toFacility(factor, energy), kwh]
  const forEachTerm = (multipliers: Product): TermRecipes => ({
    ...Object.fromEntries(
      TOKEN_TERMS.map(([term, field, unit]) => [
        term,
        { product: [times(field, unit, energy[field]), ...multipliers], upTo: false },
      ]),
    ),
    ...hiddenReasoning(factor, energy, multipliers),
  })
  return {
    kwh: forEachTerm(facility),
    waterOnsiteL: forEachTerm([...it, times('wue_onsite_l_per_kwh_it', 'L/kWh IT', factor.wue_onsite_l_per_kwh_it)]),
    waterOffsiteL: forEachTerm([...facility, times('water_offsite_l_per_kwh', 'L/kWh', grid.water_offsite_l_per_kwh)]),
    co2UseKg: forEachTerm([...facility, times('g_per_kwh', 'g CO2e/kWh', grid.g_per_kwh), kg]),
    co2EmbodiedKg: forEachTerm([
      ...it,
      times('embodied_g_per_kwh_it', 'g CO2e/kWh IT', factor.embodied_g_per_kwh_it),
      kg,
    ]),
  }
}

/** kWh = kwh_per_call x PUE; water = kWh x water_l_per_kwh; CO2e = kWh x g_per_kwh / 1000 or kWh x co2_kg_per_kwh. */
function callRecipes(factor: Factor, energy: CallEnergy, grid: Grid): Recipes {
  const kwh = [
    times('kwh_per_call', 'kWh IT/call', energy.kwh_per_call),
    ...toTier(factor),
    times('pue', 'kWh/kWh IT', pueOf(factor)),
  ]
  const perCall = (product: Product): TermRecipes => ({ perCall: { product, upTo: false } })
  const water = [...kwh, times('water_l_per_kwh', 'L/kWh', energy.water_l_per_kwh)]
  const share = energy.water_onsite_share
  const co2 =
    energy.co2_kg_per_kwh === undefined
      ? [times('g_per_kwh', 'g CO2e/kWh', grid.g_per_kwh), { op: '/', constant: G_PER_KG } as const]
      : [times('co2_kg_per_kwh', 'kg CO2e/kWh', energy.co2_kg_per_kwh)]
  return {
    kwh: perCall(kwh),
    waterOnsiteL: perCall(share === undefined ? water : [...water, { op: '*', constant: share }]),
    waterOffsiteL: share === undefined ? {} : perCall([...water, { op: '*', constant: 1 - share }]),
    co2UseKg: perCall([...kwh, ...co2]),
    co2EmbodiedKg: {},
  }
}

export const recipesOf = (factor: Factor, grid: Grid): Recipes =>
  factor.energy.form === 'call' ? callRecipes(factor, factor.energy, grid) : tokenRecipes(factor, factor.energy, grid)
