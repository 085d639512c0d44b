/**
 * From the region in an event to a grid: our code, another naming of it, the region around it, or the world.
 *
 * The region of a cloud is a grid of its own (`aws:us-east-1`), because its site has a PUE and a water use that the
 * numbers depend on. Names are compared without case, accents and surrounding space; a cloud may be named before them
 * (`aws:us-east-1`, `azure/East US 2`) and the letter of a zone inside a region may follow.
 */
import type { Definition, Grid } from './definition.ts'
import type { GridMatch } from './factor.ts'
import { flag } from './flags.ts'
import type { Flag, GridMatchKind } from './footprint.ts'
import { providerIndex } from './resolve-factor.ts'

export const WORLD = 'WORLD'

/** No name of a region is longer or has more parts; what is cut off of a longer text is not looked at. */
const NAME_MAX = 120
const PARTS_MAX = 8

const CLOUD_OF_PREFIX: Readonly<Record<string, string>> = {
  aws: 'aws',
  amazon: 'aws',
  bedrock: 'aws',
  gcp: 'gcp',
  google: 'gcp',
  vertex: 'gcp',
  azure: 'azure',
  microsoft: 'azure',
}
const CLOUD_PREFIX = /^(aws|amazon|bedrock|gcp|google|vertex|azure|microsoft)[:/]/
/** As Azure lists them: (US) East US 2. */
const GEOGRAPHY_PREFIX = /^\([a-z ]+\) */
/** us-east-1a and us-central1-a are zones inside a region. */
const AWS_ZONE = /^([a-z]+(?:-[a-z]+)+-\d+)[a-z]$/
const GCP_ZONE = /^([a-z]+-[a-z]+\d+)-[a-z]$/
/** In the regions of clouds these are continents, not Saudi Arabia, Montenegro, Afghanistan and a free code. */
const CLOUD_CONTINENT = /^(sa|me|af|ap)-(?:north|south|east|west|central)/
const CONTINENTS: Readonly<Record<string, string>> = {
  sa: 'latin-america',
  me: 'middle-east',
  af: 'africa',
  ap: 'asia',
}

/** Lower case without accents, short forms and surrounding space: what names of regions are compared by. */
export const regionKey = (name: string): string =>
  name
    .slice(0, NAME_MAX)
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/ ?& ?/g, ' and ')
    .trim()
    .toLowerCase()
    .replace(/^st\.? /, 'saint ')
    .slice(0, NAME_MAX)

interface RegionName {
  /** Null: the text names no cloud. */
  readonly cloud: string | null
  readonly plain: string
  readonly dashed: string
}

function readRegion(region: string): RegionName {
  const key = regionKey(region)
  const prefix = CLOUD_PREFIX.exec(key)
  const plain = key.slice(prefix?.[0].length ?? 0).replace(GEOGRAPHY_PREFIX, '')
  return { cloud: CLOUD_OF_PREFIX[prefix?.[1] ?? ''] ?? null, plain, dashed: plain.replace(/[\s_]+/g, '-') }
}

/** Ways to write one region, the likeliest first. `westeurope` is how Azure writes West Europe. */
function spellings({ cloud, plain, dashed }: RegionName): string[] {
  const zone = AWS_ZONE.exec(dashed)?.[1] ?? GCP_ZONE.exec(dashed)?.[1]
  const names = [plain, dashed, dashed.replaceAll('-', ' '), ...(zone === undefined ? [] : [zone])]
  const azure = `azure:${dashed.replaceAll('-', '')}`
  return cloud === null
    ? [...names, azure]
    : [...names.map((name) => `${cloud}:${name}`), ...(cloud === 'azure' ? [azure] : []), ...names]
}

/** Azure writes the country and a point of the compass as one word: japansouth, eastus9. */
const COMPASS_BEHIND = /(?:north|south|east|west|central|\d)+$/
const COMPASS_BEFORE = /^(?:north|south|east|west|central)+(?=us\d*$)/
const withoutCompass = (word: string): string => {
  const before = COMPASS_BEFORE.exec(word)?.[0].length
  return before === undefined ? word.replace(COMPASS_BEHIND, '') : 'us'
}

/** us-mystery-1 -> us-mystery -> us. */
function regionsAround({ dashed }: RegionName): string[] {
  const continent = CLOUD_CONTINENT.exec(dashed)?.[1]
  const parts = dashed.split('-', PARTS_MAX)
  if (parts.length === 1) return [withoutCompass(dashed)]
  const around = parts.slice(1).map((_, i) => parts.slice(0, parts.length - 1 - i))
  const [first = [], ...longer] = around.reverse()
  const largest = continent === undefined ? first.join('-') : (CONTINENTS[continent] ?? '')
  return [...longer.reverse().flatMap((p) => [p.join('-'), p.join(' ')]), largest]
}

export function gridFlags(grid: Grid, kind: GridMatchKind, inferred: boolean): Flag[] {
  const flags: Flag[] = []
  if (inferred) flags.push(flag('region_inferred'))
  if (kind === 'parent') flags.push(flag('region_parent'))
  if (grid.id === WORLD) flags.push(flag('region_unknown'))
  if (grid.site?.pue_of === 'fleet' || grid.site?.wue_of === 'fleet') flags.push(flag('site_fleet_value'))
  if (grid.water_of === WORLD) flags.push(flag('water_from_world'))
  return flags
}

export function gridResolver(
  definition: Definition,
  gridById: (id: string) => Grid | undefined,
): (region: string | null, provider: string) => GridMatch {
  const byName = new Map<string, Grid>()
  for (const g of definition.grids) for (const key of [g.id, ...g.aliases]) byName.set(regionKey(key), g)
  const providerOf = providerIndex(definition)
  const defaults = new Map(definition.providers.map((p) => [p.id, p.default_grid]))
  const world = gridById(WORLD)
  if (world === undefined) throw new Error('Resolve grids: no grid WORLD; a bug of the factor set')

  const match = (grid: Grid, kind: GridMatchKind, region: string, inferred: boolean): GridMatch => {
    const actual = grid.id === WORLD ? 'world' : kind
    return { grid, kind: actual, region, inferred, flags: gridFlags(grid, actual, inferred) }
  }
  const first = (names: readonly string[]): Grid | undefined => {
    for (const name of names) {
      const grid = byName.get(name)
      if (grid !== undefined) return grid
    }
    return undefined
  }
  return (region, provider) => {
    if (region === null || region.trim() === '') {
      const grid = gridById(defaults.get(providerOf(provider)) ?? WORLD) ?? world
      return match(grid, 'inferred', grid.id, true)
    }
    const name = readRegion(region)
    const named = first(spellings(name))
    if (named !== undefined) return match(named, isId(named, region) ? 'exact' : 'alias', region, false)
    const around = first(regionsAround(name))
    return around === undefined ? match(world, 'world', region, false) : match(around, 'parent', region, false)
  }
}

const isId = (grid: Grid, region: string): boolean => regionKey(grid.id) === regionKey(region)
