/** From the text of the YAML files to a factor set. All faults of all files are told together. */
import { parseDocument } from 'yaml'
import type { z } from 'zod'
import { buildFactorSet, type DefinedFactorSet } from './build-factor-set.ts'
import { checkDefinition } from './check-definition.ts'
import { checkFiles } from './check-files.ts'
import { type Definition, type FactorFile, factorFile } from './definition.ts'
import { resolveGrids } from './merge-grids.ts'
import { orderDefinition } from './order-definition.ts'

export interface FactorFileText {
  /** Name for error messages. */
  readonly name: string
  readonly text: string
}
export interface NamedFactorFile {
  readonly name: string
  readonly content: FactorFile
}

export class FactorSetError extends Error {
  override readonly name = 'FactorSetError'
  /** One line a fault: file, path in the file, rule. */
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(`Read a factor set: ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}\n  ${faults.join('\n  ')}`)
    this.faults = faults
  }
}

const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}.${String(key)}`), '')

const issueText = (file: string, issue: z.core.$ZodIssue): string => `${file}${pathText(issue.path)}: ${issue.message}`

function readFile(file: FactorFileText, faults: string[]): NamedFactorFile | undefined {
  const document = parseDocument(file.text, { prettyErrors: true })
  const [error] = document.errors
  if (error !== undefined) {
    faults.push(`${file.name}: ${error.message}`)
    return undefined
  }
  const parsed = factorFile.safeParse(document.toJS({ maxAliasCount: 100 }))
  if (parsed.success) return { name: file.name, content: parsed.data }
  faults.push(...parsed.error.issues.map((issue) => issueText(file.name, issue)))
  return undefined
}

function onlyOne<T>(
  files: readonly NamedFactorFile[],
  what: string,
  pick: (f: FactorFile) => T | undefined,
  faults: string[],
): T | undefined {
  const found = files.flatMap((f) => pick(f.content) ?? [])
  if (found.length !== 1) faults.push(`all files: ${what} must be given once, is given ${found.length} times`)
  return found[0] as T | undefined
}

function atMostOne<T>(
  files: readonly NamedFactorFile[],
  what: string,
  pick: (f: FactorFile) => T | undefined,
  faults: string[],
): T | undefined {
  const found = files.flatMap((f) => pick(f.content) ?? [])
  if (found.length > 1) faults.push(`all files: ${what} must be given at most once, is given ${found.length} times`)
  return found[0] as T | undefined
}

function merge(files: readonly NamedFactorFile[], faults: string[]): Definition | undefined {
  const head = onlyOne(files, 'set', (f) => f.set, faults)
  const kGpuToIt = onlyOne(files, 'k_gpu_to_it', (f) => f.k_gpu_to_it, faults)
  const unknownModel = onlyOne(files, 'unknown_model', (f) => f.unknown_model, faults)
  const grids = resolveGrids(files, faults)
  if (head === undefined || kGpuToIt === undefined || unknownModel === undefined) return undefined
  const contents = files.map((f) => f.content)
  const hidden = atMostOne(files, 'hidden_reasoning_multiplier', (f) => f.hidden_reasoning_multiplier, faults)
  const tiers = atMostOne(files, 'tier_multipliers', (f) => f.tier_multipliers, faults)
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
    models: contents.flatMap((c) => c.models),
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
  if (merged === undefined || faults.length > 0) throw new FactorSetError(faults)
  return buildFactorSet(merged)
}
