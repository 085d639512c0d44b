/** Step: the events of log records. What cannot be decoded is set aside with its reason and bytes; its offset passes. */
import type { StoredRecord } from '@ecomind/event-log'
import type { QuarantineReason } from '@ecomind/schemas'
import { type BatchSchemas, decodeBatch, FOLDER_SCHEMAS, UndecodableBatchError } from '@ecomind/schemas/avro'
import { addEvent } from './add-event.ts'
import type { EventColumns } from './event-columns.ts'
import { inSlices } from './in-slices.ts'
import { readRecord } from './read-record.ts'

/** A record that holds no readable event. */
export interface PoisonRecord {
  readonly reason: Extract<QuarantineReason, 'corrupt_record' | 'undecodable_record' | 'unknown_schema'>
  readonly detail: string
  readonly bytes: Uint8Array
  /** 0 when the record does not say. */
  readonly schemaId: number
  /** 0 when not known. */
  readonly arrivedAtMs: number
  readonly offset: number
}

export interface DecodedRecords {
  readonly events: EventColumns
  readonly poison: PoisonRecord[]
}

/** Adds what one record holds to `into`; never throws for bad bytes. */
export function decodeRecord(record: StoredRecord, into: DecodedRecords, schemas: BatchSchemas = FOLDER_SCHEMAS): void {
  if (record.kind === 'corrupt') {
    into.poison.push(poison(record, 'corrupt_record', record.detail, 0))
    return
  }
  const { events } = into
  const start = events.addBytes(record.value)
  if (readRecord(events, start, record.offset, schemas)) return
  events.bytesUsed = start
  decodeThroughObjects(record, into, schemas)
}

/** What avsc reads, or its reason why it can't. */
export function decodeThroughObjects(
  record: StoredRecord,
  { events, poison: setAside }: DecodedRecords,
  schemas: BatchSchemas = FOLDER_SCHEMAS,
): void {
  const first = events.count
  try {
    const { schemaId, arrivedAtMs, replayOf, events: decoded } = decodeBatch(record.value, schemas)
    for (const one of decoded) addEvent(events, one)
    events.headRows(first, { offset: record.offset, schemaId, arrivedAtMs, replayOf })
  } catch (error) {
    if (!(error instanceof UndecodableBatchError)) throw error
    setAside.push(poison(record, error.reason, error.message, error.schemaId ?? 0))
  }
}

export async function decodeRecords(
  records: readonly StoredRecord[],
  events: EventColumns,
  schemas: BatchSchemas = FOLDER_SCHEMAS,
): Promise<DecodedRecords> {
  const decoded: DecodedRecords = { events, poison: [] }
  const slices = inSlices()
  for (const record of records) {
    const before = events.count
    decodeRecord(record, decoded, schemas)
    if (slices.isOver(events.count - before)) await slices.breathe()
  }
  return decoded
}

function poison(record: StoredRecord, reason: PoisonRecord['reason'], detail: string, schemaId: number): PoisonRecord {
  const { offset, value: bytes } = record
  // A schema id is read as a signed integer; what does not fit the column is not a schema id.
  return { reason, detail, bytes, schemaId: Math.max(0, schemaId), arrivedAtMs: record.arrivedAtMs ?? 0, offset }
}
