/**
 * Puts the line in front of a fault. Every fault begins with its place, and there are two kinds: `grids.yaml.grids[3].year`
 * (a path in a file) and `model gpt-4o` (a record, wherever it stands). What is about all files has no line.
 */
import { CORE_SCHEMA, load } from 'js-yaml'
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'

export interface FileLines {
  readonly name: string
  /** Line (from 1) of a path such as ['grids', 3, 'year']; of the nearest thing around it if it is not there. */
  readonly lineOf: (path: readonly PropertyKey[]) => number
}

/** The content as plain values, or the fault that YAML itself finds. */
export type ReadYaml =
  | { readonly kind: 'ok'; readonly value: unknown; readonly lineOf: FileLines['lineOf'] }
  | { readonly kind: 'fault'; readonly line: number; readonly message: string }

const isNode = (value: unknown): value is Node => isMap(value) || isSeq(value) || isScalar(value)

/** The node where a member is written: its key in a map, itself in a list. */
function member(node: unknown, key: PropertyKey): { readonly place: unknown; readonly value: unknown } | undefined {
  if (isSeq(node)) return typeof key === 'number' ? { place: node.items[key], value: node.items[key] } : undefined
  if (!isMap(node)) return undefined
  const pair = node.items.find((p) => isScalar(p.key) && String(p.key.value) === String(key))
  return pair === undefined ? undefined : { place: pair.key, value: pair.value }
}

/** Places are worked out by a second reader, which takes four times as long: only for a file with a fault. */
export function readYaml(text: string): ReadYaml {
  try {
    const value: unknown = load(text, { schema: CORE_SCHEMA })
    let located: ReadYaml | undefined
    const lineOf: FileLines['lineOf'] = (path) => {
      located ??= readWithPlaces(text)
      return located.kind === 'ok' ? located.lineOf(path) : located.line
    }
    return { kind: 'ok', value, lineOf }
  } catch {
    return readWithPlaces(text)
  }
}

function readWithPlaces(text: string): ReadYaml {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const [error] = document.errors
  if (error !== undefined) {
    const [message = error.message] = error.message.split('\n')
    return { kind: 'fault', line: lines.linePos(error.pos[0]).line, message }
  }
  const lineOf: FileLines['lineOf'] = (path) => {
    let at: unknown = document.contents
    let offset = 0
    for (const key of path) {
      const found = member(at, key)
      if (found === undefined) break
      if (isNode(found.place)) offset = found.place.range?.[0] ?? offset
      at = found.value
    }
    return lines.linePos(offset).line
  }
  try {
    return { kind: 'ok', value: document.toJS({ maxAliasCount: 100 }), lineOf }
  } catch (error) {
    // An alias of nothing, or too many of them: the reader does not say where.
    return { kind: 'fault', line: 1, message: error instanceof Error ? error.message : String(error) }
  }
}

const SECTION_OF = {
  source: 'sources',
  provider: 'providers',
  class: 'classes',
  model: 'models',
  grid: 'grids',
} as const
const RECORD = /^(source|provider|class|model|grid) (\S+): /
const PATH_PART = /[^.[\]]+/g

const pathOf = (text: string): PropertyKey[] =>
  [...text.matchAll(PATH_PART)].map(([part]) => (/^\d+$/.test(part) ? Number(part) : part))

export interface LocatedFile extends FileLines {
  readonly content: Readonly<Record<(typeof SECTION_OF)[keyof typeof SECTION_OF], readonly { readonly id: string }[]>>
}

/** Of a record that is there twice, the last place. */
function placeOfRecord(files: readonly LocatedFile[], kind: keyof typeof SECTION_OF, id: string): string | undefined {
  const section = SECTION_OF[kind]
  for (const file of [...files].reverse()) {
    const index = file.content[section].findLastIndex((record) => record.id === id)
    if (index !== -1) return `${file.name}:${file.lineOf([section, index])}`
  }
  return undefined
}

/** `providers.yaml.providers[0].pue: rule` becomes `providers.yaml:12 providers[0].pue: rule`. */
export function locateFault(fault: string, files: readonly LocatedFile[]): string {
  const file = files.find((f) => fault.startsWith(`${f.name}.`))
  if (file !== undefined) {
    const rest = fault.slice(file.name.length + 1)
    return `${file.name}:${file.lineOf(pathOf(rest.slice(0, rest.indexOf(': '))))} ${rest}`
  }
  const [, kind, id = ''] = RECORD.exec(fault) ?? []
  const place = kind === undefined ? undefined : placeOfRecord(files, kind as keyof typeof SECTION_OF, id)
  return place === undefined ? fault : `${place} ${fault}`
}
