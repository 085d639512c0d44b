/** From the region in an event to a grid: our code, another naming of it, the region around it, or the world. */
import type { Definition, Grid } from './definition.ts'
import type { GridMatch } from './factor.ts'
import { flag } from './flags.ts'
import type { Flag, GridMatchKind } from './footprint.ts'
import { providerIndex } from './resolve-factor.ts'

export const WORLD = 'WORLD'

const CLOUD_PREFIX = /^(?:aws|amazon|gcp|google|azure)[:/]/
/** us-east-1a and us-central1-a are zones inside a region. */
const AWS_ZONE = /^([a-z]+(?:-[a-z]+)+-\d+)[a-z]$/
const GCP_ZONE = /^([a-z]+-[a-z]+\d+)-[a-z]$/
/** In cloud regions these are continents, not Saudi Arabia, Montenegro, Afghanistan and a free code. */
const CLOUD_CONTINENT = /^(?:sa|me|af|ap)-(?:north|south|east|west|central)/

function spellings(region: string): string[] {
  const lower = region.trim().toLowerCase().replace(CLOUD_PREFIX, '')
  const dashed = lower.replace(/[\s_]+/g, '-')
  const zone = AWS_ZONE.exec(dashed)?.[1] ?? GCP_ZONE.exec(dashed)?.[1]
  return [lower, lower.replace(/\s+/g, ''), dashed, ...(zone === undefined ? [] : [zone])]
}

/** us-mystery-1 -> us-mystery -> us. */
function regionsAround(region: string): string[] {
  const dashed = region
    .trim()
    .toLowerCase()
    .replace(CLOUD_PREFIX, '')
    .replace(/[\s_]+/g, '-')
  if (CLOUD_CONTINENT.test(dashed)) return []
  const parts = dashed.split('-').slice(0, -1)
  return parts.map((_, i) => parts.slice(0, parts.length - i).join('-'))
}

export function gridFlags(grid: Grid, kind: GridMatchKind, inferred: boolean): Flag[] {
  const flags: Flag[] = []
  if (inferred) flags.push(flag('region_inferred'))
  if (kind === 'parent') flags.push(flag('region_parent'))
  if (grid.id === WORLD) flags.push(flag('region_unknown'))
  return flags
}

export function gridResolver(
  definition: Definition,
  gridById: (id: string) => Grid | undefined,
): (region: string | null, provider: string) => GridMatch {
  const byName = new Map<string, Grid>()
  for (const g of definition.grids) for (const key of [g.id, ...g.aliases]) byName.set(key.toLowerCase(), g)
  const providerOf = providerIndex(definition)
  const defaults = new Map(definition.providers.map((p) => [p.id, p.default_grid]))
  const world = gridById(WORLD)
  if (world === undefined) throw new Error('Resolve grids: no grid WORLD; a bug of the factor set')

  const match = (grid: Grid, kind: GridMatchKind, region: string, inferred: boolean): GridMatch => {
    const actual = grid.id === WORLD ? 'world' : kind
    return { grid, kind: actual, region, inferred, flags: gridFlags(grid, actual, inferred) }
  }
  return (region, provider) => {
    if (region === null || region.trim() === '') {
      const grid = gridById(defaults.get(providerOf(provider)) ?? WORLD) ?? world
      return match(grid, 'inferred', grid.id, true)
    }
    for (const name of spellings(region)) {
      const grid = byName.get(name)
      if (grid !== undefined) return match(grid, grid.id === region ? 'exact' : exactOrAlias(grid, name), region, false)
    }
    for (const name of regionsAround(region)) {
      const grid = byName.get(name)
      if (grid !== undefined) return match(grid, 'parent', region, false)
    }
    return match(world, 'world', region, false)
  }
}

const exactOrAlias = (grid: Grid, name: string): GridMatchKind => (grid.id.toLowerCase() === name ? 'exact' : 'alias')
