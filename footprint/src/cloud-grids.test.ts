import { describe, expect, test } from 'vitest'
import { FactorSetError, parseFactorSet } from './parse-factor-set.ts'
import { tinyFiles } from './test-files.ts'

const range = (central: number): string =>
  `{ low: ${central / 2 + 0.5}, central: ${central}, high: ${central * 2}, sources: [paper] }`
const FLEET = `  - { cloud: aws, name: AWS, pue: ${range(1.2)}, wue_onsite_l_per_kwh_it: ${range(1)}, wue_basis: withdrawal }`
const REGIONS =
  '  - { cloud: aws, grid: US, regions: [us-east-1, us-east-2], source: paper, also: [WORLD], note: Two places. }'
const SITE = `  - { cloud: aws, region: us-east-1, pue: ${range(1.5)}, note: Measured. }`

const cloudFile = (fleets: string, regions: string, sites: string): string =>
  `licence: MIT\ncloud_fleets:\n${fleets}\ncloud_regions:\n${regions}\ncloud_sites:\n${sites}\n`
const read = (fleets = FLEET, regions = REGIONS, sites = SITE) =>
  parseFactorSet([...tinyFiles, { name: 'clouds.yaml', text: cloudFile(fleets, regions, sites) }])

function faultsOf(run: () => unknown): readonly string[] {
  try {
    run()
  } catch (error) {
    if (error instanceof FactorSetError) return error.faults
    throw error
  }
  return []
}

describe('a region of a cloud', () => {
  test('is a grid inside the one it stands on, with the same electricity and water', () => {
    const set = read()
    const [us, there] = [set.gridById('US'), set.gridById('aws:us-east-1')]
    expect(there).toMatchObject({
      name: 'AWS us-east-1, on United States',
      parent: 'US',
      year: 2025,
      basis: 'lifecycle-consumption',
      water_of: 'US',
      note: 'Measured. Two places.',
    })
    expect(there?.water_offsite_l_per_kwh).toEqual(us?.water_offsite_l_per_kwh)
    expect(there?.g_per_kwh.central).toBe(us?.g_per_kwh.central)
  })

  test('has a range that holds the grids other sources place it on', () => {
    expect(read().gridById('US')?.g_per_kwh).toMatchObject({ low: 350, central: 414, high: 420 })
    expect(read().gridById('aws:us-east-1')?.g_per_kwh).toMatchObject({ low: 350, central: 414, high: 473 })
  })

  test('takes from the fleet what is not published for it, and says which', () => {
    expect(read().gridById('aws:us-east-1')?.site).toMatchObject({
      pue: { central: 1.5 },
      pue_of: 'site',
      wue_onsite_l_per_kwh_it: { central: 1 },
      wue_of: 'fleet',
      wue_basis: 'withdrawal',
    })
    expect(read().gridById('aws:us-east-2')?.site).toMatchObject({ pue: { central: 1.2 }, pue_of: 'fleet' })
  })

  test('has the contractual figure of its site, else of its fleet', () => {
    const market = (g: number): string =>
      `market: { g_per_kwh_market: { value: ${g}, sources: [paper] }, instrument: certificates, year: 2024 }`
    const set = read(FLEET.replace(/ \}$/, `, ${market(94)} }`), REGIONS, SITE.replace(/ \}$/, `, ${market(0)} }`))
    expect(set.gridById('aws:us-east-1')?.market?.g_per_kwh_market.central).toBe(0)
    expect(set.gridById('aws:us-east-2')?.market?.g_per_kwh_market.central).toBe(94)
    expect(read().gridById('aws:us-east-1')?.market).toBeUndefined()
  })
})

test.each([
  ['a cloud without a fleet', () => read('  []'), /^clouds\.yaml:5 cloud_regions\[0\]: cloud aws has no cloud_fleets$/],
  ['two fleets', () => read(`${FLEET}\n${FLEET}`), /^clouds\.yaml:4 cloud_fleets\[1\]: cloud aws has its fleet twice$/],
  [
    'a region on two grids',
    () => read(FLEET, `${REGIONS}\n${REGIONS}`),
    /^clouds\.yaml:6 cloud_regions\[1\]: region aws:us-east-1 is given twice$/,
  ],
  [
    'a region on no grid',
    () => read(FLEET, REGIONS.replace('grid: US', 'grid: XX')),
    /^clouds\.yaml:5 cloud_regions\[0\]: grid XX does not exist$/,
  ],
  [
    'another grid that does not exist',
    () => read(FLEET, REGIONS.replace('[WORLD]', '[YY]')),
    /^clouds\.yaml:5 cloud_regions\[0\]: grid YY does not exist$/,
  ],
  [
    'a site of no region',
    () => read(FLEET, REGIONS, SITE.replace('us-east-1', 'us-east-9')),
    /^clouds\.yaml:7 cloud_sites\[0\]: region aws:us-east-9 is not in cloud_regions$/,
  ],
  [
    'a site given twice',
    () => read(FLEET, REGIONS, `${SITE}\n${SITE}`),
    /^clouds\.yaml:8 cloud_sites\[1\]: region aws:us-east-1 is given twice$/,
  ],
  [
    'a PUE below 1',
    () => read(FLEET.replace('low: 1.1', 'low: 0.9')),
    /^clouds\.yaml:3 cloud_fleets\[0\]\.pue: low must be 1 or more/,
  ],
])('names file, line and rule of %s', (_what, run, fault) => {
  expect(faultsOf(run).join('\n')).toMatch(new RegExp(fault.source, 'm'))
})
