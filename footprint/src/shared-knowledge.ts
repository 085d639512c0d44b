/**
 * What two computations know in common. An error in a figure that both use moves both results the same way, so it must
 * not count twice in their difference. Two figures are the same knowledge when they stand at the same place of a
 * record with the same values and sources; figures of a model (its energy, its hidden reasoning) also need the same
 * model, because two models of one class share a figure and not its error.
 */
import type { CallEnergy, Grid, Quantity, TokenEnergy } from './definition.ts'
import type { Factor } from './factor.ts'

const exact = (q: Quantity): Quantity => ({ ...q, low: q.central, high: q.central })

function sameKnowledge(a: Quantity, b: Quantity | undefined): boolean {
  return (
    b !== undefined &&
    a.low === b.low &&
    a.central === b.central &&
    a.high === b.high &&
    a.sources.join(',') === b.sources.join(',')
  )
}

/** The range of a figure stays if it is shared, else the figure is taken for exact. */
const keep = (q: Quantity, other: Quantity | undefined): Quantity => (sameKnowledge(q, other) ? q : exact(q))

function sharedTokenEnergy(energy: TokenEnergy, other: TokenEnergy | undefined): TokenEnergy {
  return {
    form: 'tokens',
    boundary: energy.boundary,
    base_wh: keep(energy.base_wh, other?.base_wh),
    wh_per_1k_in: keep(energy.wh_per_1k_in, other?.wh_per_1k_in),
    wh_per_1k_cache_read: keep(energy.wh_per_1k_cache_read, other?.wh_per_1k_cache_read),
    wh_per_1k_cache_write: keep(energy.wh_per_1k_cache_write, other?.wh_per_1k_cache_write),
    wh_per_1k_out: keep(energy.wh_per_1k_out, other?.wh_per_1k_out),
    wh_per_1k_in_squared: keep(energy.wh_per_1k_in_squared, other?.wh_per_1k_in_squared),
  }
}

function sharedCallEnergy(energy: CallEnergy, other: CallEnergy | undefined): CallEnergy {
  return {
    ...energy,
    kwh_per_call: keep(energy.kwh_per_call, other?.kwh_per_call),
    ...(energy.pue === undefined ? {} : { pue: keep(energy.pue, other?.pue) }),
    water_l_per_kwh: keep(energy.water_l_per_kwh, other?.water_l_per_kwh),
    ...(energy.co2_kg_per_kwh === undefined
      ? {}
      : { co2_kg_per_kwh: keep(energy.co2_kg_per_kwh, other?.co2_kg_per_kwh) }),
  }
}

function sharedEnergy(factor: Factor, other: Factor): TokenEnergy | CallEnergy {
  const { energy } = factor
  const twin = factor.model === other.model ? other.energy : undefined
  return energy.form === 'tokens'
    ? sharedTokenEnergy(energy, twin?.form === 'tokens' ? twin : undefined)
    : sharedCallEnergy(energy, twin?.form === 'call' ? twin : undefined)
}

/** Reasoning that may or may not happen has an error of its own unless both are the same model. */
function sharedReasoning(factor: Factor, other: Factor): Pick<Factor, 'reasoning' | 'hidden_reasoning_multiplier'> {
  const { reasoning, hidden_reasoning_multiplier: hidden } = factor
  if (reasoning === undefined || hidden === undefined) return {}
  const twin = factor.model === other.model ? other.hidden_reasoning_multiplier : undefined
  if (sameKnowledge(hidden, twin)) return { reasoning, hidden_reasoning_multiplier: hidden }
  return { reasoning: reasoning === 'optional' ? 'never' : reasoning, hidden_reasoning_multiplier: exact(hidden) }
}

/** The factor with ranges only where `other` knows the same; the central values are untouched. */
export function sharedFactor(factor: Factor, other: Factor): Factor {
  const { reasoning: _r, hidden_reasoning_multiplier: _h, tier_multiplier: tier, ...facts } = factor
  return {
    ...facts,
    ...sharedReasoning(factor, other),
    ...(tier === undefined ? {} : { tier_multiplier: keep(tier, other.tier_multiplier) }),
    energy: sharedEnergy(factor, other),
    k_gpu_to_it: keep(factor.k_gpu_to_it, other.k_gpu_to_it),
    pue: keep(factor.pue, other.pue),
    wue_onsite_l_per_kwh_it: keep(factor.wue_onsite_l_per_kwh_it, other.wue_onsite_l_per_kwh_it),
    embodied_g_per_kwh_it: keep(factor.embodied_g_per_kwh_it, other.embodied_g_per_kwh_it),
  }
}

/** The grid with ranges only where `other` knows the same; its site is in the factors already (see site.ts). */
export function sharedGrid({ site: _site, ...grid }: Grid, other: Grid): Grid {
  return {
    ...grid,
    g_per_kwh: keep(grid.g_per_kwh, other.g_per_kwh),
    water_offsite_l_per_kwh: keep(grid.water_offsite_l_per_kwh, other.water_offsite_l_per_kwh),
  }
}
