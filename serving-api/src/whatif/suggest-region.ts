/**
 * The region with the least CO2e per kWh of IT energy among those in reach of a provider: regions in which the
 * organisation already uses it and, for clouds whose customers choose the region, all regions of that cloud in the
 * factor set but those that are closed to the public.
 */
import { type Grid, WORLD } from '@ecomind/footprint'
import type { PlacedWork } from '../work/ask-work.ts'
import type { Candidate } from './candidate.ts'

/** Providers that let customers choose the region, and the cloud whose regions those are. */
const CLOUD_OF: Readonly<Record<string, string>> = { bedrock: 'aws', azure: 'azure', google: 'gcp' }

/** Regions for governments, and those of China, which need a contract of their own. */
const CLOSED = /gov|dod|china|^cn-/

interface Region {
  /** The id of its grid: one name for all the spellings in which events state it. */
  readonly name: string
  readonly grid: Grid
}

function regionsInReach(work: readonly PlacedWork[], first: PlacedWork): Region[] {
  const used = work.filter((w) => w.grid.id !== WORLD).map((w) => ({ name: w.grid.id, grid: w.grid }))
  const cloud = CLOUD_OF[first.factor.provider]
  if (cloud === undefined) return used
  const offered = first.set.grids
    .filter((grid) => grid.site?.cloud === cloud)
    .map((grid) => ({ name: grid.id, grid }))
    .filter(({ name }) => !CLOSED.test(name.slice(cloud.length + 1)))
  return [...used, ...offered]
}

/** `work` is that of one provider under one set. */
export function cleanerRegion(work: readonly PlacedWork[]): Candidate[] {
  const [first] = work
  if (first === undefined) return []
  const { set, provider, factor } = first
  const gramsPerKwhIt = ({ grid }: Pick<Region, 'grid'>): number =>
    grid.g_per_kwh.central * (grid.site?.pue ?? factor.pue).central
  const [best] = regionsInReach(work, first)
    // The name has to lead back to its grid, or the answer of the change would be another number.
    .filter(({ name, grid }) => set.resolveGrid(name, provider).grid === grid)
    .sort((a, b) => gramsPerKwhIt(a) - gramsPerKwhIt(b) || (a.name < b.name ? -1 : 1))
  if (best === undefined) return []
  const elsewhere = work.filter((w) => gramsPerKwhIt(w) > gramsPerKwhIt(best))
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
