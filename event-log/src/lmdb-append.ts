import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { DiskReserve } from './disk-reserve.ts'
import { LogFullError, type LogRecord, LogUnavailableError } from './event-log.ts'
import { createHangWatch } from './hang-watch.ts'
import {
  bytesKept,
  type Counter,
  type Counters,
  encodeCounters,
  freshSnapshot,
  type LmdbStore,
  MAX_OFFSET,
  readCounters,
  recordsOf,
} from './lmdb-store.ts'
import { settled } from './lmdb-write.ts'
import { type PreparedRecord, prepareRecord, sealRecord } from './record-codec.ts'

/**
 * Group commit. Appends queue up while one transaction is on its way to the disk; the next transaction takes them all.
 * The write itself runs on LMDB's own thread: the offsets are worked out from the head that was read, and the whole
 * group is written on condition that the head has not moved since. If another process was faster, nothing is written
 * and the group is worked out anew.
 */
export interface Appender {
  append(partition: number, records: readonly LogRecord[]): Promise<number>
  /** Refuses new appends and resolves with true when those under way are settled, with false when a write hangs. */
  close(): Promise<boolean>
}

export interface AppenderOptions {
  /** Bound of the bytes kept over all partitions. */
  readonly maxBytes: number
  /** Removes records that every group has passed, down to `keepBytes` if it can; gives the bytes removed. */
  readonly makeRoom: (keepBytes: number) => Promise<number>
  /** Given up when the disk is full, so that there is room to remove records. */
  readonly reserve: DiskReserve
  /** Called after each durable append. */
  readonly onAppended: () => void
  /** After this long an unsettled transaction is reported as unknown and new appends are refused. */
  readonly commitTimeoutMs: number
}

interface Pending {
  readonly partition: number
  readonly records: readonly PreparedRecord[]
  readonly bytes: number
  readonly resolve: (offset: number) => void
  readonly reject: (error: Error) => void
}

interface Placed {
  readonly pending: Pending
  readonly firstOffset: number
}

/** One transaction takes at most this much, so that other processes get their turn at the write lock. */
const GROUP_MAX_BYTES = 16 * 2 ** 20
const GROUP_MAX_RECORDS = 20_000
/** Above this much waiting in memory the disk is too slow for what comes in. */
const QUEUE_MAX_BYTES = 128 * 2 ** 20
/** ENOSPC, EDQUOT, EFBIG and LMDB's MDB_MAP_FULL. */
const FULL_CODES: readonly number[] = [28, 122, 27, -30792]
/** A disk with less than this free is called full when a write to it failed for no better reason. */
const DISK_FULL_BYTES = 8 * 2 ** 20
/** How much to remove early when the disk is full. */
const DISK_ROOM_BYTES = 16 * 2 ** 20
/** A full disk isn't tried again at once: lmdb prints every failure. */
const DISK_FULL_PAUSE_MS = 1_000

export function createAppender(store: LmdbStore, options: AppenderOptions): Appender {
  const queue: Pending[] = []
  let queuedBytes = 0
  let running: Promise<void> | null = null
  let closed = false
  let diskFullUntil = 0
  const hang = createHangWatch(options.commitTimeoutMs)

  async function run(): Promise<void> {
    // One turn of the event loop, so that all appends of this moment share the first transaction.
    await new Promise((resolve) => setImmediate(resolve))
    while (queue.length > 0) {
      const group = takeGroup(queue)
      await writeGroup(group).catch((error: unknown) => rejectAll(group, asUnavailable(error, store)))
      for (const { bytes } of group) queuedBytes -= bytes
    }
    running = null
  }

  async function writeGroup(group: readonly Pending[]): Promise<void> {
    const groupBytes = group.reduce((sum, { bytes }) => sum + bytes, 0)
    for (;;) {
      const { placed, refused, head, kept, heads } = place(store, group, options.maxBytes)
      if (refused.length > 0 && (await options.makeRoom(Math.max(0, options.maxBytes - groupBytes))) > 0) continue
      const outcome = placed.length === 0 ? 'written' : await writePlaced(placed, head, heads)
      if (outcome === 'overtaken') continue
      if (outcome === 'disk full' && (await tryMakeRoom(kept - Math.max(groupBytes * 4, DISK_ROOM_BYTES)))) continue
      if (outcome === 'disk full') {
        diskFullUntil = performance.now() + DISK_FULL_PAUSE_MS
        rejectAll(group, diskFullError(store))
      }
      rejectAll(refused, fullError(kept, options.maxBytes))
      return
    }
  }

  /** On a full disk even removing needs room, and may fail all the same. */
  async function tryMakeRoom(keepBytes: number): Promise<boolean> {
    try {
      await options.reserve.giveUp()
      return (await options.makeRoom(Math.max(0, keepBytes))) > 0
    } catch {
      return false
    }
  }

  async function writePlaced(placed: readonly Placed[], head: Counters, heads: readonly Counter[]) {
    const waiting = placed.map(({ pending }) => pending)
    try {
      const write = settled(store.gate, () => writeTransaction(store, placed, head, heads))
      // On condition of the head: false when another process moved it first; then nothing was written.
      if (!(await hang.watch(write, () => rejectAll(waiting, hangError(store, options))))) return 'overtaken'
    } catch (error) {
      if (await isDiskFull(error, store)) return 'disk full'
      rejectAll(waiting, asUnavailable(error, store))
      return 'failed'
    }
    for (const { pending, firstOffset } of placed) pending.resolve(firstOffset)
    options.onAppended()
    return 'written'
  }

  function refusal(): Error | null {
    if (closed) return new LogUnavailableError('Append: the log is closed', false)
    if (hang.isHanging()) return new LogUnavailableError('Append: an earlier write still hangs', false)
    if (performance.now() < diskFullUntil) return diskFullError(store)
    if (queuedBytes > QUEUE_MAX_BYTES) return new LogFullError('Append: more comes in than the disk takes', 1)
    return null
  }

  return {
    append: async (partition, records) => {
      const refused = refusal()
      if (refused !== null) throw refused
      const prepared = prepareAll(store, partition, records)
      const bytes = prepared.reduce((sum, { stored }) => sum + stored.length, 0)
      return new Promise((resolve, reject) => {
        queue.push({ partition, records: prepared, bytes, resolve, reject })
        queuedBytes += bytes
        running ??= run()
      })
    },
    close: async () => {
      closed = true
      return hang.settledBeforeHanging(running)
    },
  }
}

