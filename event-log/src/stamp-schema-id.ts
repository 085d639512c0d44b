/**
 * A log whose records carry the schema id of a registry: writers frame them with the id of the schemas folder, and the
 * one that the registry gave is put in its place on the way, so that writers need not know of registries.
 */
import { type EventLog, type LogRecord, LogUnavailableError } from './event-log.ts'

export interface GivenSchemaId {
  /** Null: none is known yet. */
  ownId(): number | null
  /** Why there is none, in words for an operator. */
  health(): { readonly detail?: string }
}

/** Magic byte and id: the Confluent header. */
const HEADER_BYTES = 5

/** While no id is known, `append` throws LogUnavailableError and stores nothing. Changes the bytes it is given. */
export function stampSchemaId(log: EventLog, given: GivenSchemaId): EventLog {
  return {
    partitions: log.partitions,
    generation: log.generation,
    append: async (partition, records) => {
      const id = given.ownId()
      if (id === null)
        throw new LogUnavailableError(`append: ${given.health().detail ?? 'no schema id is known'}`, false)
      for (const record of records) stamp(record, id)
      return await log.append(partition, records)
    },
    join: (group, listener) => log.join(group, listener),
    stats: () => log.stats(),
    close: () => log.close(),
  }
}

function stamp({ value }: LogRecord, id: number): void {
  if (value.length < HEADER_BYTES || value[0] !== 0) throw new RangeError('append: a record without a schema header')
  new DataView(value.buffer, value.byteOffset, HEADER_BYTES).setInt32(1, id)
}
