import { crc32 } from 'node:zlib'
import type { StoredRecord } from './event-log.ts'

/**
 * How one record lies on disk, little-endian:
 * byte 0 layout version, bytes 1-6 arrival (epoch milliseconds), byte 7 zero, bytes 8-11 CRC-32, then the value.
 * The CRC covers value, layout, arrival, partition and offset: a value that sits at a foreign place is detected too.
 */
const LAYOUT_VERSION = 1
export const RECORD_HEADER_BYTES = 12
const MAX_ARRIVED_AT_MS = 2 ** 48 - 1

/** A record on its way in: the bytes to store, complete but for the checksum, and the CRC-32 of its value alone. */
export interface PreparedRecord {
  readonly stored: Buffer
  readonly valueCrc: number
}

/** Copies the value, so the caller may reuse its buffer at once. @throws RangeError for an impossible arrival time */
export function prepareRecord(value: Uint8Array, arrivedAtMs: number): PreparedRecord {
  if (!Number.isInteger(arrivedAtMs) || arrivedAtMs < 0 || arrivedAtMs > MAX_ARRIVED_AT_MS) {
    throw new RangeError(`Append record: arrivedAtMs ${arrivedAtMs}, wanted whole epoch milliseconds`)
  }
  const stored = Buffer.allocUnsafe(RECORD_HEADER_BYTES + value.byteLength)
  stored[0] = LAYOUT_VERSION
  stored.writeUIntLE(arrivedAtMs, 1, 6)
  stored[7] = 0
  stored.set(value, RECORD_HEADER_BYTES)
  return { stored, valueCrc: crc32(value) }
}

const placeScratch = Buffer.alloc(16)

function checksum(stored: Uint8Array, valueCrc: number, partition: number, offset: number): number {
  placeScratch.set(stored.subarray(0, 8), 0)
  placeScratch.writeUInt16LE(partition, 8)
  placeScratch.writeUIntLE(offset, 10, 6)
  return crc32(placeScratch, valueCrc)
}

/** Writes the checksum for this place into the prepared record; may be called again when the offset changes. */
export function sealRecord(record: PreparedRecord, partition: number, offset: number): Buffer {
  record.stored.writeUInt32LE(checksum(record.stored, record.valueCrc, partition, offset), 8)
  return record.stored
}

/** Never throws: whatever is wrong with the bytes makes the record 'corrupt'. The value is a view of `stored`. */
export function decodeRecord(stored: Buffer, partition: number, offset: number): StoredRecord {
  if (stored.length < RECORD_HEADER_BYTES) {
    const detail = `record is ${stored.length} bytes, wanted ${RECORD_HEADER_BYTES} or more`
    return { kind: 'corrupt', offset, arrivedAtMs: null, value: stored, detail }
  }
  const value = stored.subarray(RECORD_HEADER_BYTES)
  if (stored[0] !== LAYOUT_VERSION) {
    const detail = `record has layout version ${stored[0]}, wanted ${LAYOUT_VERSION}`
    return { kind: 'corrupt', offset, arrivedAtMs: null, value, detail }
  }
  const wanted = stored.readUInt32LE(8)
  const found = checksum(stored, crc32(value), partition, offset)
  if (wanted !== found) {
    const detail = `record has CRC-32 ${hex(found)}, wanted ${hex(wanted)} (partition ${partition}, offset ${offset})`
    return { kind: 'corrupt', offset, arrivedAtMs: null, value, detail }
  }
  return { kind: 'ok', offset, arrivedAtMs: stored.readUIntLE(1, 6), value }
}

/** Arrival as it is stored, epoch milliseconds, without a look at the checksum; null when there is none to be read. */
export function storedArrival(stored: Buffer): number | null {
  return stored.length < RECORD_HEADER_BYTES || stored[0] !== LAYOUT_VERSION ? null : stored.readUIntLE(1, 6)
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0')
}
