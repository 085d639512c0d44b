/**
 * The bytes of a log record: the Confluent header (magic byte 0, schema id as 32-bit big-endian) and one Avro
 * `UsageBatch`. The events are the last field, so an edge can encode each event into a growing buffer as it comes
 * and put the head before them when the group is flushed: one buffer, one record, one acknowledgement.
 */
import avsc from 'avsc'
import type { UsageEvent } from '../usage-event.ts'
import { type BatchSchemas, FOLDER_SCHEMAS, USAGE_BATCH_SCHEMA_ID } from './batch-schemas.ts'
import { type BatchReader, usageBatchType } from './usage-schema.ts'

const fieldType = (name: string): avsc.Type => {
  const field = usageBatchType.fields.find((f) => f.name === name)
  if (field === undefined) throw new Error(`usage-batch schema: field ${name} is missing`)
  return field.type
}
const eventType = (fieldType('events') as avsc.types.ArrayType).itemsType
const longType = avsc.Type.forSchema('long')
const stringType = avsc.Type.forSchema('string')
const replayOfType = fieldType('replay_of')

const HEADER_BYTES = 5

export interface BatchHead {
  /** Epoch milliseconds. */
  readonly arrivedAtMs: number
  readonly edgeId: string
  readonly replayOf: string | null
}

export interface DecodedEvent {
  readonly event: UsageEvent
  /** CRC-32 of the event's Avro bytes is its fingerprint: equal content has equal bytes. */
  readonly bytes: Uint8Array
}

export interface DecodedBatch extends BatchHead {
  readonly schemaId: number
  readonly events: readonly DecodedEvent[]
}

/** Bytes that are not a usage batch this version can read. */
export class UndecodableBatchError extends Error {
  override readonly name = 'UndecodableBatchError'
  readonly reason: 'undecodable_record' | 'unknown_schema'
  readonly schemaId: number | null
  constructor(reason: 'undecodable_record' | 'unknown_schema', message: string, schemaId: number | null) {
    super(message)
    this.reason = reason
    this.schemaId = schemaId
  }
}

/**
 * Encodes one event at `pos` and returns the position behind it. When the buffer is too small nothing is promised of
 * its bytes from `pos` on and the return value is negative: minus the position that would have been needed.
 */
export function encodeEvent(event: UsageEvent, buffer: Buffer, pos: number): number {
  return eventType.encode(event, buffer, pos)
}

/** One record from events that were encoded one behind the other into `events`, with the id of the schemas folder. */
export function frameBatch(head: BatchHead, count: number, events: Uint8Array): Buffer {
  if (count < 1) throw new RangeError(`frame a batch: ${count} events, at least 1 is wanted`)
  const arrived = longType.toBuffer(head.arrivedAtMs)
  const edge = stringType.toBuffer(head.edgeId)
  const replay = replayOfType.toBuffer(head.replayOf)
  const blockCount = longType.toBuffer(count)
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeInt32BE(USAGE_BATCH_SCHEMA_ID, 1)
  return Buffer.concat([header, arrived, edge, replay, blockCount, events, Buffer.of(0)])
}

/** Convenience for tests and replays: encodes the events and frames them. */
export function encodeBatch(head: BatchHead, events: readonly UsageEvent[]): Buffer {
  return frameBatch(head, events.length, Buffer.concat(events.map((e) => eventType.toBuffer(e))))
}

/** The id in a record's header; null without one. */
export function schemaIdOf(record: Uint8Array): number | null {
  if (record.length < HEADER_BYTES || record[0] !== 0) return null
  return new DataView(record.buffer, record.byteOffset, HEADER_BYTES).getInt32(1)
}

/** @throws UndecodableBatchError when the bytes are anything else than one whole batch of a known schema */
export function decodeBatch(record: Uint8Array, schemas: BatchSchemas = FOLDER_SCHEMAS): DecodedBatch {
  const buffer = Buffer.from(record.buffer, record.byteOffset, record.byteLength)
  const schemaId = schemaIdOf(record)
  if (schemaId === null) {
    throw new UndecodableBatchError('undecodable_record', 'decode a usage batch: no Confluent header', null)
  }
  const reader = schemas.readerOf(schemaId)
  if (reader === null && !schemas.isOwn(schemaId)) {
    throw new UndecodableBatchError(
      'unknown_schema',
      `decode a usage batch: schema id ${schemaId} is not known`,
      schemaId,
    )
  }
  try {
    return { schemaId, ...(reader === null ? decodeBody(buffer) : decodeForeign(buffer, reader)) }
  } catch (error) {
    throw new UndecodableBatchError('undecodable_record', `decode a usage batch: ${(error as Error).message}`, schemaId)
  }
}

/** Written by another version: its events get the bytes that this version would have written, and their fingerprints. */
function decodeForeign(buffer: Buffer, reader: BatchReader): Omit<DecodedBatch, 'schemaId'> {
  const batch = reader(buffer.subarray(HEADER_BYTES)) as {
    arrived_at: number
    edge_id: string
    replay_of: unknown
    events: UsageEvent[]
  }
  if (batch.events.length === 0) throw new RangeError('the record holds no event')
  const events = batch.events.map((event) => ({ event, bytes: eventType.toBuffer(event) }))
  return { arrivedAtMs: batch.arrived_at, edgeId: batch.edge_id, replayOf: unwrap(batch.replay_of), events }
}

function decodeBody(buffer: Buffer): Omit<DecodedBatch, 'schemaId'> {
  let pos = HEADER_BYTES
  const next = <T>(type: avsc.Type): T => {
    const { value, offset } = type.decode(buffer, pos) as { value: T; offset: number }
    if (offset <= pos || offset > buffer.length) throw new RangeError('the record ends too early')
    pos = offset
    return value
  }
  const arrivedAtMs = next<number>(longType)
  const edgeId = next<string>(stringType)
  const replayOf = unwrap(next<unknown>(replayOfType))
  const events: DecodedEvent[] = []
  for (;;) {
    const count = next<number>(longType)
    if (count === 0) break
    if (count < 0) next<number>(longType)
    if (Math.abs(count) > buffer.length) throw new RangeError('the record counts more events than it can hold')
    for (let i = 0; i < Math.abs(count); i++) {
      const from = pos
      const event = next<UsageEvent>(eventType)
      events.push({ event, bytes: buffer.subarray(from, pos) })
    }
  }
  if (pos !== buffer.length) throw new RangeError(`${buffer.length - pos} bytes stand behind the last event`)
  if (events.length === 0) throw new RangeError('the record holds no event')
  return { arrivedAtMs, edgeId, replayOf, events }
}

/** avsc gives null or the bare value for unions whose branches cannot be confused. */
function unwrap(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

export {
  type BatchSchemas,
  FOLDER_SCHEMAS,
  type NamedSchema,
  type NamedSchemas,
  namedSchemas,
} from './batch-schemas.ts'
