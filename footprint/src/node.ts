/** Reads the factor set that ships with the product: every YAML file of the folder `data` beside `src`. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DefinedFactorSet } from './build-factor-set.ts'
import { type FactorFileText, parseFactorSet } from './parse-factor-set.ts'

const DEFAULT_FOLDER = fileURLToPath(new URL('../data/', import.meta.url))

/** The `.yaml` files of a folder, in ascending order of name. Throws if the folder has none. */
export function readFactorFiles(folder: string): FactorFileText[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
  if (names.length === 0) throw new Error(`Read a factor set: no .yaml file in ${folder}`)
  return names.map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))
}

/** Throws a FactorSetError that lists every fault of the files. */
export const loadFactorSet = (folder: string): DefinedFactorSet => parseFactorSet(readFactorFiles(folder))

export const loadDefaultFactorSet = (): DefinedFactorSet => loadFactorSet(DEFAULT_FOLDER)

export { loadEquivalents } from './load-equivalents.ts'
