import { afterEach } from 'vitest'
import type {
  EventLog,
  LogRecord,
  Membership,
  MembershipListener,
  PartitionStats,
  ReadOptions,
  StoredRecord,
} from './event-log.ts'

export interface LogAbilities {
  readonly membersPerGroup: 'one' | 'many'
  /** The bytes kept are bounded and `retentionMs` is obeyed by `trim`. */
  readonly trims: boolean
  /** One bit of a stored record can be flipped. */
  readonly damages: boolean
  /** How often the property test runs; default 25. Fewer where opening and joining take their time. */
  readonly propertyRuns?: number
}

export interface PlaceOptions {
  readonly partitions: number
  readonly maxBytes?: number
  readonly retentionMs?: number
  readonly clock?: () => number
}

/** Storage of one log, used by nobody else. */
export interface LogPlace {
  /** Opens the log; again after a close, or beside another one if the technology can. */
  open(): Promise<EventLog>
  trim(log: EventLog): Promise<void>
  /** The log is closed. */
  damage(partition: number, offset: number): Promise<void>
  remove(): Promise<void>
}

export const patient: ReadOptions = { maxRecords: 1_000, maxBytes: 1e9, waitMs: 20_000 }
export const atOnce: ReadOptions = { ...patient, waitMs: 0 }
export const ignore: MembershipListener = { onAssigned: () => undefined, onRevoked: async () => undefined }

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function record(text: string, arrivedAtMs = 1_700_000_000_000) {
  return { value: bytes(text), arrivedAtMs }
}

export function textOf(stored: StoredRecord): string {
  return new TextDecoder().decode(stored.value)
}

/** Where the records went, also when the log was not told; nobody else may append to the partition meanwhile. */
export async function appendAt(log: EventLog, partition: number, records: readonly LogRecord[]): Promise<number> {
  const told = await log.append(partition, records)
  return told ?? (await statsOf(log, partition)).nextOffset - records.length
}

export async function firstOffset(log: EventLog, partition: number): Promise<number> {
  return (await statsOf(log, partition)).firstOffset
}

async function statsOf(log: EventLog, partition: number): Promise<PartitionStats> {
  const stats = (await log.stats()).find((one) => one.partition === partition)
  if (stats === undefined) throw new Error(`no statistics of partition ${partition}`)
  return stats
}

export async function readCount(
  member: Membership,
  partition: number,
  from: number,
  count: number,
): Promise<StoredRecord[]> {
  const all: StoredRecord[] = []
  let next = from
  while (all.length < count) {
    const some = await member.read(partition, next, patient)
    if (some.length === 0) throw new Error(`read ${all.length} of ${count} records, then none came`)
    all.push(...some)
    next = (all.at(-1)?.offset ?? next) + 1
  }
  return all
}

/** Places and openings of one suite; all are closed and removed after each test. */
export interface ContractTools {
  place(options?: Partial<PlaceOptions>): Promise<LogPlace>
  open(from?: LogPlace): Promise<EventLog>
}

export function contractTools(createPlace: (options: PlaceOptions) => Promise<LogPlace>): ContractTools {
  const logs = new Set<EventLog>()
  const places = new Set<LogPlace>()

  afterEach(async () => {
    for (const log of logs) await log.close()
    for (const place of places) await place.remove()
    logs.clear()
    places.clear()
  })

  const place: ContractTools['place'] = async (options = {}) => {
    const created = await createPlace({ partitions: 2, ...options })
    places.add(created)
    return created
  }
  const open: ContractTools['open'] = async (from) => {
    const log = await (from ?? (await place())).open()
    logs.add(log)
    return log
  }
  return { place, open }
}
