import { randomInt } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Database, open, type RootDatabase } from 'lmdb'
import { checkDataFile } from './data-file-check.ts'
import { createDiskReserve } from './disk-reserve.ts'
import { type CommittedOffset, LogUnavailableError } from './event-log.ts'
import { joinOpenGate, type OpenGate } from './open-gate.ts'

/**
 * What the embedded log keeps in its LMDB environment, and the only place that knows how:
 * - `records-<partition>`: offset (6 bytes, big-endian) -> record (record-codec.ts). A tree for each partition, so that
 *   new records always go to a tree's end and fill its pages (measured: 28 % less disk for small records).
 * - `state`: 'log' (format, partitions, generation), 'head' (per partition: next offset, bytes ever appended) and
 *   'trim' (per partition: first offset, bytes ever removed). Bytes kept are the difference. Head and trim carry a
 *   version; whoever changes one does it on condition of the version it read, so processes never overwrite each other.
 * - `commits`: 'group/partition' -> committed offset and note
 */
export interface LmdbStore {
  readonly dataFile: string
  readonly partitions: number
  readonly generation: number
  /** By partition. */
  readonly records: readonly RecordTree[]
  readonly state: Database<Buffer, string>
  readonly commits: Database<unknown, string>
  readonly root: RootDatabase<Buffer, string>
  /** Every write goes through it. */
  readonly gate: OpenGate
}

/** One of the two counters of a partition: where it begins or ends, and the bytes that went in or out. */
export interface Counter {
  readonly offset: number
  readonly bytes: number
}

export interface Counters {
  readonly version: number
  readonly perPartition: readonly Counter[]
}

export interface LogIdentity {
  readonly partitions: number
  readonly generation: number
}

const FORMAT = 1
const MAX_PARTITIONS = 256
/** Longer than a process of another container counts as alive without a sign of life. */
const OPEN_WAIT_MS = 45_000
const KEY_BYTES = 6
export const MAX_OFFSET = 2 ** 48 - 1
/** Virtual addresses only. Generous, so that the map is hardly ever moved while readers use it; LMDB grows it if need be. */
const MAP_BYTES = 64 * 2 ** 30

/** @throws LogUnavailableError when the folder holds no usable log, or one with another number of partitions */
export async function openStore(dir: string, partitions: number): Promise<LmdbStore> {
  checkPartitions(partitions)
  await mkdir(dir, { recursive: true })
  const dataFile = join(dir, 'data.mdb')
  await checkDataFile(dataFile)
  try {
    return await openGuarded(dir, dataFile, partitions).catch(async (error: unknown) => {
      // The few bytes that opening needs on a full disk are taken from what was put by.
      if (!isDiskFull(error) || !(await createDiskReserve(dir).giveUp())) throw error
      return await openGuarded(dir, dataFile, partitions)
    })
  } catch (error) {
    if (error instanceof LogUnavailableError) throw error
    const message = error instanceof Error ? error.message : String(error)
    throw new LogUnavailableError(
      `Open log: ${dataFile} can't be used (${message}); check the folder's rights and disk, or move the folder ${dir} aside to start an empty log`,
      false,
      { cause: error },
    )
  }
}

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
}

async function openGuarded(dir: string, dataFile: string, partitions: number): Promise<LmdbStore> {
  const gate = await joinOpenGate(dir, OPEN_WAIT_MS)
  try {
    return await gate.open(async () => ({ ...(await openEnvironment(dir, partitions)), dataFile, gate }))
  } catch (error) {
    await gate.close()
    throw error
  }
}

async function openEnvironment(dir: string, partitions: number): Promise<Omit<LmdbStore, 'dataFile' | 'gate'>> {
  const root = open<Buffer, string>({
    path: dir,
    noSubdir: false,
    encoding: 'binary',
    maxDbs: MAX_PARTITIONS + 2,
    mapSize: MAP_BYTES,
    // A commit must be on disk before it is visible: a reader that passed a record which a power cut then took away
    // would meet another record at the same offset. Measured here it is no slower (docs/decisions).
    overlappingSync: false,
    // Its batches hold a promise of lmdb's own that nobody handles: on a full disk it would end the process.
    eventTurnBatching: false,
  })
  try {
    const state = root.openDB<Buffer, string>('state', { encoding: 'binary', useVersions: true })
    const commits = root.openDB<unknown, string>('commits', { encoding: 'json' })
    const identity = readOrCreateIdentity(root, state, partitions)
    if (identity.partitions !== partitions) throw wrongPartitions(dir, identity.partitions, partitions)
    return { ...identity, records: openRecords(root, partitions), state, commits, root }
  } catch (error) {
    await root.close()
    throw error
  }
}

function checkPartitions(partitions: number): void {
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > MAX_PARTITIONS) {
    throw new RangeError(`Open log: ${partitions} partitions, wanted 1 to ${MAX_PARTITIONS}`)
  }
}

export type RecordTree = Database<Buffer, number>

