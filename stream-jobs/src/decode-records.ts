/** Step: the events of log records. What cannot be decoded is set aside with its reason and bytes; its offset passes. */
import { crc32 } from 'node:zlib'
import type { StoredRecord } from '@ecomind/event-log'
import type { QuarantineReason, UsageEvent } from '@ecomind/schemas'
import { decodeBatch, UndecodableBatchError } from '@ecomind/schemas/avro'

/** One event and where it came from. */
export interface ArrivedEvent {
  readonly event: UsageEvent
  /** CRC-32 of the event's Avro bytes. */
  readonly contentHash: number
  readonly bytes: Uint8Array
  readonly schemaId: number
  /** Epoch milliseconds, from the head of its batch. */
  readonly arrivedAtMs: number
  /** Position of the quarantined event that this one replays, or null. */
  readonly replayOf: string | null
  readonly offset: number
  readonly index: number
}

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
  readonly events: ArrivedEvent[]
  readonly poison: PoisonRecord[]
}

/** Adds what one record holds to `into`; never throws for bad bytes. */
export function decodeRecord(record: StoredRecord, into: DecodedRecords): void {
  if (record.kind === 'corrupt') {
    into.poison.push(poison(record, 'corrupt_record', record.detail, 0))
    return
  }
  try {
    const batch = decodeBatch(record.value)
    const { schemaId, arrivedAtMs, replayOf } = batch
    let index = 0
    for (const { event, bytes } of batch.events) {
      const contentHash = crc32(bytes)
      into.events.push({ event, contentHash, bytes, schemaId, arrivedAtMs, replayOf, offset: record.offset, index })
      index += 1
    }
  } catch (error) {
    if (!(error instanceof UndecodableBatchError)) throw error
    into.poison.push(poison(record, error.reason, error.message, error.schemaId ?? 0))
  }
}

export function decodeRecords(records: readonly StoredRecord[]): DecodedRecords {
  const decoded: DecodedRecords = { events: [], poison: [] }
  for (const record of records) decodeRecord(record, decoded)
  return decoded
}

function poison(record: StoredRecord, reason: PoisonRecord['reason'], detail: string, schemaId: number): PoisonRecord {
  const { offset, value: bytes } = record
  // A schema id is read as a signed integer; what does not fit the column is not a schema id.
  return { reason, detail, bytes, schemaId: Math.max(0, schemaId), arrivedAtMs: record.arrivedAtMs ?? 0, offset }
}
