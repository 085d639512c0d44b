import { storedRange } from './lmdb-read.ts'
import {
  bytesKept,
  counterOf,
  encodeCounters,
  freshSnapshot,
  type LmdbStore,
  parseCommit,
  readCounters,
  recordsOf,
} from './lmdb-store.ts'
import { settled } from './lmdb-write.ts'
import { storedArrival } from './record-codec.ts'

export interface TrimRule {
  readonly nowMs: number
  /** Records that every group has passed are kept this long after their arrival. */
  readonly retentionMs: number
  /** Above this many bytes kept, records that every group has passed go before their time. */
  readonly keepBytes: number
}

export interface TrimResult {
  readonly records: number
  readonly bytes: number
}

/** One step is one transaction; these keep it short, because the appender waits for the same write lock. */
const STEP_MAX_RECORDS = 1_000
const STEP_MAX_BYTES = 4 * 2 ** 20
/** An arrival further ahead of the clock than any clock is wrong. */
const FUTURE_MS = 24 * 3_600_000

/**
 * Removes at most one step's worth of the oldest records that all groups have passed. A record that some group has
 * still to read is never removed, and none at all while no group ever committed. 0 records: nothing to do now.
 */
export async function trimStep(store: LmdbStore, rule: TrimRule): Promise<TrimResult> {
  freshSnapshot(store)
  const head = readCounters(store, 'head')
  const trim = readCounters(store, 'trim')
  const passed = passedOffsets(store)
  let excessBytes = bytesKept(head, trim) - rule.keepBytes
  let left = { records: STEP_MAX_RECORDS, bytes: STEP_MAX_BYTES }
  const removals: { readonly partition: number; readonly offset: number }[] = []
  const trims = trim.perPartition.map((begin, partition) => {
    const limit = Math.min(passed[partition] ?? 0, counterOf(head, partition).offset)
    let { offset, bytes } = begin
    if (limit <= offset || left.records === 0) return begin
    for (const found of storedRange(store, partition, offset, limit, left.records)) {
      const due = excessBytes > 0 || isOver(storedArrival(found.stored), rule)
      if (!due || left.records === 0 || left.bytes <= 0) break
      removals.push({ partition, offset: found.offset })
      offset = found.offset + 1
      bytes += found.stored.length
      excessBytes -= found.stored.length
      left = { records: left.records - 1, bytes: left.bytes - found.stored.length }
    }
    return { offset, bytes }
  })
  if (removals.length === 0) return { records: 0, bytes: 0 }
  const write = () =>
    store.state.ifVersion('trim', trim.version, () => {
      for (const { partition, offset } of removals) void recordsOf(store, partition).remove(offset)
      void store.state.put('trim', encodeCounters(trims), trim.version + 1)
    })
  // Another process trimmed in between: its step counts, look again.
  if (!(await settled(store.gate, write))) return trimStep(store, rule)
  const bytes = trims.reduce((sum, counter, partition) => sum + counter.bytes - counterOf(trim, partition).bytes, 0)
  return { records: removals.length, bytes }
}

/**
 * The checksum isn't looked at: the record was passed, so a damaged arrival time does no harm in the past, and one in the
 * future must not keep all that lies behind it.
 */
function isOver(arrivedAtMs: number | null, { nowMs, retentionMs }: TrimRule): boolean {
  return arrivedAtMs === null || arrivedAtMs + retentionMs <= nowMs || arrivedAtMs > nowMs + FUTURE_MS
}

/** Per partition the offset that every group which ever committed anywhere has passed; 0 where one has not committed. */
function passedOffsets(store: LmdbStore): number[] {
  const groups = new Map<string, Map<number, number>>()
  for (const { key, value } of store.commits.getRange({})) {
    const slash = key.lastIndexOf('/')
    const group = key.slice(0, slash)
    const offsets = groups.get(group) ?? new Map<number, number>()
    offsets.set(Number(key.slice(slash + 1)), parseCommit(value, key).offset)
    groups.set(group, offsets)
  }
  if (groups.size === 0) return []
  return Array.from({ length: store.partitions }, (_, partition) =>
    Math.min(...[...groups.values()].map((offsets) => offsets.get(partition) ?? 0)),
  )
}
