import { LogUnavailableError, OffsetOutOfRangeError, type PartitionStats, type StoredRecord } from './event-log.ts'
import { counterOf, freshSnapshot, type LmdbStore, MAX_OFFSET, readCounters, recordsOf } from './lmdb-store.ts'
import { decodeRecord } from './record-codec.ts'

export interface ReadLimits {
  readonly maxRecords: number
  readonly maxBytes: number
}

/** Offset that the next record of the partition gets. */
export function readNextOffset(store: LmdbStore, partition: number): number {
  freshSnapshot(store)
  return counterOf(readCounters(store, 'head'), partition).offset
}

/**
 * The records from `fromOffset` on, as of now; never waits.
 * @throws OffsetOutOfRangeError below the first offset kept and beyond the next offset
 */
export function readNow(store: LmdbStore, partition: number, fromOffset: number, limits: ReadLimits): StoredRecord[] {
  freshSnapshot(store)
  const nextOffset = counterOf(readCounters(store, 'head'), partition).offset
  const firstOffset = counterOf(readCounters(store, 'trim'), partition).offset
  if (!Number.isInteger(fromOffset) || fromOffset < firstOffset || fromOffset > nextOffset) {
    throw new OffsetOutOfRangeError(
      `Read partition ${partition}: offset ${fromOffset}, wanted ${firstOffset} to ${nextOffset} (what is kept)`,
    )
  }
  const records: StoredRecord[] = []
  let bytes = 0
  let expected = fromOffset
  const full = () => records.length >= limits.maxRecords || bytes >= limits.maxBytes
  for (const { offset, stored } of storedRange(store, partition, fromOffset, nextOffset, limits.maxRecords)) {
    // This log gives offsets without gaps, so an offset that is not there is a record that was damaged away.
    while (expected < offset && !full()) records.push(missingRecord(partition, expected++))
    if (full()) return records
    const record = decodeRecord(stored, partition, offset)
    records.push(record)
    bytes += record.value.byteLength
    expected = offset + 1
    if (full()) return records
  }
  while (expected < nextOffset && !full()) records.push(missingRecord(partition, expected++))
  return records
}

/** What lies in the partition between two offsets (the second excluded), copied out of LMDB. */
export function* storedRange(
  store: LmdbStore,
  partition: number,
  fromOffset: number,
  toOffset: number,
  limit: number,
): Generator<{ offset: number; stored: Buffer }> {
  const range = { start: fromOffset, end: toOffset, limit }
  try {
    for (const { key, value } of recordsOf(store, partition).getRange(range)) {
      yield { offset: key, stored: asBuffer(value) }
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new LogUnavailableError(
      `Read partition ${partition}: ${store.dataFile} can't be read (${message}); restore the folder from a copy`,
      false,
      { cause: error },
    )
  }
}

function asBuffer(value: Uint8Array): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}

function missingRecord(partition: number, offset: number): StoredRecord {
  const detail = `record is missing (partition ${partition}, offset ${offset})`
  return { kind: 'corrupt', offset, arrivedAtMs: null, value: new Uint8Array(0), detail }
}

export function readStats(store: LmdbStore): PartitionStats[] {
  freshSnapshot(store)
  const head = readCounters(store, 'head')
  const trim = readCounters(store, 'trim')
  return head.perPartition.map((end, partition) => {
    const begin = counterOf(trim, partition)
    return {
      partition,
      firstOffset: begin.offset,
      nextOffset: end.offset,
      bytes: end.bytes - begin.bytes,
      oldestArrivedAtMs: oldestArrival(store, partition, begin.offset),
    }
  })
}

function oldestArrival(store: LmdbStore, partition: number, firstOffset: number): number | null {
  for (const { offset, stored } of storedRange(store, partition, firstOffset, MAX_OFFSET, 1)) {
    return decodeRecord(stored, partition, offset).arrivedAtMs
  }
  return null
}