/** Keys are offsets; encoded without a Buffer each, which costs more than the rest of reading a small record. */
const offsetKeys = {
  writeKey: (offset: number, target: Uint8Array, start: number): number => {
    let rest = offset
    for (let at = start + KEY_BYTES - 1; at >= start; at--) {
      target[at] = rest % 256
      rest = Math.floor(rest / 256)
    }
    return start + KEY_BYTES
  },
  readKey: (source: Uint8Array, start: number, end: number): number => {
    let offset = 0
    for (let at = start; at < end; at++) offset = offset * 256 + (source[at] ?? 0)
    return offset
  },
}

function openRecords(root: RootDatabase<Buffer, string>, partitions: number): RecordTree[] {
  return Array.from({ length: partitions }, (_, partition) => {
    // A named object, because lmdb's types leave the key encoder out of what openDB takes.
    const options = { name: `records-${partition}`, encoding: 'binary' as const, keyEncoder: offsetKeys }
    return root.openDB<Buffer, number>(options)
  })
}

function wrongPartitions(dir: string, found: number, wanted: number): LogUnavailableError {
  return new LogUnavailableError(
    `Open log: ${dir} has ${found} partitions, wanted ${wanted}; the number is fixed when a log is created, set it back to ${found}`,
    false,
  )
}

/** In one write transaction, so that of two processes that create the log at once one wins and the other reads. */
function readOrCreateIdentity(
  root: RootDatabase<Buffer, string>,
  state: Database<Buffer, string>,
  partitions: number,
): LogIdentity {
  return root.transactionSync(() => {
    const stored = state.get('log')
    if (stored !== undefined) return parseIdentity(stored)
    const generation = randomInt(1, 2 ** 32)
    const identity = { format: FORMAT, partitions, generation, createdAt: new Date().toISOString() }
    const empty = Array.from({ length: partitions }, () => ({ offset: 0, bytes: 0 }))
    state.putSync('head', encodeCounters(empty), 1)
    state.putSync('trim', encodeCounters(empty), 1)
    state.putSync('log', Buffer.from(JSON.stringify(identity)), 1)
    return { partitions, generation }
  })
}

function parseIdentity(stored: Buffer): LogIdentity {
  const value: unknown = JSON.parse(stored.toString('utf8'))
  if (typeof value !== 'object' || value === null) throw new Error('its description is damaged')
  const { format, partitions, generation } = value as Record<'format' | 'partitions' | 'generation', unknown>
  if (format !== FORMAT) throw new Error(`its format is ${String(format)}, wanted ${FORMAT}`)
  if (typeof partitions !== 'number' || typeof generation !== 'number') throw new Error('its description is damaged')
  return { partitions, generation }
}

/** 16 bytes a partition: offset and bytes as doubles, whole numbers below 2^53. */
export function encodeCounters(perPartition: readonly Counter[]): Buffer {
  const bytes = Buffer.alloc(perPartition.length * 16)
  perPartition.forEach((counter, partition) => {
    bytes.writeDoubleLE(counter.offset, partition * 16)
    bytes.writeDoubleLE(counter.bytes, partition * 16 + 8)
  })
  return bytes
}

/** As of the snapshot of this turn; call `freshSnapshot` before. */
export function readCounters(store: LmdbStore, name: 'head' | 'trim'): Counters {
  const entry = store.state.getEntry(name)
  if (entry === undefined || entry.version === undefined || entry.value.length !== store.partitions * 16) {
    throw new LogUnavailableError(`Read log: '${name}' in ${store.dataFile} is damaged; restore the folder`, false)
  }
  const { value, version } = entry
  const perPartition = Array.from({ length: store.partitions }, (_, partition) => ({
    offset: value.readDoubleLE(partition * 16),
    bytes: value.readDoubleLE(partition * 16 + 8),
  }))
  return { version, perPartition }
}

export function counterOf(counters: Counters, partition: number): Counter {
  const counter = counters.perPartition[partition]
  if (counter === undefined) {
    throw new RangeError(`Use partition: ${partition}, wanted 0 to ${counters.perPartition.length - 1}`)
  }
  return counter
}

export function bytesKept(head: Counters, trim: Counters): number {
  return head.perPartition.reduce((sum, { bytes }, partition) => sum + bytes - counterOf(trim, partition).bytes, 0)
}

/** Lets what is read next see the newest commit, and gives the old snapshot's pages back for reuse. */
export function freshSnapshot(store: LmdbStore): void {
  store.root.resetReadTxn()
}

export function recordsOf(store: LmdbStore, partition: number): RecordTree {
  const records = store.records[partition]
  if (records === undefined) throw new RangeError(`Use partition: ${partition}, wanted 0 to ${store.partitions - 1}`)
  return records
}

export function commitKey(group: string, partition: number): string {
  return `${group}/${partition}`
}

export function parseCommit(value: unknown, key: string): CommittedOffset {
  if (typeof value === 'object' && value !== null && 'offset' in value && 'note' in value) {
    const { offset, note } = value
    if (typeof offset === 'number' && typeof note === 'string') return { offset, note }
  }
  throw new LogUnavailableError(`Read commit: ${key} is damaged; restore the log's folder`, false)
}
