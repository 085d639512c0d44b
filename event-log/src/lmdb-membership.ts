import { checkCommit } from './commit-rules.ts'
import { FencedError, LogUnavailableError, type Membership, type ReadOptions, type StoredRecord } from './event-log.ts'
import { readNextOffset, readNow } from './lmdb-read.ts'
import { commitKey, freshSnapshot, type LmdbStore, parseCommit } from './lmdb-store.ts'
import { settled } from './lmdb-write.ts'
import type { WakeUp } from './wake-up.ts'

/** Records of another process announce themselves only by the head's moving: looked at this often, slower when idle. */
const POLL_FIRST_MS = 2
const POLL_SLOWEST_MS = 20

/** The only member of its group: it owns every partition until it leaves. */
export function createMembership(
  store: LmdbStore,
  group: string,
  appended: WakeUp,
  onLeave: () => Promise<void>,
): Membership {
  let leaving: Promise<void> | null = null
  const underWay = new Set<Promise<unknown>>()

  function checkPresent(partition: number): void {
    if (leaving !== null) throw new FencedError(`Use group ${group}: this member has left`)
    if (!Number.isInteger(partition) || partition < 0 || partition >= store.partitions) {
      throw new RangeError(`Use group ${group}: partition ${partition}, wanted 0 to ${store.partitions - 1}`)
    }
  }

  async function waitFor(partition: number, fromOffset: number, options: ReadOptions): Promise<void> {
    const deadline = performance.now() + options.waitMs
    const over = () => leaving !== null || options.signal?.aborted === true
    for (let pollMs = POLL_FIRST_MS; !over(); pollMs = Math.min(pollMs * 1.5, POLL_SLOWEST_MS)) {
      if (readNextOffset(store, partition) > fromOffset) return
      const leftMs = deadline - performance.now()
      if (leftMs <= 0) return
      await appended.sleep(Math.min(pollMs, leftMs), options.signal)
    }
  }

  async function read(partition: number, fromOffset: number, options: ReadOptions): Promise<readonly StoredRecord[]> {
    checkPresent(partition)
    const records = readNow(store, partition, fromOffset, options)
    if (records.length > 0 || options.waitMs <= 0) return records
    await waitFor(partition, fromOffset, options)
    return leaving === null ? readNow(store, partition, fromOffset, options) : []
  }

  async function commit(partition: number, offset: number, note: string): Promise<void> {
    checkPresent(partition)
    checkCommit(offset, note)
    const write = () => store.commits.put(commitKey(group, partition), { offset, note })
    try {
      await track(settled(store.gate, write))
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      throw new LogUnavailableError(`Commit: ${store.dataFile} took no write (${message})`, true, { cause: error })
    }
  }

  async function track<T>(promise: Promise<T>): Promise<T> {
    underWay.add(promise)
    try {
      return await promise
    } finally {
      underWay.delete(promise)
    }
  }

  async function leave(): Promise<void> {
    appended.wake()
    await Promise.allSettled([...underWay])
    await onLeave()
  }

  return {
    read,
    commit,
    committed: async (partition) => {
      checkPresent(partition)
      freshSnapshot(store)
      const key = commitKey(group, partition)
      const value = store.commits.get(key)
      return value === undefined ? null : parseCommit(value, key)
    },
    leave: () => {
      leaving ??= leave()
      return leaving
    },
  }
}
