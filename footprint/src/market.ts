/**
 * The market-based number: CO2e of the same electricity after certificates and contracts. It stands beside the
 * location-based total, never in its place, because a contract moves no power plant. The provider's own instrument
 * goes before the residual mix of the grid; where neither is known, the location-based figure stands in and says so.
 */
import { coefficientsOf } from './compute.ts'
import type { Grid, Market } from './definition.ts'
import type { Factor } from './factor.ts'
import type { RangeCoefficients } from './footprint.ts'
import type { TermRecipes } from './recipe.ts'
import { electricityCo2Recipes, recipesOf } from './recipes.ts'
import { atSite } from './site.ts'

export type MarketBasis = 'provider' | 'grid' | 'location'

export interface MarketFigure {
  /** `location`: no instrument is known, the location-based figure stands in. */
  readonly basis: MarketBasis
  /** Null with `location`. */
  readonly market: Market | null
}

export function marketFigure(factor: Factor, grid: Grid): MarketFigure {
  if (factor.market !== undefined) return { basis: 'provider', market: factor.market }
  if (grid.market !== undefined) return { basis: 'grid', market: grid.market }
  return { basis: 'location', market: null }
}

export function marketRecipes(factor: Factor, grid: Grid): TermRecipes {
  const { market } = marketFigure(factor, grid)
  if (market === null) return recipesOf(factor, grid).co2UseKg
  return electricityCo2Recipes(atSite(factor, grid), 'g_per_kwh_market', market.g_per_kwh_market)
}

/** kg CO2e of the electricity, market-based; hardware is not in it. Multiply with `computeQuantity`. */
export const compileMarketCo2Use = (factor: Factor, grid: Grid): RangeCoefficients =>
  coefficientsOf(marketRecipes(factor, grid))
