/** Finds the model that a name means: by its id, by an alias, by the canonical form of either, then by pattern. */
import { canonicalName } from './canonical-name.ts'
import type { Model } from './definition.ts'
import { compileGlob, modelSpellings, outerSegments } from './model-names.ts'

export interface FoundModel {
  readonly model: Model
  readonly kind: 'exact' | 'alias' | 'pattern'
}
export type FindModel = (name: string) => FoundModel | undefined

const namesOf = (m: Model): string[] => [m.id, ...m.aliases].map((name) => name.toLowerCase())
/** `-latest` moves on with the maker: it means what an alias says and nothing that is like it. */
const canonicalNamesOf = (m: Model): ReadonlySet<string> =>
  new Set(
    namesOf(m)
      .filter((name) => !name.endsWith('-latest'))
      .map(canonicalName),
  )

/** Canonical names that mean two models: they lead nowhere, since either choice would be luck. */
export function ambiguousCanonicalNames(models: readonly Model[]): string[] {
  const owners = new Map<string, string>()
  const faults: string[] = []
  for (const m of models)
    for (const name of canonicalNamesOf(m)) {
      const owner = owners.get(name)
      if (owner !== undefined && owner !== m.id) faults.push(`${name}: ${owner} and ${m.id}`)
      owners.set(name, m.id)
    }
  return faults
}

function byCanonicalName(models: readonly Model[]): ReadonlyMap<string, Model | null> {
  const index = new Map<string, Model | null>()
  for (const m of models) for (const name of canonicalNamesOf(m)) index.set(name, index.has(name) ? null : m)
  index.delete('')
  return index
}

/** Words that would make it another model: they must not stand beside a name that is found inside a longer one. */
const TELLING =
  /^(?:nano|micro|tiny|mini|small|lite|light|flash|air|fast|medium|plus|turbo|large|pro|max|ultra|opus|sonnet|haiku|premier|heavy|spark|thinking|think|reason(?:er|ing)?|non|coder?|codex|math|vl|vision|omni|embed(?:dings?)?|rerank(?:er)?|image|audio|realtime|live|tts|transcribe|guard|ocr|distill|\d.*|[a-z]\d+(?:\.\d+)?b?)$/
const TOKENS_MAX = 24

/**
 * A deployment or a fine-tune is often named after its model: prod-gpt-4o-mini-eastus. The longest known name of at
 * least two words, one with a digit, inside the given one; the words around it must not tell of another model.
 */
function findInside(byCanonical: ReadonlyMap<string, Model | null>): (canonical: string) => Model | undefined {
  const known = [...byCanonical].filter(([name, model]) => model !== null && name.includes('-') && /\d/.test(name))
  const firstWords = new Set(known.map(([name]) => name.slice(0, name.indexOf('-'))))
  const wordsMax = Math.max(0, ...known.map(([name]) => name.split('-').length))
  return (canonical) => {
    const tokens = canonical.split('-').slice(0, TOKENS_MAX)
    const starts = [...tokens.keys()].filter((from) => firstWords.has(tokens[from] ?? ''))
    for (let length = Math.min(tokens.length - 1, wordsMax); length >= 2; length--)
      for (const from of starts) {
        if (from + length > tokens.length) break
        const inner = tokens.slice(from, from + length).join('-')
        const model = byCanonical.get(inner)
        if (model === undefined || model === null || !/\d/.test(inner)) continue
        const around = [...tokens.slice(0, from), ...tokens.slice(from + length)]
        if (!around.some((word) => TELLING.test(word))) return model
      }
    return undefined
  }
}

interface Pattern {
  readonly model: Model
  readonly glob: string
  readonly matches: (name: string) => boolean
}

/** Highest priority first, then the glob that says most. */
function patternsOf(models: readonly Model[]): Pattern[] {
  const literals = (glob: string): number => glob.replaceAll('*', '').length
  return models
    .flatMap((m) => m.patterns.map((p) => ({ model: m, ...p, matches: compileGlob(p.glob) })))
    .sort((a, b) => b.priority - a.priority || literals(b.glob) - literals(a.glob) || (a.glob < b.glob ? -1 : 1))
}

/** The first pattern, in their order, that one of the names matches. */
function findPattern(models: readonly Model[]): (names: readonly string[]) => Model | undefined {
  const patterns = patternsOf(models)
  const places = new Map(patterns.map((pattern, place) => [pattern, place]))
  const anywhere = patterns.filter(({ glob }) => glob.startsWith('*'))
  const byFirst = new Map<string, readonly Pattern[]>()
  for (const first of new Set(patterns.map(({ glob }) => glob.charAt(0))))
    byFirst.set(
      first,
      patterns.filter(({ glob }) => glob.startsWith(first) || glob.startsWith('*')),
    )
  return (names) => {
    let best: Pattern | undefined
    for (const name of names) {
      const found = (byFirst.get(name.charAt(0)) ?? anywhere).find(({ matches }) => matches(name))
      if (found !== undefined && (best === undefined || placeOf(found) < placeOf(best))) best = found
    }
    return best?.model
  }
  function placeOf(pattern: Pattern): number {
    return places.get(pattern) ?? 0
  }
}

/**
 * Aliases win over canonical forms and those over patterns: the more a rule bends the name, the later it is asked.
 * The outer parts of a path come last.
 */
export function modelIndex(models: readonly Model[]): FindModel {
  const byName = new Map(models.flatMap((m) => namesOf(m).map((name) => [name, m] as const)))
  const byCanonical = byCanonicalName(models)
  const inside = findInside(byCanonical)
  const pattern = findPattern(models)

  const byAnyName = (spellings: readonly string[]): FoundModel | undefined => {
    for (const [i, name] of spellings.entries()) {
      const model = byName.get(name)
      if (model !== undefined) return { model, kind: i === 0 && model.id === name ? 'exact' : 'alias' }
    }
    for (const name of spellings) {
      const model = byCanonical.get(canonicalName(name)) ?? undefined
      if (model !== undefined) return { model, kind: 'alias' }
    }
    return undefined
  }
  const byPattern = (spellings: readonly string[]): FoundModel | undefined => {
    const names = [...new Set([...spellings, ...spellings.map(canonicalName)])]
    const model = pattern(names) ?? inside(canonicalName(names.at(-1) ?? ''))
    return model === undefined ? undefined : { model, kind: 'pattern' }
  }
  return (name) => {
    const spellings = modelSpellings(name)
    const found = byAnyName(spellings) ?? byPattern(spellings)
    if (found !== undefined || !name.includes('/')) return found
    const outer = byAnyName(outerSegments(name))
    return outer === undefined ? undefined : { ...outer, kind: 'alias' }
  }
}
