/** From the text of the YAML files to a factor set. All faults of all files are told together. */
import { buildFactorSet, type DefinedFactorSet } from './build-factor-set.ts'
import { checkDefinition } from './check-definition.ts'
import { checkFiles } from './check-files.ts'
import { type Definition, type FactorFile, factorFile } from './definition.ts'
import { locateFault, readYaml } from './locate-fault.ts'
import { resolveGrids } from './merge-grids.ts'
import { withModelEnergies } from './model-energies.ts'
import { orderDefinition } from './order-definition.ts'

export interface FactorFileText {
  /** Name for error messages. */
  readonly name: string
  readonly text: string
}
export interface NamedFactorFile {
  readonly name: string
  readonly content: FactorFile
  /** Line (from 1) of a path such as ['grids', 3, 'year']. */
  readonly lineOf: (path: readonly PropertyKey[]) => number
}

export class FactorSetError extends Error {
  override readonly name = 'FactorSetError'
  /** One line a fault: file, line, path in the file or record, rule. */
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(`Read a factor set: ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}\n  ${faults.join('\n  ')}`)
    this.faults = faults
  }
}

const pathText = (path: readonly PropertyKey[]): string =>
  path
    .reduce<string>((text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}.${String(key)}`), '')
    .replace(/^\./, '')

function readFile({ name, text }: FactorFileText, faults: string[]): NamedFactorFile | undefined {
  const read = readYaml(text)
  if (read.kind === 'fault') {
    faults.push(`${name}:${read.line}: ${read.message}`)
    return undefined
  }
  const { value, lineOf } = read
  const parsed = factorFile.safeParse(value)
  if (parsed.success) return { name, content: parsed.data, lineOf }
  for (const { path, message } of parsed.error.issues)
    faults.push(`${name}:${lineOf(path)} ${pathText(path)}: ${message}`)
  return undefined
}

/** Where a section that only one file may have is given. */
function placesOf(files: readonly NamedFactorFile[], section: keyof FactorFile): string {
  const places = files.filter((f) => f.content[section] !== undefined).map((f) => `${f.name}:${f.lineOf([section])}`)
  return places.length === 0 ? '' : ` (${places.join(', ')})`
}

type SingleSection = 'set' | 'k_gpu_to_it' | 'unknown_model' | 'hidden_reasoning_multiplier' | 'tier_multipliers'

function atMostOne<S extends SingleSection>(
  files: readonly NamedFactorFile[],
  section: S,
  faults: string[],
): FactorFile[S] | undefined {
  const [found, ...others] = files.flatMap((f) => f.content[section] ?? [])
  if (others.length > 0)
    faults.push(
      `all files: ${section} must be given once, is given ${others.length + 1} times${placesOf(files, section)}`,
    )
  return found
}

function exactlyOne<S extends SingleSection>(
  files: readonly NamedFactorFile[],
  section: S,
  faults: string[],
): FactorFile[S] | undefined {
  const found = atMostOne(files, section, faults)
  if (found === undefined) faults.push(`all files: ${section} must be given once, is given 0 times`)
  return found
}

function merge(files: readonly NamedFactorFile[], faults: string[]): Definition | undefined {
  const head = exactlyOne(files, 'set', faults)
  const kGpuToIt = exactlyOne(files, 'k_gpu_to_it', faults)
  const unknownModel = exactlyOne(files, 'unknown_model', faults)
  const grids = resolveGrids(files, faults)
  if (head === undefined || kGpuToIt === undefined || unknownModel === undefined) return undefined
  const contents = files.map((f) => f.content)
  const hidden = atMostOne(files, 'hidden_reasoning_multiplier', faults)
  const tiers = atMostOne(files, 'tier_multipliers', faults)
  const models = withModelEnergies(
    contents.flatMap((c) => c.models),
    contents.flatMap((c) => c.model_energies),
    faults,
  )
  return orderDefinition({
    ...(hidden === undefined ? {} : { hidden_reasoning_multiplier: hidden }),
    ...(tiers === undefined ? {} : { tier_multipliers: tiers }),
    files: files.map(({ name, content }) => ({ name, licence: content.licence })),
    head,
    k_gpu_to_it: kGpuToIt,
    unknown_model: unknownModel,
    sources: contents.flatMap((c) => c.sources),
    providers: contents.flatMap((c) => c.providers),
    classes: contents.flatMap((c) => c.classes),
    models,
    grids,
  })
}

/** Throws a FactorSetError with every fault: unreadable YAML, wrong shape, duplicate names, missing sources, mixed licences. */
export function parseFactorSet(files: readonly FactorFileText[]): DefinedFactorSet {
  const faults: string[] = []
  const read = files.flatMap((file) => readFile(file, faults) ?? [])
  if (faults.length > 0) throw new FactorSetError(faults)
  faults.push(...checkFiles(read))
  const merged = merge(read, faults)
  if (merged !== undefined) faults.push(...checkDefinition(merged))
  if (merged === undefined || faults.length > 0)
    throw new FactorSetError(faults.map((fault) => locateFault(fault, read)))
  return buildFactorSet(merged)
}
