/** What the schema ids in the headers of log records mean to a reader: one fixed view, for as long as a batch is decoded. */
import { type BatchReader, USAGE_SCHEMA_FINGERPRINT } from './usage-schema.ts'

/** Id of `usage-batch.v1.avsc` where no registry gives ids. A released id never changes its meaning. */
export const USAGE_BATCH_SCHEMA_ID = 1

/** An id and the fingerprint of its schema. */
export type NamedSchema = readonly [id: number, fingerprint: string]

export interface BatchSchemas {
  /** The bytes are those of the schema that this version writes. */
  isOwn(id: number): boolean
  /** Null: the id is not known, or is own. */
  readerOf(id: number): BatchReader | null
}

/** Ids of the schemas folder: the embedded log, and Kafka without a registry. */
export const FOLDER_SCHEMAS: BatchSchemas = { isOwn: (id) => id === USAGE_BATCH_SCHEMA_ID, readerOf: () => null }

/** A view that can be written down and made again: which ids are known, and as what. */
export interface NamedSchemas extends BatchSchemas {
  readonly named: readonly NamedSchema[]
}

/** `readers` holds those that are not own. */
export function namedSchemas(
  named: readonly NamedSchema[],
  readers: ReadonlyMap<number, BatchReader> = new Map(),
): NamedSchemas {
  const own = new Set(named.flatMap(([id, fingerprint]) => (fingerprint === USAGE_SCHEMA_FINGERPRINT ? [id] : [])))
  return { named, isOwn: (id) => own.has(id), readerOf: (id) => readers.get(id) ?? null }
}
