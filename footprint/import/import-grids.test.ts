/** The steps of the import on small inputs of the shape of the packages. */
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { type CountryList, groupOf } from './countries.ts'
import { ecologitsWater } from './ecologits-water.ts'
import { electricityMapsGrids, type Zone } from './electricity-maps-grids.ts'
import { emberGrids, emberObservations } from './ember-grids.ts'
import { gridLine, observationLine, waterLine } from './grid-records.ts'

const list: CountryList = {
  countries: {
    US: { name: 'United States', continent: 'NA' },
    NO: { name: 'Norway', continent: 'EU' },
    SE: { name: 'Sweden', continent: 'EU' },
    CL: { name: 'Chile', continent: 'SA' },
    UA: { name: 'Ukraine', continent: 'EU' },
    KE: { name: 'Kenya', continent: 'AF' },
    GH: { name: 'Ghana', continent: 'AF' },
    TH: { name: 'Thailand', continent: 'AS' },
    AE: { name: 'United Arab Emirates', continent: 'AS' },
    NZ: { name: 'New Zealand', continent: 'OC' },
  },
  alpha3ByAlpha2: {
    US: 'USA',
    NO: 'NOR',
    SE: 'SWE',
    CL: 'CHL',
    UA: 'UKR',
    KE: 'KEN',
    GH: 'GHA',
    TH: 'THA',
    AE: 'ARE',
    NZ: 'NZL',
  },
}
const zone = (zoneName: string, value: number): Zone => ({ zone: { zoneName }, carbonIntensity: { value } })
const newest = {
  US: zone('United States', 414),
  'US-AK': zone('Alaska', 469),
  'US-AK-SEAPA': zone('Southeast Alaska Power Agency', 28),
  'US-CAL-CISO': zone('CAISO', 208),
  'CL-SEN': zone('Sistema Eléctrico Nacional', 259),
  NO: zone('Norway', 30),
  KE: zone('Kenya', 206),
}
const before = { ...newest, US: zone('United States', 409), 'US-CAL-CISO': zone('CAISO', 229) }
const maps = electricityMapsGrids({
  newest,
  before,
  year: 2025,
  sources: ['a'],
  alsoEmber: new Set(['US', 'NO', 'CL']),
  withCloudRegions: new Set(['US-CAISO']),
  list,
})
const mapped = (id: string) => maps.find((g) => g.id === id)
const values = {
  WORLD: 473,
  AFRICA: 545,
  ASEAN: 574,
  ASIA: 572,
  EU: 213,
  EUROPE: 285,
  'LATIN AMERICA AND CARIBBEAN': 254,
  'MIDDLE EAST': 637,
  'NORTH AMERICA': 358,
  OCEANIA: 495,
  USA: 384,
  NOR: 31,
  SWE: 36,
  CHL: 266,
  UKR: 250,
  KEN: 0,
  GHA: 453,
  THA: 555,
  ARE: 468,
  NZL: 120,
}

test('zones keep the ids they were published with, and stand inside each other', () => {
  expect(maps.map((g) => [g.id, g.parent])).toEqual([
    ['CL', 'LATIN-AMERICA'],
    ['KE', 'AFRICA'],
    ['NO', 'EUROPE'],
    ['US', 'NORTH-AMERICA'],
    ['US-AK', 'US'],
    ['US-AK-SEAPA', 'US-AK'],
    ['US-CAISO', 'US'],
  ])
  expect(mapped('CL')).toMatchObject({ name: 'Chile', aliases: { em_zone: ['CL-SEN'], iso3: ['CHL'] } })
  expect(mapped('US-CAISO')?.aliases).toMatchObject({ em_zone: ['US-CAL-CISO'], egrid: ['CAMX'], iso3: [] })
})

test('the newest year is central; a country spans the grids that clouds stand on; one source alone is trusted less', () => {
  expect(mapped('US-CAISO')?.gPerKwh).toEqual({ low: 181, central: 208, high: 252 })
  expect(mapped('US')?.gPerKwh).toEqual({ low: 208, central: 414, high: 476 })
  expect(mapped('KE')?.gPerKwh).toEqual({ low: 145, central: 206, high: 293 })
})

test('countries that only Ember has become grids, others observations, and a 0 neither', () => {
  const input = { values, year: 2024, sources: ['b'], alreadyGrids: new Set(maps.map((g) => g.id)), list }
  const grids = emberGrids(input)
  expect(
    grids.filter((g) => g.id.length === 2 && g.id !== 'EU').map((g) => [g.id, g.parent, g.gPerKwh.central]),
  ).toEqual([
    ['AE', 'MIDDLE-EAST', 468],
    ['GH', 'AFRICA', 453],
    ['NZ', 'OCEANIA', 120],
    ['SE', 'EU', 36],
    ['TH', 'ASIA', 555],
    ['UA', 'EUROPE', 250],
  ])
  expect(grids.find((g) => g.id === 'EUROPE')?.gPerKwh).toEqual({ low: 31, central: 285, high: 285 })
  expect(emberObservations(input)).toEqual([
    { grid: 'CL', gPerKwh: 266 },
    { grid: 'NO', gPerKwh: 31 },
    { grid: 'US', gPerKwh: 384 },
  ])
  expect(emberObservations({ ...input, alreadyGrids: new Set(['SE-SE3', 'SE-SE4', 'SE']) })).toEqual([
    { grid: 'SE', gPerKwh: 36 },
    { grid: 'SE-SE3', gPerKwh: 36 },
  ])
  expect(() => emberGrids({ ...input, values: {} })).toThrow(/WORLD is missing/)
})

test('water that only repeats the world is left out, like what is given already', () => {
  const mixes = [
    { name: 'CHL', wue: 10, warnings: ['electricity-mix-pe-world'] },
    { name: 'KEN', wue: 3.908, warnings: ['electricity-mix-wue-world'] },
    { name: 'USA', wue: 3.13 },
    { name: 'XYZ', wue: 1 },
  ]
  expect(ecologitsWater(mixes, list, new Set(['CL', 'KE', 'US']), new Set(['US']))).toEqual([
    { grid: 'CL', lPerKwh: { low: 5, central: 10, high: 17 } },
  ])
})

test('the lines are YAML, also for readers that take NO for a truth value', () => {
  const norway = mapped('NO')
  if (norway === undefined) throw new Error('NO was wanted')
  for (const version of ['1.1', '1.2'] as const) {
    const [row] = parse(gridLine({ ...norway, note: 'a: "b", {c}' }), { version })
    expect(row).toMatchObject({ id: 'NO', parent: 'EUROPE', note: 'a: "b", {c}', g_per_kwh: { sources: ['a'] } })
    expect(parse(observationLine({ grid: 'NO', gPerKwh: 31 }, 2024, 'b'), { version })[0].grid).toBe('NO')
    expect(parse(waterLine('NO', norway.gPerKwh, ['c']), { version })[0].grid).toBe('NO')
  }
})

test('an unknown country has no group', () => {
  expect(() => groupOf('ZZ', list)).toThrow(/ZZ is not an ISO 3166 code/)
})
