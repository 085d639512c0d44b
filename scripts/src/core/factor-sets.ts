/** The factor set that ships with the product, and earlier ones as they were published, for redo and explanations. */
import { type AppliedRecord, type ClickHouse, publishFactorSet, readFactorSet } from '@ecomind/clickhouse'
import { type DefinedFactorSet, factorSetFromRecords, type StoredRecord, serialiseFactorSet } from '@ecomind/footprint'

/** Can be called at every start. @throws ClickHouseError when a set with this id and other content was published */
export async function publishSet(ch: ClickHouse, set: DefinedFactorSet): Promise<void> {
  const { factors, grids } = serialiseFactorSet(set)
  await publishFactorSet(ch, {
    factorSet: set.id,
    methodVersion: set.methodVersion,
    factors: factors.map(toApplied),
    grids: grids.map(toApplied),
  })
}

/** Null when no such set was published. @throws FactorSetError when what is stored is not what was published */
export async function readSet(ch: ClickHouse, id: string): Promise<DefinedFactorSet | null> {
  const applied = await readFactorSet(ch, id)
  if (applied === null) return null
  return factorSetFromRecords({ factors: applied.factors.map(toText), grids: applied.grids.map(toText) })
}

function toApplied(stored: StoredRecord): AppliedRecord {
  const { id, source, year, licence } = stored
  return { id, record: JSON.parse(stored.record), source, year, licence }
}

function toText({ id, record }: AppliedRecord): { id: string; record: string } {
  return { id, record: JSON.stringify(record) }
}
