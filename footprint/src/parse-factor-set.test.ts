import { describe, expect, test } from 'vitest'
import { type FactorFileText, FactorSetError, parseFactorSet } from './parse-factor-set.ts'
import { tinyFiles } from './test-files.ts'

type Files = readonly FactorFileText[]

function faultsWith(files: Files): readonly string[] {
  try {
    parseFactorSet(files)
  } catch (error) {
    if (error instanceof FactorSetError) return error.faults
    throw error
  }
  return []
}

/** The files with one text replaced, or with one more file. */
function changed(from: string, to: string): Files {
  const result = tinyFiles.map((f) => ({ name: f.name, text: f.text.replace(from, to) }))
  if (result.every((f, i) => f.text === tinyFiles[i]?.text)) throw new Error(`nothing to replace: ${from}`)
  return result
}
const plusFile = (text: string): Files => [...tinyFiles, { name: 'extra.yaml', text }]

/** Of the first line that holds the text, from 1, in the files as they are before a change. */
function lineOf(text: string): number {
  const file = tinyFiles.find((f) => f.text.includes(text))
  return file === undefined ? Number.NaN : file.text.slice(0, file.text.indexOf(text)).split('\n').length
}

const SOURCE = 'sources: [{ id: x, title: X, year: 2025, licence: CC0 }]'
const gridRow = (id: string, parent: string, more = '') =>
  `{ id: ${id}, name: G, parent: ${parent}, year: 2025, basis: lifecycle-consumption, g_per_kwh: { value: 5, sources: [x] }${more} }`

const DATA_ONLY: readonly (readonly [what: string, from: string, to: string, fault: string])[] = [
  ['a low above the central', 'low: 1.3', 'low: 9', 'factors.yaml:10 k_gpu_to_it: low must not exceed central'],
  ['a central above the high', 'high: 640', 'high: 1', 'grids.yaml:3 grids[0].g_per_kwh: central must not exceed high'],
  ['a negative number', 'low: 110', 'low: -1', 'grids.yaml:3 grids[0].g_per_kwh.low: must be 0 or more'],
  [
    'a number without a source',
    'high: 2.0, sources: [paper]',
    'high: 2.0, sources: []',
    'factors.yaml:10 k_gpu_to_it.sources: needs at least one source id',
  ],
  [
    'a source that is not listed',
    'high: 2.0, sources: [paper]',
    'high: 2.0, sources: [hearsay]',
    'factors.yaml:10 k_gpu_to_it.sources: source hearsay is not in any list of sources',
  ],
  [
    'a source of evidence that is not listed',
    'method: modelled, sources: [paper]',
    'method: modelled, sources: [hearsay]',
    `factors.yaml:${lineOf('evidence:')} models[0].evidence.sources: source hearsay is not in any list of sources`,
  ],
  [
    'a PUE below 1',
    'pue: { low: 1.12',
    'pue: { low: 0.9',
    `factors.yaml:${lineOf('pue: { low: 1.12')} providers[1].pue: low must be 1 or more: PUE is facility over IT energy`,
  ],
  [
    'a multiplier of reasoning below 1',
    'multiplier: { low: 2',
    'multiplier: { low: 0.5',
    'factors.yaml:11 hidden_reasoning_multiplier: low must be 1 or more: reasoning only adds to the visible output',
  ],
  [
    'a cached token that costs more than a fresh one',
    'wh_per_1k_cache_read: { low: 0.001, central: 0.02, high: 0.1',
    'wh_per_1k_cache_read: { low: 0.001, central: 0.02, high: 0.9',
    'factors.yaml:22 unknown_model.wh_per_1k_cache_read: must not exceed wh_per_1k_in: a cached token saves work',
  ],
  [
    'a model of no class',
    'class: large',
    'class: gigantic',
    `factors.yaml:${lineOf('- id: gpt-4o')} model gpt-4o: class gigantic does not exist`,
  ],
  [
    'a host that does not exist',
    'served_by: [openai]',
    'served_by: [openia]',
    `factors.yaml:${lineOf('- id: gpt-4o')} model gpt-4o: provider openia does not exist`,
  ],
  [
    'a model that reasons where no multiplier is known',
    'hidden_reasoning_multiplier: { low: 2, central: 4, high: 15, sources: [paper] }\n',
    '\n',
    `factors.yaml:${lineOf('- id: o3')} model o3: reasoning always needs a hidden_reasoning_multiplier of its class or the set`,
  ],
  [
    'a model id that is reserved',
    '- id: gpt-4o\n',
    '- id: unknown\n',
    `factors.yaml:${lineOf('- id: gpt-4o')} model unknown: the id is reserved for guesses`,
  ],
  [
    'a grade outside the pedigree matrix',
    'method: modelled,',
    'method: modelled, pedigree: { reliability: 6, completeness: 1, time: 1, geography: 1, technology: 1 },',
    `factors.yaml:${lineOf('evidence:')} models[0].evidence.pedigree.reliability: Too big: expected number to be <=5`,
  ],
]

