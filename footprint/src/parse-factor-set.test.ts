import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readFactorFiles } from './node.ts'
import { FactorSetError, parseFactorSet } from './parse-factor-set.ts'

/** The shipped files; of the models only the first, so that many faulty sets are read quickly. */
const files = readFactorFiles(fileURLToPath(new URL('../data/', import.meta.url))).map(({ name, text }) => {
  const second = text.indexOf('  - id: gpt-4o-mini\n')
  return { name, text: second === -1 ? text : text.slice(0, second) }
})

function faultsOf(run: () => unknown): readonly string[] {
  try {
    run()
  } catch (error) {
    if (error instanceof FactorSetError) return error.faults
    throw error
  }
  return []
}

/** The shipped files with one text replaced, or with one more file. */
const changed = (name: string, from: string | RegExp, to: string) => {
  const result = files.map((f) => (f.name === name ? { name, text: f.text.replace(from, to) } : f))
  if (result.every((f, i) => f.text === files[i]?.text)) throw new Error(`nothing to replace in ${name}`)
  return result
}
const plusFile = (text: string) => [...files, { name: 'extra.yaml', text }]
const faultsWith = (fs: typeof files) => faultsOf(() => parseFactorSet(fs))

const factors = 'factors_defaults.yaml'
const grids = 'grid_intensity.yaml'
const SOURCE = '\nsources: [{ id: x, title: X, year: 2025, licence: CC0 }]\n'
const gridRow = (id: string, parent: string, more = '') =>
  `{ id: ${id}, name: G, parent: ${parent}, year: 2025, basis: lifecycle-consumption, g_per_kwh: { value: 5, sources: [x] }${more} }`

