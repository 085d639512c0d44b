/**
 * Writes data/grid_intensity.yaml, data/grid_intensity.ember.yaml and data/grid_water.ecologits.yaml anew. Run by hand
 * when a source has a new edition:
 *
 *   mkdir inputs && cd inputs
 *   npm pack @tgwf/co2@0.19.0 && npm pack countries-list@3.4.1
 *   pip download --no-deps ecologits==0.11.3
 *   node --import tsx footprint/import/import-grids.ts inputs
 *
 * The packages are unpacked into a temporary folder; they are inputs and no dependencies. Their checksums are printed
 * and written into the files. Needs the programs tar and unzip.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parse } from 'yaml'
import type { CountryList } from './countries.ts'
import { type ElectricityMix, ecologitsWater } from './ecologits-water.ts'
import { electricityMapsGrids, type ZoneYear } from './electricity-maps-grids.ts'
import { emberCountries, emberGrids, emberObservations } from './ember-grids.ts'
import { quantile } from './grid-range.ts'
import { gridLine, observationLine, waterLine } from './grid-records.ts'
import { ecologitsHeader, electricityMapsHeader, emberHeader, type Inputs } from './headers.ts'

const DATA = fileURLToPath(new URL('../data/', import.meta.url))
const YEAR = 2025
const EMBER_YEAR = 2024

function archive(folder: string, start: string): string {
  const name = readdirSync(folder).find((file) => file.startsWith(start))
  if (name === undefined) throw new Error(`Import grids: no ${start}* in ${folder}`)
  return join(folder, name)
}

const described = (path: string): string =>
  `${basename(path)}, SHA-256 ${createHash('sha256').update(readFileSync(path)).digest('hex')}`

function unpack(path: string, into: string, prefix: string): string {
  const folder = mkdtempSync(join(into, prefix))
  if (path.endsWith('.tgz')) execFileSync('tar', ['xzf', path, '-C', folder])
  else execFileSync('unzip', ['-q', path, '-d', folder])
  return folder
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))

async function readCo2js(folder: string) {
  const data = join(folder, 'package/dist/esm/data')
  const load = async (file: string): Promise<unknown> =>
    (await import(pathToFileURL(join(data, file)).href)).default.data
  return {
    ember: (await load('average-intensities.min.js')) as Record<string, number>,
    newest: (await load(`electricity-maps/yearly_${YEAR}.js`)) as ZoneYear,
    before: (await load(`electricity-maps/yearly_${YEAR - 1}.js`)) as ZoneYear,
  }
}

const readCountries = (folder: string): CountryList => ({
  countries: readJson(join(folder, 'package/countries.min.json')) as CountryList['countries'],
  alpha3ByAlpha2: readJson(join(folder, 'package/minimal/countries.2to3.min.json')) as CountryList['alpha3ByAlpha2'],
})

/** Members of one section of a data file that this import does not write. */
const gridsOf = (file: string, section: string): Set<string> => {
  const rows = (parse(readFileSync(join(DATA, file), 'utf8')) as Record<string, { grid: string }[]>)[section] ?? []
  return new Set(rows.map((row) => row.grid))
}

function printAgreement(ember: readonly { alpha2: string; gPerKwh: number }[], newest: ZoneYear): void {
  const ratios = ember.flatMap(({ alpha2, gPerKwh }) => {
    const other = newest[alpha2]?.carbonIntensity.value
    return other === undefined || other === null ? [] : [Math.exp(Math.abs(Math.log(gPerKwh / other)))]
  })
  const [median, p80] = [quantile(ratios, 0.5), quantile(ratios, 0.8)].map((r) => r.toFixed(2))
  process.stdout.write(
    `Ember and Electricity Maps, ${ratios.length} countries: ratio ${median} (median), ${p80} (80 %)\n`,
  )
}

const write = (file: string, header: string, sections: Readonly<Record<string, readonly string[]>>): void => {
  const body = Object.entries(sections).map(([name, lines]) => `\n${name}:\n${lines.join('\n')}\n`)
  writeFileSync(join(DATA, file), header + body.join(''))
  process.stdout.write(`${file}: ${Object.values(sections).flat().length} rows\n`)
}

async function importGrids(folder: string, scratch: string): Promise<void> {
  const paths = ['tgwf-co2-', 'countries-list-', 'ecologits-'].map((start) => archive(folder, start))
  const [co2jsPath = '', countriesPath = '', ecologitsPath = ''] = paths
  const inputs: Inputs = {
    co2js: described(co2jsPath),
    countriesList: described(countriesPath),
    ecologits: described(ecologitsPath),
  }
  const co2js = await readCo2js(unpack(co2jsPath, scratch, 'co2js-'))
  const list = readCountries(unpack(countriesPath, scratch, 'countries-'))
  const countries = emberCountries({ values: co2js.ember, list })
  printAgreement(countries, co2js.newest)

  const maps = electricityMapsGrids({
    ...co2js,
    year: YEAR,
    sources: ['electricity-maps-2025', 'electricity-maps-2024'],
    alsoEmber: new Set(countries.map((c) => c.alpha2)),
    withCloudRegions: gridsOf('cloud_regions.yaml', 'cloud_regions'),
    list,
  })
  write('grid_intensity.yaml', electricityMapsHeader(inputs), { grids: maps.map(gridLine) })

  const alreadyGrids = new Set(maps.map((g) => g.id))
  const emberInput = { values: co2js.ember, year: EMBER_YEAR, sources: ['ember-2024'], alreadyGrids, list }
  const ember = emberGrids(emberInput)
  write('grid_intensity.ember.yaml', emberHeader(inputs), {
    grids: ember.map(gridLine),
    grid_observations: emberObservations(emberInput).map((o) => observationLine(o, EMBER_YEAR, 'ember-2024')),
  })

  const ids = new Set([...alreadyGrids, ...ember.map((g) => g.id)])
  const mixes = readJson(join(unpack(ecologitsPath, scratch, 'ecologits-'), 'ecologits/data/electricity_mixes.json'))
  const water = ecologitsWater(
    (mixes as { electricity_mixes: ElectricityMix[] }).electricity_mixes,
    list,
    ids,
    gridsOf('grid_water.yaml', 'grid_water'),
  )
  write('grid_water.ecologits.yaml', ecologitsHeader(inputs), {
    grid_water: water.map((w) => waterLine(w.grid, w.lPerKwh, ['ecologits-mixes-2026'])),
  })
}

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('Import grids: wanted the folder that holds the three packages')
const scratch = mkdtempSync(join(tmpdir(), 'import-grids-'))
try {
  await importGrids(folder, scratch)
} finally {
  rmSync(scratch, { recursive: true })
}