function prepareAll(store: LmdbStore, partition: number, records: readonly LogRecord[]): PreparedRecord[] {
  if (!Number.isInteger(partition) || partition < 0 || partition >= store.partitions) {
    throw new RangeError(`Append: partition ${partition}, wanted 0 to ${store.partitions - 1}`)
  }
  if (records.length === 0) throw new RangeError('Append: 0 records, wanted 1 or more')
  return records.map(({ value, arrivedAtMs }) => prepareRecord(value, arrivedAtMs))
}

/** Takes whole appends from the front; at least one, however large. */
function takeGroup(queue: Pending[]): Pending[] {
  let bytes = 0
  let records = 0
  let count = 0
  for (const pending of queue) {
    bytes += pending.bytes
    records += pending.records.length
    if (count > 0 && (bytes > GROUP_MAX_BYTES || records > GROUP_MAX_RECORDS)) break
    count++
  }
  return queue.splice(0, count)
}

/** Gives every append of the group its offsets behind the present head; what would pass the bound is refused. */
function place(store: LmdbStore, group: readonly Pending[], maxBytes: number) {
  freshSnapshot(store)
  const head = readCounters(store, 'head')
  const trim = readCounters(store, 'trim')
  const heads = head.perPartition.map((counter) => ({ ...counter }))
  let room = maxBytes - bytesKept(head, trim)
  const placed: Placed[] = []
  const refused: Pending[] = []
  for (const pending of group) {
    const counter = heads[pending.partition]
    if (counter === undefined || pending.bytes > room || counter.offset + pending.records.length > MAX_OFFSET) {
      refused.push(pending)
      continue
    }
    placed.push({ pending, firstOffset: counter.offset })
    counter.offset += pending.records.length
    counter.bytes += pending.bytes
    room -= pending.bytes
  }
  return { placed, refused, head, kept: bytesKept(head, trim), heads }
}

/** Resolves when the transaction is on disk (overlappingSync is off, so LMDB flushes before it tells). */
function writeTransaction(
  store: LmdbStore,
  placed: readonly Placed[],
  head: Counters,
  heads: readonly Counter[],
): Promise<boolean> {
  return store.state.ifVersion('head', head.version, () => {
    for (const { pending, firstOffset } of placed) {
      const records = recordsOf(store, pending.partition)
      pending.records.forEach((record, index) => {
        const offset = firstOffset + index
        void records.put(offset, sealRecord(record, pending.partition, offset))
      })
    }
    void store.state.put('head', encodeCounters(heads), head.version + 1)
  })
}

function rejectAll(group: readonly Pending[], error: Error): void {
  for (const { reject } of group) reject(error)
}

function fullError(kept: number, maxBytes: number): LogFullError {
  return new LogFullError(
    `Append: the log keeps ${kept} of at most ${maxBytes} bytes that are not read yet; wait for the loader or raise the bound`,
  )
}

function diskFullError(store: LmdbStore): LogFullError {
  return new LogFullError(`Append: the disk of ${store.dataFile} is full; free space on it`)
}

function hangError(store: LmdbStore, { commitTimeoutMs }: AppenderOptions): LogUnavailableError {
  return new LogUnavailableError(
    `Append: ${store.dataFile} took no write for ${commitTimeoutMs} ms; the disk hangs or a stopped process holds the write lock`,
    true,
  )
}

/** LMDB reports a write that was cut short as EIO; on a disk without room that is the same as ENOSPC. */
async function isDiskFull(error: unknown, store: LmdbStore): Promise<boolean> {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (typeof code === 'number' && FULL_CODES.includes(code)) return true
  try {
    const disk = await statfs(dirname(store.dataFile))
    return disk.bavail * disk.bsize < DISK_FULL_BYTES
  } catch {
    return false
  }
}

function asUnavailable(error: unknown, store: LmdbStore): Error {
  if (error instanceof LogUnavailableError || error instanceof LogFullError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new LogUnavailableError(`Append: ${store.dataFile} took no write (${message})`, true, { cause: error })
}
