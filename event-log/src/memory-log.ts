import {
  type CommittedOffset,
  type EventLog,
  LogFullError,
  type LogRecord,
  LogUnavailableError,
  type PartitionStats,
} from './event-log.ts'
import { createMemoryGroup, type MemoryGroup } from './memory-group.ts'
import { decodeRecord, prepareRecord, RECORD_HEADER_BYTES, sealRecord } from './record-codec.ts'
import { createWakeUp } from './wake-up.ts'

/**
 * The log for tests: every promise of the port but surviving the process. "Durable" means being in the storage object;
 * a log opened again on the same object goes on where the last one stopped.
 */
export interface MemoryPartition {
  firstOffset: number
  bytes: number
  /** Sealed records (record-codec.ts); the first one has `firstOffset`. */
  readonly records: Buffer[]
}

export interface MemoryStorage {
  readonly generation: number
  readonly partitions: readonly MemoryPartition[]
  /** 'group/partition' -> what was committed. */
  readonly commits: Map<string, CommittedOffset>
}

export interface MemoryLogOptions {
  readonly storage: MemoryStorage
  /** Bytes kept before appends are refused; default no bound. */
  readonly maxBytes?: number
  /** Default: no record is too old. */
  readonly retentionMs?: number
  readonly clock?: () => number
}

export interface MemoryLog extends EventLog {
  trim(): Promise<void>
}

export function createMemoryStorage(partitions: number): MemoryStorage {
  if (!Number.isInteger(partitions) || partitions < 1) {
    throw new RangeError(`Open log: ${partitions} partitions, wanted 1 or more`)
  }
  return {
    generation: 1 + Math.floor(Math.random() * (2 ** 32 - 1)),
    partitions: Array.from({ length: partitions }, () => ({ firstOffset: 0, bytes: 0, records: [] })),
    commits: new Map(),
  }
}

export function openMemoryLog(options: MemoryLogOptions): MemoryLog {
  const { storage } = options
  const { maxBytes = Number.POSITIVE_INFINITY, retentionMs = Number.POSITIVE_INFINITY, clock = Date.now } = options
  const appended = createWakeUp()
  const groups = new Map<string, MemoryGroup>()
  let closed = false

  function checkOpen(): void {
    if (closed) throw new LogUnavailableError('Use log: it is closed', false)
  }

  function groupOf(name: string): MemoryGroup {
    const group = groups.get(name) ?? createMemoryGroup(name, storage, appended)
    groups.set(name, group)
    return group
  }

  return {
    partitions: storage.partitions.length,
    generation: storage.generation,
    append: async (partition, records) => {
      checkOpen()
      // Taken before the pause, because the caller may reuse its buffers as soon as the call returned.
      const prepared = records.map(({ value, arrivedAtMs }) => prepareRecord(value, arrivedAtMs))
      const target = appendTarget(storage, partition, records)
      await Promise.resolve()
      const bytes = prepared.reduce((sum, { stored }) => sum + stored.length, 0)
      if (bytesKept(storage) + bytes > maxBytes) dropPassed(storage, maxBytes - bytes, null)
      if (bytesKept(storage) + bytes > maxBytes) {
        throw new LogFullError(`Append: the log keeps ${bytesKept(storage)} of at most ${maxBytes} bytes`)
      }
      const first = target.firstOffset + target.records.length
      prepared.forEach((record, index) => {
        target.records.push(sealRecord(record, partition, first + index))
      })
      target.bytes += bytes
      appended.wake()
      return first
    },
    join: async (group, listener) => {
      checkOpen()
      return groupOf(group).join(listener)
    },
    stats: async () => {
      checkOpen()
      return storage.partitions.map(statsOf)
    },
    trim: async () => dropPassed(storage, maxBytes, clock() - retentionMs),
    close: async () => {
      closed = true
      for (const group of groups.values()) await group.close()
    },
  }
}

function appendTarget(storage: MemoryStorage, partition: number, records: readonly LogRecord[]): MemoryPartition {
  const target = storage.partitions[partition]
  if (target === undefined) {
    throw new RangeError(`Append: partition ${partition}, wanted 0 to ${storage.partitions.length - 1}`)
  }
  if (records.length === 0) throw new RangeError('Append: 0 records, wanted 1 or more')
  return target
}

function statsOf({ firstOffset, bytes, records }: MemoryPartition, partition: number): PartitionStats {
  const oldest = records[0]
  return {
    partition,
    firstOffset,
    nextOffset: firstOffset + records.length,
    bytes,
    oldestArrivedAtMs: oldest === undefined ? null : decodeRecord(oldest, partition, firstOffset).arrivedAtMs,
  }
}

/** Drops what every group has passed: what arrived up to `arrivedUpToMs`, and more while over `keepBytes`. */
function dropPassed(storage: MemoryStorage, keepBytes: number, arrivedUpToMs: number | null): void {
  storage.partitions.forEach((partition, index) => {
    const passed = passedOffset(storage, index)
    while (partition.firstOffset < passed && partition.records.length > 0) {
      const arrivedAtMs = statsOf(partition, index).oldestArrivedAtMs ?? 0
      const isOver = arrivedUpToMs !== null && arrivedAtMs <= arrivedUpToMs
      if (!isOver && bytesKept(storage) <= keepBytes) break
      partition.bytes -= partition.records.shift()?.length ?? 0
      partition.firstOffset += 1
    }
  })
}

function passedOffset(storage: MemoryStorage, partition: number): number {
  const groups = new Set([...storage.commits.keys()].map((key) => key.slice(0, key.lastIndexOf('/'))))
  const passed = [...groups].map((group) => storage.commits.get(`${group}/${partition}`)?.offset ?? 0)
  return passed.length === 0 ? 0 : Math.min(...passed)
}

function bytesKept(storage: MemoryStorage): number {
  return storage.partitions.reduce((sum, { bytes }) => sum + bytes, 0)
}

/** For tests: flips a bit of a stored value. */
export function damageMemoryRecord(storage: MemoryStorage, partition: number, offset: number): void {
  const target = storage.partitions[partition]
  const stored = target?.records[offset - target.firstOffset]
  if (stored === undefined) throw new RangeError(`Damage record: partition ${partition} has no offset ${offset}`)
  stored[RECORD_HEADER_BYTES] = (stored[RECORD_HEADER_BYTES] ?? 0) ^ 1
}
