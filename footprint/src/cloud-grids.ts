/**
 * The grids of cloud regions: the electricity and water of the grid they stand on, and a site of their own. What an
 * operator does not publish for a region is that of its fleet, and says so.
 */
import type { CloudFleet, CloudRegions, CloudSite, Grid, Quantity, Site } from './definition.ts'
import type { NamedFactorFile } from './parse-factor-set.ts'

type Cloud = CloudFleet['cloud']
interface OnGrid {
  readonly grid: Grid
  readonly row: CloudRegions
  /** Central values of the grids that other sources place it on. */
  readonly elsewhere: readonly Quantity[]
}

function siteOf(fleet: CloudFleet, own: CloudSite | undefined): Site {
  return {
    cloud: fleet.cloud,
    pue: own?.pue ?? fleet.pue,
    pue_of: own?.pue === undefined ? 'fleet' : 'site',
    wue_onsite_l_per_kwh_it: own?.wue_onsite_l_per_kwh_it ?? fleet.wue_onsite_l_per_kwh_it,
    wue_of: own?.wue_onsite_l_per_kwh_it === undefined ? 'fleet' : 'site',
    wue_basis: fleet.wue_basis,
  }
}

const spanning = (range: Quantity, others: readonly Quantity[]): Quantity => ({
  low: Math.min(range.low, ...others.map((o) => o.central)),
  central: range.central,
  high: Math.max(range.high, ...others.map((o) => o.central)),
  sources: [...new Set([...range.sources, ...others.flatMap((o) => o.sources)])],
})

function cloudGrid(region: string, { grid, row, elsewhere }: OnGrid, fleet: CloudFleet, own?: CloudSite): Grid {
  const { note: _note, market: gridMarket, site: _site, ...around } = grid
  const market = own?.market ?? fleet.market ?? gridMarket
  const notes = [own?.note, row.note].filter((note) => note !== undefined)
  return {
    ...around,
    id: `${row.cloud}:${region}`,
    name: `${fleet.name} ${region}, on ${grid.name}`,
    parent: grid.id,
    g_per_kwh: spanning(grid.g_per_kwh, elsewhere),
    water_of: grid.water_of ?? grid.id,
    aliases: [region],
    site: siteOf(fleet, own),
    ...(market === undefined ? {} : { market }),
    ...(notes.length === 0 ? {} : { note: notes.join(' ') }),
  }
}

/** Each cloud needs one fleet; a site must be of a region that is listed, and be there once. */
export function cloudGrids(files: readonly NamedFactorFile[], grids: readonly Grid[], faults: string[]): Grid[] {
  const byId = new Map(grids.map((g) => [g.id, g]))
  const fleets = new Map<Cloud, CloudFleet>()
  for (const { name, content } of files)
    for (const [i, fleet] of content.cloud_fleets.entries()) {
      if (fleets.has(fleet.cloud)) faults.push(`${name}.cloud_fleets[${i}]: cloud ${fleet.cloud} has its fleet twice`)
      fleets.set(fleet.cloud, fleet)
    }
  const regions = regionsOnGrids(files, byId, new Set(fleets.keys()), faults)
  const sites = sitesByRegion(files, regions, faults)
  return [...regions].flatMap(([id, { region, on }]) => {
    const fleet = fleets.get(on.row.cloud)
    return fleet === undefined ? [] : [cloudGrid(region, on, fleet, sites.get(id))]
  })
}

function regionsOnGrids(
  files: readonly NamedFactorFile[],
  byId: ReadonlyMap<string, Grid>,
  withFleet: ReadonlySet<Cloud>,
  faults: string[],
) {
  const regions = new Map<string, { readonly region: string; readonly on: OnGrid }>()
  for (const { name, content } of files)
    for (const [i, row] of content.cloud_regions.entries()) {
      if (!withFleet.has(row.cloud)) faults.push(`${name}.cloud_regions[${i}]: cloud ${row.cloud} has no cloud_fleets`)
      const at = (id: string): Grid[] => {
        const found = byId.get(id)
        if (found === undefined) faults.push(`${name}.cloud_regions[${i}]: grid ${id} does not exist`)
        return found === undefined ? [] : [found]
      }
      const elsewhere = row.also.flatMap(at).map((g) => g.g_per_kwh)
      for (const grid of at(row.grid))
        for (const region of row.regions) {
          const id = `${row.cloud}:${region}`
          if (regions.has(id)) faults.push(`${name}.cloud_regions[${i}]: region ${id} is given twice`)
          regions.set(id, { region, on: { grid, row, elsewhere } })
        }
    }
  return regions
}

function sitesByRegion(files: readonly NamedFactorFile[], regions: ReadonlyMap<string, unknown>, faults: string[]) {
  const sites = new Map<string, CloudSite>()
  for (const { name, content } of files)
    for (const [i, site] of content.cloud_sites.entries()) {
      const id = `${site.cloud}:${site.region}`
      if (!regions.has(id)) faults.push(`${name}.cloud_sites[${i}]: region ${id} is not in cloud_regions`)
      if (sites.has(id)) faults.push(`${name}.cloud_sites[${i}]: region ${id} is given twice`)
      sites.set(id, site)
    }
  return sites
}
