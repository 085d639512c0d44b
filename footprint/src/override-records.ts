/**
 * Overrides as rows of the table `factors`, and back. Every change is published as a snapshot that never changes:
 * `<set>+<organisation>.<k>-<checksum>` holds the overrides of one organisation, `<set>+overrides.<n>-<checksum>` names
 * the former of every organisation that has any, so that one id in a loader's intent stands for all of them.
 */

import { z } from 'zod'
import type { DefinedFactorSet } from './build-factor-set.ts'
import { canonicalJson } from './canonical-json.ts'
import { factorOverride } from './override.ts'
import { applyOverrides, type OverriddenSet } from './overrides.ts'
import { FactorSetError } from './parse-factor-set.ts'
import type { StoredRecord } from './records.ts'
import { sha256Hex } from './sha256.ts'

type RecordText = Pick<StoredRecord, 'id' | 'record'>

const orgHead = z.strictObject({ base: z.string(), org_id: z.string(), revision: z.number().int(), count: z.number() })
const snapshotHead = z.strictObject({ base: z.string(), revision: z.number().int(), count: z.number() })

export interface OverrideSnapshot {
  readonly id: string
  readonly base: string
  /** Factor set of each organisation that has overrides. */
  readonly setOfOrg: ReadonlyMap<string, string>
}

/** Id of the set underneath; null for an id of a set without overrides. */
export function baseSetId(id: string): string | null {
  const at = id.indexOf('+')
  return at === -1 ? null : id.slice(0, at)
}

export const isSnapshotId = (id: string): boolean => /\+overrides\.\d+-[0-9a-f]+$/.test(id)

function stored(id: string, kind: string, value: unknown, source: string, year: number): StoredRecord {
  const record = canonicalJson({ kind, value })
  const licence = source === '' ? '' : 'stated by the organisation'
  return { id, record, checksum: sha256Hex(record), source, year, licence }
}

export function serialiseOverrides(set: OverriddenSet): readonly StoredRecord[] {
  const revision = Number(set.id.slice(set.id.lastIndexOf('.') + 1).split('-')[0])
  const head = { base: set.base.id, org_id: set.orgId, revision, count: set.overrides.length }
  return [
    stored('set', 'overridden_set', head, '', 0),
    ...set.overrides.map((o) => {
      const id = `override:${o.id}:${o.version}`
      return stored(id, 'override', o, id, o.evidence.year)
    }),
  ]
}

/** @throws FactorSetError when rows are missing or are not what was published */
export function overridesFromRecords(id: string, rows: readonly RecordText[], base: DefinedFactorSet): OverriddenSet {
  const head = orgHead.parse(valuesOf(rows, 'overridden_set')[0])
  const overrides = valuesOf(rows, 'override').map((value) => factorOverride.parse(value))
  const set = applyOverrides(base, head.org_id, head.revision, overrides)
  if (set.id !== id || overrides.length !== head.count)
    throw new FactorSetError([`records of ${id}: they make ${set.id}: rows are missing or changed`])
  return set
}

/** @param revision number of the changes of all organisations so far */
export function overrideSnapshot(
  base: DefinedFactorSet,
  revision: number,
  sets: readonly OverriddenSet[],
): OverrideSnapshot {
  const setOfOrg = new Map(sets.map((s) => [s.orgId, s.id]))
  return { id: snapshotId(base.id, revision, setOfOrg), base: base.id, setOfOrg }
}

function snapshotId(base: string, revision: number, setOfOrg: ReadonlyMap<string, string>): string {
  const content = canonicalJson([...setOfOrg].sort(([a], [b]) => (a < b ? -1 : 1)))
  return `${base}+overrides.${revision}-${sha256Hex(content).slice(0, 8)}`
}

export function serialiseSnapshot({ id, base, setOfOrg }: OverrideSnapshot): readonly StoredRecord[] {
  const revision = Number(id.slice(id.lastIndexOf('.') + 1).split('-')[0])
  return [
    stored('set', 'override_snapshot', { base, revision, count: setOfOrg.size }, '', 0),
    ...[...setOfOrg].map(([orgId, set]) => stored(`org:${orgId}`, 'overridden_org', [orgId, set], '', 0)),
  ]
}

/** @throws FactorSetError when rows are missing or are not what was published */
export function snapshotFromRecords(id: string, rows: readonly RecordText[]): OverrideSnapshot {
  const head = snapshotHead.parse(valuesOf(rows, 'override_snapshot')[0])
  const orgs = valuesOf(rows, 'overridden_org').map((value) => z.tuple([z.string(), z.string()]).parse(value))
  const setOfOrg = new Map(orgs)
  if (snapshotId(head.base, head.revision, setOfOrg) !== id || setOfOrg.size !== head.count)
    throw new FactorSetError([`records of ${id}: rows are missing or changed`])
  return { id, base: head.base, setOfOrg }
}

const wrapped = z.object({ kind: z.string(), value: z.unknown() })

function valuesOf(rows: readonly RecordText[], kind: string): unknown[] {
  return rows.flatMap(({ record }) => {
    const parsed = wrapped.parse(JSON.parse(record))
    return parsed.kind === kind ? [parsed.value] : []
  })
}
