/** Every way to write a region leads to its grid, and what is not it is flagged. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadDefaultFactorSet } from './node.ts'
import { regionKey } from './resolve-grid.ts'

const set = loadDefaultFactorSet()
const codes = (region: string) => set.resolveGrid(region, 'openai').flags.map((f) => f.code)

describe('resolveGrid', () => {
  test.each([
    // Our codes.
    ['US-CAISO', 'US-CAISO', 'exact'],
    ['us-caiso', 'US-CAISO', 'exact'],
    ['NO', 'NO', 'exact'],
    // Electricity Maps, WattTime, eGRID.
    ['US-CAL-CISO', 'US-CAISO', 'alias'],
    ['SE-SE3', 'SE-SE3', 'exact'],
    ['CL-SEN', 'CL', 'alias'],
    ['CAISO_NORTH', 'US-CAISO', 'alias'],
    ['HQ', 'CA-QC', 'alias'],
    ['CAMX', 'US-CAISO', 'alias'],
    ['SRVC', 'US-DUK', 'alias'],
    // ISO 3166 and names.
    ['DEU', 'DE', 'alias'],
    ['germany', 'DE', 'alias'],
    ['UK', 'GB', 'alias'],
    ['United States of America', 'US', 'alias'],
    ['south_korea', 'KR', 'alias'],
    ['Türkiye', 'TR', 'alias'],
    ['Turkiye', 'TR', 'alias'],
    ['Côte d’Ivoire', 'CI', 'alias'],
    ['Curacao', 'CW', 'alias'],
    ['Bosnia & Herzegovina', 'BA', 'alias'],
    ['St. Lucia', 'LC', 'alias'],
    ['Congo - Kinshasa', 'CD', 'alias'],
    // Regions of clouds.
    ['us-west-1', 'aws:us-west-1', 'alias'],
    ['aws:us-east-1', 'aws:us-east-1', 'exact'],
    ['AWS/us-east-1', 'aws:us-east-1', 'alias'],
    ['us-east-1a', 'aws:us-east-1', 'alias'],
    ['us-gov-west-1b', 'aws:us-gov-west-1', 'alias'],
    ['us-central1-a', 'gcp:us-central1', 'alias'],
    ['gcp:europe-west12-c', 'gcp:europe-west12', 'alias'],
    ['europe-west1', 'gcp:europe-west1', 'alias'],
    ['westeurope', 'azure:westeurope', 'alias'],
    ['East US 2', 'azure:eastus2', 'alias'],
    ['(US) East US 2', 'azure:eastus2', 'alias'],
    ['azure:East US', 'azure:eastus', 'alias'],
    ['Sweden-Central', 'azure:swedencentral', 'alias'],
    // Two letters are a country, not a state or a language.
    ['ca', 'CA', 'exact'],
    ['in', 'IN', 'exact'],
    ['de', 'DE', 'exact'],
    ['sa', 'SA', 'exact'],
    ['co', 'CO', 'exact'],
    ['ga', 'GA', 'exact'],
    ['me', 'ME', 'exact'],
    ['na', 'NA', 'exact'],
    ['SC', 'SC', 'exact'],
    ['us-ca', 'US-CAISO', 'alias'],
    ['us-in', 'US-MISO', 'alias'],
    ['us-de', 'US-PJM', 'alias'],
    ['georgia', 'GE', 'alias'],
    ['us-ga', 'US-SOCO', 'alias'],
    // In regions of clouds the first letters are a continent.
    ['sa-east-1', 'aws:sa-east-1', 'alias'],
    ['me-central-1', 'aws:me-central-1', 'alias'],
    ['me-central1', 'gcp:me-central1', 'alias'],
    ['af-south-1', 'aws:af-south-1', 'alias'],
    ['sa-east-9', 'LATIN-AMERICA', 'parent'],
    ['ap-east-9', 'ASIA', 'parent'],
    ['me-west9', 'MIDDLE-EAST', 'parent'],
    ['af-north-9', 'AFRICA', 'parent'],
    // The region around.
    ['US-SW-NEW', 'US', 'parent'],
    ['us-moon-7', 'US', 'parent'],
    ['us-iso-east-1', 'US', 'parent'],
    ['us-west-2-lax-1a', 'aws:us-west-2', 'parent'],
    ['aws:eu-west-9', 'EU', 'parent'],
    ['europe-west99', 'EUROPE', 'parent'],
    ['australia-southeast9', 'AU', 'parent'],
    ['northamerica-west9', 'NORTH-AMERICA', 'parent'],
    ['japansouth', 'JP', 'parent'],
    ['south-korea-busan', 'KR', 'parent'],
    ['eastus9', 'US', 'parent'],
    ['DE-BW', 'DE', 'parent'],
    // Nothing.
    ['atlantis', 'WORLD', 'world'],
    ['northkorea', 'WORLD', 'world'],
    ['global', 'WORLD', 'world'],
    ['constructor', 'WORLD', 'world'],
    ['__proto__', 'WORLD', 'world'],
    ['aws:', 'WORLD', 'world'],
    ['-', 'WORLD', 'world'],
  ])('finds %s as %s (%s)', (region, id, kind) => {
    const match = set.resolveGrid(region, 'openai')
    expect([match.grid.id, match.kind, match.inferred]).toEqual([id, kind, false])
    expect(match.region).toBe(region)
  })

  test.each([
    ['openai', 'US', 'inferred'],
    ['deepseek', 'CN', 'inferred'],
    ['mistral', 'SE', 'inferred'],
    ['nobody', 'WORLD', 'world'],
  ])('infers the default region of %s and says so', (provider, id, kind) => {
    for (const absent of [null, '', ' ']) {
      const match = set.resolveGrid(absent, provider)
      expect([match.grid.id, match.kind, match.inferred, match.region]).toEqual([id, kind, true, id])
      expect(match.flags.map((f) => f.code)).toContain('region_inferred')
    }
  })

  test('flags what is not the region asked for, not its own site or not its own water', () => {
    expect(codes('US-CAISO')).toEqual([])
    expect(codes('us-moon-7')).toEqual(['region_parent'])
    expect(codes('atlantis')).toEqual(['region_unknown'])
    expect(codes('aws:us-east-1')).toEqual([])
    expect(codes('aws:eu-west-3')).toEqual(['site_fleet_value'])
    expect(codes('KE')).toEqual(['water_from_world'])
    expect(codes('aws:me-south-1')).toEqual(['site_fleet_value', 'water_from_world'])
  })

  test('reads every name of every grid in any case and with any space around it', () => {
    const names = set.grids.flatMap((g) => [g.id, ...g.aliases].map((name) => ({ name, id: g.id })))
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(), fc.constantFrom('', ' ', '\t'), ({ name, id }, mask, space) => {
        const written = [...name].map((c, i) => ((mask >> (i % 30)) & 1 ? c.toUpperCase() : c)).join('')
        expect(set.resolveGrid(`${space}${written}${space}`, 'openai').grid.id).toBe(id)
      }),
      { numRuns: 3000 },
    )
  })

  test('reads regions of clouds with their cloud before and a zone behind', () => {
    const sites = set.grids.filter((g) => g.site !== undefined)
    for (const { id, site, aliases } of sites) {
      const [region = ''] = aliases
      for (const between of [':', '/'])
        expect(set.resolveGrid(`${site?.cloud}${between}${region}`, 'x').grid.id).toBe(id)
      const zone = { aws: `${region}b`, gcp: `${region}-b`, azure: region }[site?.cloud ?? 'azure']
      expect(set.resolveGrid(zone, 'x').grid.id, zone).toBe(id)
    }
  })

  test('takes any text, and long ones no longer than short ones', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (region) => {
        const { grid, kind } = set.resolveGrid(region, 'openai')
        expect(set.gridById(grid.id)).toBe(grid)
        if (grid.id === 'WORLD') expect(kind).toBe('world')
      }),
      { numRuns: 1000 },
    )
    for (const long of ['a-', 'us-', 'east', '1', 'é', '\u{1F600}', '\uFDFA', ' '].map((part) =>
      part.repeat(1_000_000),
    ))
      expect(regionKey(long).length).toBeLessThanOrEqual(120)
  })
})
