/** Rules across records: names are unique whatever their case, references lead somewhere, the region chain ends at WORLD. */
import type { Definition, Grid } from './definition.ts'
import { OTHER_PROVIDER } from './expand-factors.ts'
import { providerKey } from './resolve-factor.ts'
import { regionKey, WORLD } from './resolve-grid.ts'

interface Named {
  readonly id: string
  readonly aliases?: readonly string[]
}

/** A name that leads to two records would be resolved by luck. */
function ambiguousNames(kind: string, records: readonly Named[], key: (name: string) => string): string[] {
  const faults: string[] = []
  const ids = new Set<string>()
  const owners = new Map<string, string>()
  for (const { id, aliases = [] } of records) {
    if (ids.has(key(id))) faults.push(`${kind} ${id}: id is given twice`)
    ids.add(key(id))
    for (const name of new Set([id, ...aliases].map(key))) {
      const owner = owners.get(name)
      if (owner !== undefined && owner !== id) faults.push(`${kind} ${id}: name "${name}" already means ${owner}`)
      owners.set(name, id)
    }
  }
  return faults
}

function ambiguousPatterns({ models }: Definition): string[] {
  const owners = new Map<string, string>()
  return models.flatMap((m) =>
    m.patterns.flatMap(({ glob }) => {
      const owner = owners.get(glob)
      owners.set(glob, m.id)
      return owner === undefined ? [] : [`model ${m.id}: pattern "${glob}" already means ${owner}`]
    }),
  )
}

const RESERVED_MODEL = /^(?:class-.*|unknown)$/

function danglingReferences(d: Definition): string[] {
  const ids = (records: readonly Named[]): ReadonlySet<string> => new Set(records.map((r) => r.id))
  const [classes, providers, grids] = [ids(d.classes), ids(d.providers), ids(d.grids)]
  const faults: string[] = []
  for (const m of d.models) {
    if (!classes.has(m.class)) faults.push(`model ${m.id}: class ${m.class} does not exist`)
    for (const p of m.served_by) if (!providers.has(p)) faults.push(`model ${m.id}: provider ${p} does not exist`)
    if (RESERVED_MODEL.test(m.id)) faults.push(`model ${m.id}: the id is reserved for guesses`)
  }
  for (const p of d.providers)
    if (!grids.has(p.default_grid)) faults.push(`provider ${p.id}: default grid ${p.default_grid} does not exist`)
  if (!providers.has(OTHER_PROVIDER))
    faults.push(`providers: ${OTHER_PROVIDER} is missing, which stands for unknown ones`)
  if (!d.classes.some((c) => c.rank !== undefined)) faults.push('classes: none has a rank, so none can be guessed')
  return faults
}

/** A model that reasons unseen and nobody says how much would be counted as one that does not. */
function reasoningWithoutMultiplier(d: Definition): string[] {
  const withMultiplier = new Set(d.classes.filter((c) => c.hidden_reasoning_multiplier !== undefined).map((c) => c.id))
  if (d.hidden_reasoning_multiplier !== undefined) return []
  return d.models
    .filter((m) => m.reasoning === 'always' || m.reasoning === 'optional')
    .filter((m) => !withMultiplier.has(m.class))
    .map((m) => `model ${m.id}: reasoning ${m.reasoning} needs a hidden_reasoning_multiplier of its class or the set`)
}

function brokenChains(grids: readonly Grid[]): string[] {
  const parents = new Map(grids.map((g) => [g.id, g.parent]))
  if (parents.get(WORLD) !== null) return [`grids: ${WORLD} without a parent is missing`]
  return grids.flatMap((g) => {
    let at: string | null | undefined = g.id
    for (let steps = 0; at !== WORLD; steps++) {
      if (steps > grids.length) return [`grid ${g.id}: its chain of parents is a circle`]
      at = parents.get(at)
      if (at === null || at === undefined) return [`grid ${g.id}: its chain of parents must end at ${WORLD}`]
    }
    return []
  })
}

const lower = (name: string): string => name.toLowerCase()

export const checkDefinition = (d: Definition): string[] => [
  ...ambiguousNames('source', d.sources, lower),
  ...ambiguousNames('provider', d.providers, providerKey),
  ...ambiguousNames('class', d.classes, lower),
  ...ambiguousNames('model', d.models, lower),
  ...ambiguousNames('grid', d.grids, regionKey),
  ...ambiguousPatterns(d),
  ...danglingReferences(d),
  ...reasoningWithoutMultiplier(d),
  ...brokenChains(d.grids),
]
