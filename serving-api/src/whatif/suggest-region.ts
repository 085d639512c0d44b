/**
 * The region with the least CO2e per kWh among those in reach of a provider: regions in which the organisation already
 * uses it and, for clouds whose customers choose the region, all regions of that cloud in the factor set.
 */
import type { FactorSet, Grid } from '@ecomind/footprint'
import { WORLD } from '@ecomind/footprint'
import type { PlacedWork } from '../work/ask-work.ts'
import type { Candidate } from './candidate.ts'

/** How the clouds write their regions: eu-north-1, europe-north1, swedencentral. */
const CLOUD_REGION: Readonly<Record<string, RegExp>> = {
  bedrock: /^[a-z]{2}-(?:north|south|east|west|central)[a-z]*-\d$/,
  google: /^[a-z]+-(?:north|south|east|west|central)[a-z]*\d+$/,
  azure: /^(?:[a-z]+(?:north|south|east|west|central)\d?|(?:north|south|east|west|central)[a-z]+\d?)$/,
}

interface Region {
  readonly name: string
  readonly grid: Grid
}

function regionsInReach(work: readonly PlacedWork[], set: FactorSet, provider: string): Region[] {
  const used = work.filter((w) => w.grid.id !== WORLD).map((w) => ({ name: w.region, grid: w.grid }))
  const pattern = CLOUD_REGION[provider]
  if (pattern === undefined) return used
  const offered = set.grids.flatMap((grid) =>
    grid.aliases.filter((alias) => pattern.test(alias)).map((name) => ({ name, grid })),
  )
  return [...used, ...offered]
}

/** `work` is that of one provider under one set. */
export function cleanerRegion(work: readonly PlacedWork[]): Candidate[] {
  const [first] = work
  if (first === undefined) return []
  const { set, provider, factor } = first
  const [best] = regionsInReach(work, set, factor.provider)
    // The name has to lead back to its grid, or the answer of the change would be another number.
    .filter(({ name, grid }) => set.resolveGrid(name, provider).grid === grid)
    .sort((a, b) => a.grid.g_per_kwh.central - b.grid.g_per_kwh.central || (a.name < b.name ? -1 : 1))
  if (best === undefined) return []
  const elsewhere = work.filter((w) => w.grid.g_per_kwh.central > best.grid.g_per_kwh.central)
  if (elsewhere.length === 0) return []
  return [
    {
      kind: 'cleaner_region',
      title: `Serve ${provider} from ${best.name} (${best.grid.name})`,
      work: elsewhere,
      change: { region: best.name },
    },
  ]
}
