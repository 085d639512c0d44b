/** Factor sets as they are published in ClickHouse: what a redo, an explanation and a recomputation find again. */
import { type AppliedRecord, type ClickHouse, publishFactorSet, readFactorSet } from '@ecomind/clickhouse'
import {
  baseSetId,
  type DefinedFactorSet,
  type FactorSet,
  factorSetFromRecords,
  isSnapshotId,
  type OverriddenSet,
  type OverrideSnapshot,
  overridesFromRecords,
  type StoredRecord,
  serialiseFactorSet,
  serialiseOverrides,
  serialiseSnapshot,
  snapshotFromRecords,
} from '@ecomind/footprint'
import { type FootprintModel, footprintModel } from '@ecomind/stream-jobs'

/** Can be called at every start. @throws ClickHouseError when a set with this id and other content was published */
export async function publishSet(ch: ClickHouse, set: DefinedFactorSet): Promise<void> {
  const { factors, grids } = serialiseFactorSet(set)
  await publish(ch, set.id, set.methodVersion, factors, grids)
}

/** The overrides of one organisation; the set under them is published by itself. */
export async function publishOverrides(ch: ClickHouse, set: OverriddenSet): Promise<void> {
  await publish(ch, set.id, set.methodVersion, serialiseOverrides(set))
}

/** Behind the sets that it names. */
export async function publishSnapshot(
  ch: ClickHouse,
  snapshot: OverrideSnapshot,
  methodVersion: string,
): Promise<void> {
  await publish(ch, snapshot.id, methodVersion, serialiseSnapshot(snapshot))
}

/**
 * A set as rows of usage_events name it: with or without an organisation's overrides. Null when it was never published.
 * @throws FactorSetError when what is stored is not what was published
 */
export async function readSet(ch: ClickHouse, id: string): Promise<FactorSet | null> {
  const baseId = baseSetId(id)
  if (baseId === null) return await readDefined(ch, id)
  const base = await readDefined(ch, baseId)
  return base === null ? null : await readOverrides(ch, id, base)
}

/** A model as an intent names it. Null when it was never published. @throws FactorSetError */
export async function readModel(ch: ClickHouse, id: string): Promise<FootprintModel | null> {
  const base = await readDefined(ch, baseSetId(id) ?? id)
  if (base === null) return null
  if (!isSnapshotId(id)) return baseSetId(id) === null ? footprintModel(base) : null
  const applied = await readFactorSet(ch, id)
  if (applied === null) return null
  const { setOfOrg } = snapshotFromRecords(id, applied.factors.map(toText))
  const sets: OverriddenSet[] = []
  for (const setId of setOfOrg.values()) {
    const set = await readOverrides(ch, setId, base)
    if (set === null) return null
    sets.push(set)
  }
  return footprintModel(base, { id, sets })
}

/** A set without overrides. Null when it was never published. @throws FactorSetError */
export async function readDefined(ch: ClickHouse, id: string): Promise<DefinedFactorSet | null> {
  const applied = await readFactorSet(ch, id)
  if (applied === null) return null
  return factorSetFromRecords({ factors: applied.factors.map(toText), grids: applied.grids.map(toText) })
}

async function readOverrides(ch: ClickHouse, id: string, base: DefinedFactorSet): Promise<OverriddenSet | null> {
  const applied = await readFactorSet(ch, id)
  return applied === null ? null : overridesFromRecords(id, applied.factors.map(toText), base)
}

async function publish(
  ch: ClickHouse,
  factorSet: string,
  methodVersion: string,
  factors: readonly StoredRecord[],
  grids: readonly StoredRecord[] = [],
): Promise<void> {
  await publishFactorSet(ch, {
    factorSet,
    methodVersion,
    factors: factors.map(toApplied),
    grids: grids.map(toApplied),
  })
}

/** A record of the engine as the tables take it. */
export function toApplied(stored: StoredRecord): AppliedRecord {
  const { id, source, year, licence } = stored
  return { id, record: JSON.parse(stored.record), source, year, licence }
}

function toText({ id, record }: AppliedRecord): { id: string; record: string } {
  return { id, record: JSON.stringify(record) }
}
