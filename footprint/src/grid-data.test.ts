/** The grids that ship: none that a publisher lists is missing, and every figure is one that a grid can have. */
import { describe, expect, test } from 'vitest'
import type { Grid } from './definition.ts'
import { loadDefaultFactorSet } from './node.ts'
import {
  AWS_REGIONS,
  AZURE_REGIONS,
  ELECTRICITY_MAPS_ZONES,
  EMBER_COUNTRIES,
  GCP_REGIONS,
} from './test-region-lists.ts'

const set = loadDefaultFactorSet()
const sites = set.grids.filter((g) => g.site !== undefined)
const resolve = (region: string) => set.resolveGrid(region, 'nobody')
const grid = (id: string): Grid => {
  const found = set.gridById(id)
  if (found === undefined) throw new Error(`${id} was wanted`)
  return found
}

describe('every name that is published leads to a grid of its own:', () => {
  test(`${EMBER_COUNTRIES.length} countries of Ember`, () => {
    expect(EMBER_COUNTRIES).toHaveLength(209)
    const ids = EMBER_COUNTRIES.map((alpha3) => {
      const { grid: found, kind } = resolve(alpha3)
      expect([alpha3, kind]).toEqual([alpha3, 'alias'])
      expect(found.id).toMatch(/^[A-Z]{2}$/)
      expect(resolve(found.id).kind).toBe('exact')
      return found.id
    })
    expect(new Set(ids).size).toBe(EMBER_COUNTRIES.length)
  })

  test('English names of all countries, as Unicode lists them', () => {
    const english = new Intl.DisplayNames(['en'], { type: 'region' })
    const countries = set.grids.filter((g) => /^[A-Z]{2}$/.test(g.id) && g.id !== 'EU')
    expect(countries.length).toBeGreaterThan(215)
    for (const { id } of countries) expect([id, resolve(english.of(id) ?? '').grid.id]).toEqual([id, id])
  })

  test(`${ELECTRICITY_MAPS_ZONES.length} zones of Electricity Maps`, () => {
    expect(ELECTRICITY_MAPS_ZONES).toHaveLength(352)
    for (const zone of ELECTRICITY_MAPS_ZONES) expect(['exact', 'alias'], zone).toContain(resolve(zone).kind)
    expect(new Set(ELECTRICITY_MAPS_ZONES.map((zone) => resolve(zone).grid.id)).size).toBe(352)
  })

  test.each([
    ['aws', AWS_REGIONS, 41],
    ['azure', AZURE_REGIONS, 71],
    ['gcp', GCP_REGIONS, 42],
  ] as const)('regions of %s', (cloud, regions, count) => {
    expect(regions).toHaveLength(count)
    for (const region of regions) {
      expect(resolve(region).grid.site?.cloud, region).toBe(cloud)
      expect(resolve(`${cloud}:${region}`).grid.id, region).toBe(resolve(region).grid.id)
    }
    expect(new Set(regions.map((region) => resolve(region).grid.id)).size).toBe(count)
  })
})

describe('every grid', () => {
  test('has an intensity above 0 and below 1,500 g and water above 0 and below 50 L, in order', () => {
    for (const { id, g_per_kwh: g, water_offsite_l_per_kwh: water } of set.grids) {
      const values = [0, g.low, g.central, g.high, 1500]
      expect(values, id).toEqual([...values].sort((a, b) => a - b))
      expect(g.low, id).toBeGreaterThan(0)
      const litres = [0, water.low, water.central, water.high, 50]
      expect(litres, id).toEqual([...litres].sort((a, b) => a - b))
    }
  })

  test('is at least 1.14 times as high as its central value and as low as it divided by that', () => {
    for (const { id, g_per_kwh: g } of set.grids) {
      expect(g.high / g.central, id).toBeGreaterThan(1.14)
      expect(g.central / g.low, id).toBeGreaterThan(1.14)
    }
  })

  test('of a region inside a larger one reaches the world in at most five steps', () => {
    for (const { id } of set.grids) {
      const chain: string[] = []
      for (let at: string | null = id; at !== null; at = grid(at).parent) chain.push(at)
      expect(chain.at(-1), id).toBe('WORLD')
      expect(chain.length, id).toBeLessThanOrEqual(6)
    }
  })

  test('that water is borrowed for says of which, and that is a grid around it with the same figure', () => {
    for (const g of set.grids) {
      if (g.water_of === undefined) continue
      const chain: string[] = []
      for (let at = g.parent; at !== null; at = grid(at).parent) chain.push(at)
      expect(chain, g.id).toContain(g.water_of)
      expect(g.water_offsite_l_per_kwh).toEqual(grid(g.water_of).water_offsite_l_per_kwh)
    }
  })
})

describe('every region of a cloud', () => {
  test('has the electricity of the grid it stands on, at least as wide', () => {
    for (const { id, parent, g_per_kwh: g } of sites) {
      const around = grid(parent ?? '').g_per_kwh
      expect(g.central, id).toBe(around.central)
      expect(g.low, id).toBeLessThanOrEqual(around.low)
      expect(g.high, id).toBeGreaterThanOrEqual(around.high)
    }
  })

  test('has a PUE of 1 to 2 and water of 0 to 5 L per kWh, each its own or that of the fleet', () => {
    for (const { id, site } of sites) {
      if (site === undefined) throw new Error(id)
      const { pue, wue_onsite_l_per_kwh_it: wue } = site
      const [pues, wues] = [
        [1, pue.low, pue.central, pue.high, 2],
        [0, wue.low, wue.central, wue.high, 5],
      ]
      expect(pues, id).toEqual([...pues].sort((a, b) => a - b))
      expect(wues, id).toEqual([...wues].sort((a, b) => a - b))
    }
    const own = (of: 'pue_of' | 'wue_of') => sites.filter((g) => g.site?.[of] === 'site').length
    expect([own('pue_of'), own('wue_of')]).toEqual([48, 28])
  })

  test('of AWS that is claimed to emit nothing says so beside a location-based figure, never in its place', () => {
    const claimed = sites.filter((g) => g.market?.g_per_kwh_market.central === 0)
    expect(claimed.filter((g) => g.site?.cloud === 'aws')).toHaveLength(21)
    for (const { id, market, g_per_kwh } of claimed) {
      expect(market?.instrument, id).toContain('annual matching')
      expect(g_per_kwh.central, id).toBeGreaterThan(10)
    }
    expect(grid('gcp:us-central1').market?.g_per_kwh_market.central).toBe(94)
    expect(grid('aws:af-south-1').market).toBeUndefined()
  })
})

test('the world and its groups span most of their countries', () => {
  const countries = set.grids.filter((g) => /^[A-Z]{2}$/.test(g.id) && g.id !== 'EU')
  const inside = (id: string, members: readonly Grid[]): number =>
    members.filter(
      (g) => g.g_per_kwh.central >= grid(id).g_per_kwh.low && g.g_per_kwh.central <= grid(id).g_per_kwh.high,
    ).length / members.length
  expect(inside('WORLD', countries)).toBeGreaterThan(0.9)
  for (const id of ['EU', 'AFRICA', 'ASIA', 'LATIN-AMERICA', 'MIDDLE-EAST', 'OCEANIA'])
    expect(
      inside(
        id,
        countries.filter((g) => g.parent === id),
      ),
      id,
    ).toBeGreaterThan(0.7)
})
