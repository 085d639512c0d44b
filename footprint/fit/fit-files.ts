/** Where the fit reads and writes. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import type { Before } from './report.ts'
import type { FitInputs, FitOutputs } from './run-fit.ts'

const place = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const EVIDENCE = place('../evidence/')
const DATA = place('../data/')
const JUDGEMENTS = 'judgements.yaml'
const PAGE = place('../../docs/methodology.md')

const text = (path: string): string => readFileSync(path, 'utf8')

export function readFitInputs(): FitInputs {
  const names = readdirSync(EVIDENCE)
    .filter((name) => name.endsWith('.yaml') && name !== JUDGEMENTS)
    .sort()
  return {
    evidence: names.map((name) => ({ name, content: parse(text(join(EVIDENCE, name))) })),
    judgements: parse(text(join(EVIDENCE, JUDGEMENTS))),
    defaults: parse(text(join(DATA, 'factors_defaults.yaml'))),
    models: readdirSync(DATA)
      .filter((name) => /^models\..*\.yaml$/.test(name))
      .sort()
      .map((name) => parse(text(join(DATA, name)))),
    before: JSON.parse(text(place('./before-2026.11.1.json'))) as Before,
    page: text(PAGE),
  }
}

/** Path and text of every file that the fit makes. */
export const fitFiles = (outputs: FitOutputs): readonly (readonly [string, string])[] => [
  [place('../data/classes_fitted.yaml'), outputs.classesYaml],
  [place('../data/models_fitted.yaml'), outputs.modelsYaml],
  [place('./report.json'), outputs.reportJson],
  [PAGE, outputs.page],
]
