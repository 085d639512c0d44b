/**
 * A set as rows of the tables `factors` and `grids`, and back. What is restored has the same checksum and computes
 * the same numbers to the last bit: JSON keeps doubles exactly, and the checksum proves it.
 *
 * `factors` holds the definition in parts (`set`, `provider:...`, `class:...`, `model:...`, `source:...`). For people who
 * join it with usage_events.factor_id, factors that were applied stand beside them under their own ids (serialiseFactor);
 * those are derived and are not needed to restore. `grids` holds one row a grid.
 */
import { buildFactorSet, type DefinedFactorSet } from './build-factor-set.ts'
import { canonicalJson } from './canonical-json.ts'
import { checkDefinition } from './check-definition.ts'
import { definition, type Grid, type Quantity, type Source } from './definition.ts'
import type { Factor, FactorSet } from './factor.ts'
import { orderDefinition } from './order-definition.ts'
import { FactorSetError } from './parse-factor-set.ts'
import { sha256Hex } from './sha256.ts'

export interface StoredRecord {
  readonly id: string
  /** Canonical JSON: {"kind", "value"}. */
  readonly record: string
  /** SHA-256 of `record`, hex. */
  readonly checksum: string
  /** Source ids, ascending, comma-separated. */
  readonly source: string
  /** Latest year of its sources. */
  readonly year: number
  /** Licences of its sources, ascending, separated by `; `. */
  readonly licence: string
}

export interface SetRecords {
  readonly factorSet: string
  readonly checksum: string
  readonly factors: readonly StoredRecord[]
  readonly grids: readonly StoredRecord[]
}

const isQuantity = (value: object): value is Quantity => 'sources' in value && Array.isArray(value.sources)

function citedBy(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap(citedBy)
  return isQuantity(value) ? value.sources : Object.values(value).flatMap(citedBy)
}

function stored(
  id: string,
  kind: string,
  value: unknown,
  cited: readonly string[],
  sources: readonly Source[],
): StoredRecord {
  const ids = new Set(cited)
  const used = sources.filter((s) => ids.has(s.id))
  const record = canonicalJson({ kind, value })
  return {
    id,
    record,
    checksum: sha256Hex(record),
    source: used.map((s) => s.id).join(','),
    year: used.reduce((year, s) => Math.max(year, s.year), 0),
    licence: [...new Set(used.map((s) => s.licence))].sort().join('; '),
  }
}

export const serialiseFactor = (set: FactorSet, factor: Factor): StoredRecord =>
  stored(factor.id, 'factor', factor, citedBy(factor), set.sources)

export const serialiseGrid = (set: FactorSet, grid: Grid): StoredRecord =>
  stored(grid.id, 'grid', grid, citedBy(grid), set.sources)

export function serialiseFactorSet(set: DefinedFactorSet): SetRecords {
  const { sources, providers, classes, models, grids: _grids, ...single } = set.definition
  const top = { ...single, checksum: set.checksum }
  const parts = (kind: string, values: readonly { readonly id: string }[]): StoredRecord[] =>
    values.map((value) => stored(`${kind}:${value.id}`, kind, value, citedBy(value), sources))
  return {
    factorSet: set.id,
    checksum: set.checksum,
    factors: [
      stored('set', 'set', top, citedBy(top), sources),
      ...sources.map((s) => stored(`source:${s.id}`, 'source', s, [s.id], sources)),
      ...parts('provider', providers),
      ...parts('class', classes),
      ...parts('model', models),
    ],
    grids: set.grids.map((grid) => serialiseGrid(set, grid)),
  }
}

type RecordText = Pick<StoredRecord, 'id' | 'record'>

/** Null for what is no JSON: it is refused like JSON of another shape. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function valuesByKind(records: readonly RecordText[]): ReadonlyMap<string, Record<string, unknown>[]> {
  const byKind = new Map<string, Record<string, unknown>[]>()
  for (const { id, record } of records) {
    const parsed = parsedJson(record)
    if (typeof parsed !== 'object' || parsed === null || !('kind' in parsed) || !('value' in parsed))
      throw new FactorSetError([`record ${id}: must be {"kind", "value"}`])
    const list = byKind.get(String(parsed.kind)) ?? []
    list.push(parsed.value as Record<string, unknown>)
    byKind.set(String(parsed.kind), list)
  }
  return byKind
}

/** Rows in any order. Throws a FactorSetError when one is missing, doubled or changed: the checksum must come out. */
export function factorSetFromRecords(rows: {
  readonly factors: readonly RecordText[]
  readonly grids: readonly RecordText[]
}): DefinedFactorSet {
  const byKind = valuesByKind([...rows.factors, ...rows.grids])
  const [top, ...others] = byKind.get('set') ?? []
  if (top === undefined || others.length > 0) throw new FactorSetError(['record set: must be there once'])
  const { checksum, ...rest } = top
  const parsed = definition.safeParse({
    ...rest,
    sources: byKind.get('source') ?? [],
    providers: byKind.get('provider') ?? [],
    classes: byKind.get('class') ?? [],
    models: byKind.get('model') ?? [],
    grids: byKind.get('grid') ?? [],
  })
  if (!parsed.success)
    throw new FactorSetError(parsed.error.issues.map((i) => `records ${i.path.map(String).join('.')}: ${i.message}`))
  const restored = orderDefinition(parsed.data)
  const faults = checkDefinition(restored)
  if (faults.length > 0) throw new FactorSetError(faults)
  const set = buildFactorSet(restored)
  if (set.checksum !== checksum)
    throw new FactorSetError([
      `records: checksum is ${set.checksum}, wanted ${String(checksum)}: rows are missing or changed`,
    ])
  return set
}