describe('parseFactorSet names file, path and rule of', () => {
  test.each([
    [
      'a low above the central',
      changed(factors, 'k_gpu_to_it: { low: 1.3', 'k_gpu_to_it: { low: 9'),
      /^factors_defaults\.yaml\.k_gpu_to_it: low must not exceed central$/,
    ],
    [
      'a central above the high',
      changed(grids, 'high: 640', 'high: 1'),
      /^grid_intensity\.yaml\.grids\[0\]\.g_per_kwh: central must not exceed high$/,
    ],
    ['a negative number', changed(grids, 'low: 110', 'low: -1'), /grids\[0\]\.g_per_kwh\.low: must be 0 or more$/],
    ['a missing number', changed(grids, 'low: 110, ', ''), /grids\[0\]\.g_per_kwh\.low: /],
    [
      'a number without a source',
      changed(factors, 'sources: [google-2025, ecomind-2026] }', 'sources: [] }'),
      /k_gpu_to_it\.sources: needs at least one source id$/,
    ],
    [
      'a source that is not listed',
      changed(factors, 'sources: [google-2025, ecomind-2026] }', 'sources: [hearsay] }'),
      /^factors_defaults\.yaml\.k_gpu_to_it\.sources: source hearsay is not in any list/,
    ],
    [
      'a PUE below 1',
      changed(factors, 'pue: { low: 1.12', 'pue: { low: 0.9'),
      /providers\[0\]\.pue: low must be 1 or more/,
    ],
    ['a field that does not exist', changed(factors, 'wh_per_1k_out', 'wh_per_1k_output'), /wh_per_1k_out/],
    ['an unknown boundary', changed(factors, 'boundary: it', 'boundary: rack'), /energy\.boundary: /],
    [
      'a method this code does not have',
      changed(factors, 'method_version: "1"', 'method_version: "2"'),
      /set\.method_version: /,
    ],
    ['a model of no class', changed(factors, 'class: large', 'class: gigantic'), /class gigantic does not exist$/],
    [
      'a host that does not exist',
      changed(factors, 'served_by: [openai, azure', 'served_by: [openia, azure'),
      /provider openia does not exist$/,
    ],
    ['broken YAML', changed(factors, 'providers:', 'providers: ['), /^factors_defaults\.yaml: /],
    [
      'a key given twice',
      changed(factors, 'licence: CC-BY-4.0', 'licence: CC-BY-4.0\nlicence: MIT'),
      /^factors_defaults\.yaml: Map keys must be unique/,
    ],
    [
      'a second head',
      plusFile('licence: MIT\nset: { name: b, version: "1", method_version: "1", released_at: "2026-01-01", gwp: x }'),
      /set must be given once, is given 2 times$/,
    ],
    ['a missing head', files.filter((f) => f.name !== factors), /set must be given once, is given 0 times$/],
    ['a doubled id', plusFile(`licence: MIT${SOURCE}grids: [${gridRow('US', 'WORLD')}]`), /grid US: id is given twice/],
    [
      'an alias of two grids',
      plusFile(`licence: MIT${SOURCE}grids: [${gridRow('XX', 'WORLD', ', aliases: { names: [germany] }')}]`),
      /name "germany" already means (DE|XX)$/,
    ],
    [
      'a parent that does not exist',
      plusFile(`licence: MIT${SOURCE}grids: [${gridRow('XX', 'YY')}]`),
      /grid XX: parent YY does not exist/,
    ],
    [
      'a circle of parents',
      plusFile(`licence: MIT${SOURCE}grids: [${gridRow('XX', 'YY')}, ${gridRow('YY', 'XX')}]`),
      /grid XX: .*(circle|water)/,
    ],
    [
      'an observation of no grid',
      plusFile(
        `licence: MIT${SOURCE}grid_observations: [{ grid: XX, g_per_kwh: 5, year: 2025, basis: direct-production, source: x }]`,
      ),
      /extra\.yaml\.grid_observations\[0\]: grid XX does not exist/,
    ],
    [
      'water given twice',
      plusFile(`licence: MIT${SOURCE}grid_water: [{ grid: US, water_offsite_l_per_kwh: { value: 1, sources: [x] } }]`),
      /has its water twice/,
    ],
    [
      'share-alike data in a file of another licence',
      plusFile(
        'licence: MIT\ngrid_observations: [{ grid: US, g_per_kwh: 5, year: 2025, basis: direct-production, source: ember-2024 }]',
      ),
      /ember-2024 is share-alike \(CC-BY-SA-4\.0\), the file is MIT/,
    ],
    [
      'a cloud region on two grids',
      plusFile('licence: MIT\ncloud_regions: [{ cloud: aws, grid: DE, regions: [us-east-1], source: aws-regions }]'),
      /name "us-east-1" already means/,
    ],
    ['a model id that is reserved', changed(factors, '- id: gpt-4o\n', '- id: unknown\n'), /the id is reserved/],
  ])('%s', (_what, set, wanted) => {
    expect(faultsWith(set)).toContainEqual(expect.stringMatching(wanted))
  })

  test('all faults together, in one message', () => {
    const both = changed(factors, 'boundary: it', 'boundary: rack').map((f) =>
      f.name === grids ? { ...f, text: f.text.replace('low: 110', 'low: -1') } : f,
    )
    expect(faultsWith(both).length).toBeGreaterThanOrEqual(2)
    expect(() => parseFactorSet(both)).toThrow(/Read a factor set: \d+ faults\n {2}/)
  })
})

describe('parseFactorSet', () => {
  test('gives the same checksum for the same content in any order of files, and another for any change', () => {
    const checksum = parseFactorSet(files).checksum
    expect(parseFactorSet([...files].reverse()).checksum).toBe(checksum)
    expect(parseFactorSet(changed(grids, 'high: 640', 'high: 641')).checksum).not.toBe(checksum)
  })

  test('widens the range of a grid until it holds what other sources observed', () => {
    const observed = plusFile(
      `licence: MIT${SOURCE}grid_observations: [{ grid: FR, g_per_kwh: 99, year: 2025, basis: direct-production, source: x }]`,
    )
    const france = parseFactorSet(observed).gridById('FR')
    expect(france?.g_per_kwh.high).toBe(99)
    expect(france?.g_per_kwh.central).toBe(31)
    expect(france?.g_per_kwh.sources).toContain('x')
  })

  test('lets a grid without water take that of the grid around it', () => {
    const set = parseFactorSet(files)
    expect(set.gridById('US-CAISO')?.water_offsite_l_per_kwh).toEqual(set.gridById('US')?.water_offsite_l_per_kwh)
    expect(set.gridById('ZA')?.water_offsite_l_per_kwh).toEqual(set.gridById('WORLD')?.water_offsite_l_per_kwh)
  })
})
