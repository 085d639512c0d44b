/** Water of power plants from the table of EcoLogits, without the countries for which it has the world's figure. */
import type { CountryList } from './countries.ts'
import { type GridRange, rounded } from './grid-range.ts'

export interface ElectricityMix {
  /** Alpha-3. */
  readonly name: string
  /** L per kWh of electricity. */
  readonly wue: number
  readonly warnings?: readonly string[]
}

const WORLD_FIGURE = 'electricity-mix-wue-world'
/** As in grid_water.yaml: half is about the mix without its reservoirs, 1.7 times as far as US figures reach. */
const LOW_SHARE = 0.5
const HIGH_SHARE = 1.7

export interface GridWater {
  readonly grid: string
  readonly lPerKwh: GridRange
}

/** Ascending by grid; only grids of the set, and none that `given` has already. */
export function ecologitsWater(
  mixes: readonly ElectricityMix[],
  list: CountryList,
  ids: ReadonlySet<string>,
  given: ReadonlySet<string>,
): GridWater[] {
  const alpha2Of = new Map(Object.entries(list.alpha3ByAlpha2).map(([alpha2, alpha3]) => [alpha3, alpha2]))
  return mixes
    .filter((mix) => !(mix.warnings ?? []).includes(WORLD_FIGURE))
    .flatMap((mix) => {
      const grid = alpha2Of.get(mix.name)
      if (grid === undefined || !ids.has(grid) || given.has(grid)) return []
      const lPerKwh = { low: rounded(mix.wue * LOW_SHARE), central: mix.wue, high: rounded(mix.wue * HIGH_SHARE) }
      return [{ grid, lPerKwh }]
    })
    .sort((a, b) => (a.grid < b.grid ? -1 : 1))
}