const FILES: readonly (readonly [what: string, files: Files, fault: RegExp])[] = [
  ['a missing number', changed('low: 110, ', ''), /^grids\.yaml:3 grids\[0\]\.g_per_kwh\.low: /],
  [
    'a field that does not exist',
    changed('wh_per_1k_out', 'wh_per_1k_output'),
    /^factors\.yaml:17 unknown_model: .*output/,
  ],
  ['an unknown boundary', changed('boundary: it', 'boundary: rack'), /^factors\.yaml:19 unknown_model\.boundary: /],
  [
    'a method this code does not have',
    changed('method_version: "2"', 'method_version: "99"'),
    /^factors\.yaml:5 set\./,
  ],
  ['broken YAML', changed('providers:', 'providers: ['), /^factors\.yaml:\d+: /],
  ['a key given twice', changed('set:\n', 'licence: MIT\nset:\n'), /^factors\.yaml:2: Map keys must be unique/],
  [
    'a second head',
    plusFile('licence: MIT\nset: { name: b, version: "1", method_version: "1", released_at: "2026-01-01", gwp: x }'),
    /^all files: set must be given once, is given 2 times \(factors\.yaml:2, extra\.yaml:2\)$/,
  ],
  ['a missing head', tinyFiles.slice(1), /^all files: set must be given once, is given 0 times$/],
  [
    'a doubled id',
    plusFile(`licence: MIT\n${SOURCE}\ngrids:\n  - ${gridRow('US', 'WORLD')}`),
    /^extra\.yaml:4 grid US: id is/,
  ],
  [
    'an alias of two grids',
    plusFile(`licence: MIT\n${SOURCE}\ngrids:\n  - ${gridRow('XX', 'WORLD', ', aliases: { names: [usa] }')}`),
    /^(extra\.yaml:4 grid XX|grids\.yaml:4 grid US): name "usa" already means/,
  ],
  [
    'a parent that does not exist',
    plusFile(`licence: MIT\n${SOURCE}\ngrids:\n  - ${gridRow('XX', 'YY')}`),
    /^extra\.yaml:4 grid XX: parent YY does not exist/,
  ],
  [
    'a circle of parents',
    plusFile(`licence: MIT\n${SOURCE}\ngrids:\n  - ${gridRow('XX', 'YY')}\n  - ${gridRow('YY', 'XX')}`),
    /^extra\.yaml:4 grid XX: .*(circle|water)/,
  ],
  [
    'an observation of no grid',
    plusFile(
      `licence: MIT\n${SOURCE}\ngrid_observations: [{ grid: XX, g_per_kwh: 5, year: 2025, basis: direct-production, source: x }]`,
    ),
    /^extra\.yaml:3 grid_observations\[0\]: grid XX does not exist/,
  ],
  [
    'water given twice',
    plusFile(
      `licence: MIT\n${SOURCE}\ngrid_water: [{ grid: US, water_offsite_l_per_kwh: { value: 1, sources: [x] } }]`,
    ),
    /has its water twice/,
  ],
  [
    'share-alike data in a file of another licence',
    plusFile(
      'licence: MIT\ngrid_observations: [{ grid: US, g_per_kwh: 5, year: 2025, basis: direct-production, source: shared }]',
    ),
    /^extra\.yaml:2 grid_observations\[0\]\.source: source shared is share-alike \(CC-BY-SA-4\.0\), the file is MIT/,
  ],
]

describe('parseFactorSet names file, line, path and rule of', () => {
  test.each(DATA_ONLY)('%s', (_what, from, to, fault) => {
    expect(faultsWith(changed(from, to))).toContain(fault)
  })
  test.each(FILES)('%s', (_what, files, fault) => {
    expect(faultsWith(files)).toContainEqual(expect.stringMatching(fault))
  })
  test('all faults together, in one message', () => {
    const both = changed('low: 110', 'low: -1').map((f) => ({
      ...f,
      text: f.text.replace('boundary: it', 'boundary: x'),
    }))
    expect(faultsWith(both).length).toBeGreaterThanOrEqual(2)
    expect(() => parseFactorSet(both)).toThrow(/Read a factor set: \d+ faults\n {2}/)
  })
})

describe('parseFactorSet', () => {
  test('gives the same checksum for the same content in any order of files, and another for any change', () => {
    const checksum = parseFactorSet(tinyFiles).checksum
    expect(parseFactorSet([...tinyFiles].reverse()).checksum).toBe(checksum)
    expect(parseFactorSet(changed('high: 640', 'high: 641')).checksum).not.toBe(checksum)
  })

  test('takes sections from any number of files', () => {
    const [factors, grids] = tinyFiles
    const [head, models] = factors?.text.split('models:\n') ?? []
    const files = [
      { name: 'factors.yaml', text: head ?? '' },
      { name: 'models.yaml', text: `licence: MIT\nmodels:\n${models ?? ''}` },
      { name: 'grids.yaml', text: grids?.text ?? '' },
    ]
    const set = parseFactorSet(files)
    expect(set.definition.models.map((m) => m.id)).toEqual(['gpt-4o', 'o3'])
    expect(set.definition.files?.map((f) => f.licence)).toEqual(['CC-BY-4.0', 'ODbL-1.0', 'MIT'])
  })

  test('widens the range of a grid until it holds what other sources observed', () => {
    const observed = plusFile(
      `licence: MIT\n${SOURCE}\ngrid_observations: [{ grid: US, g_per_kwh: 999, year: 2025, basis: direct-production, source: x }]`,
    )
    const grid = parseFactorSet(observed).gridById('US')
    expect(grid?.g_per_kwh).toMatchObject({ low: 350, central: 414, high: 999 })
    expect(grid?.g_per_kwh.sources).toContain('x')
  })

  test('lets a grid without water take that of the grid around it', () => {
    const set = parseFactorSet(plusFile(`licence: MIT\n${SOURCE}\ngrids: [${gridRow('US-X', 'US')}]`))
    expect(set.gridById('US-X')?.water_offsite_l_per_kwh).toEqual(set.gridById('US')?.water_offsite_l_per_kwh)
  })
})
