import { join } from 'node:path'
import { createDiskReserve } from './disk-reserve.ts'
import {
  type EventLog,
  GroupTakenError,
  LogUnavailableError,
  type Membership,
  type MembershipListener,
} from './event-log.ts'
import { createAppender } from './lmdb-append.ts'
import { createMembership } from './lmdb-membership.ts'
import { readStats } from './lmdb-read.ts'
import { openStore } from './lmdb-store.ts'
import { type TrimResult, trimStep } from './lmdb-trim.ts'
import { acquireProcessLock, type ProcessLock, ProcessLockHeldError } from './process-lock.ts'
import { createWakeUp } from './wake-up.ts'

export interface LmdbLogOptions {
  /** Folder on a local disk (LMDB is unsafe on network file systems); created when absent. */
  readonly dir: string
  /** 1 to 256; fixed when the log is created. */
  readonly partitions: number
  /** Bytes of records kept before appends are refused; default 8 GiB. The file is 2 to 35 % larger (page rounding). */
  readonly maxBytes?: number
  /** How long records stay after every group has passed them, in milliseconds since arrival; default 7 days. */
  readonly retentionMs?: number
  /** Pause between two looks for something to trim while a member is joined, in milliseconds; default 1,000. */
  readonly trimEveryMs?: number
  /** Epoch milliseconds; default Date.now. */
  readonly clock?: () => number
  /** A write unsettled for this long is reported as unknown, in milliseconds; default 30,000. */
  readonly commitTimeoutMs?: number
  /** Told about trimming that failed (it is tried again); default: nobody. */
  readonly onTrimError?: (error: unknown) => void
}

export interface LmdbLog extends EventLog {
  /** Removes everything that is due now. Runs by itself while a member is joined. */
  trim(): Promise<TrimResult>
}

export const DEFAULT_MAX_BYTES = 8 * 2 ** 30
export const DEFAULT_RETENTION_MS = 7 * 24 * 3_600_000
/** Records that were passed are removed early from this share of `maxBytes` on, down to the same share. */
const EARLY_TRIM_SHARE = 0.8
const GROUP_NAME = /^[A-Za-z0-9_.-]{1,64}$/

/** @throws LogUnavailableError when the folder can't be used or has another number of partitions */
export async function openLmdbLog(options: LmdbLogOptions): Promise<LmdbLog> {
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES
  const retentionMs = options.retentionMs ?? DEFAULT_RETENTION_MS
  const clock = options.clock ?? Date.now
  const store = await openStore(options.dir, options.partitions)
  const reserve = createDiskReserve(options.dir)
  await reserve.fill()
  const appended = createWakeUp()
  const members = new Set<Membership>()
  let closing: Promise<void> | null = null

  async function trimDownTo(keepBytes: number): Promise<TrimResult> {
    const total = { records: 0, bytes: 0 }
    for (;;) {
      const step = await trimStep(store, { nowMs: clock(), retentionMs, keepBytes })
      total.records += step.records
      total.bytes += step.bytes
      if (step.records === 0 || closing !== null) return total
    }
  }

  const appender = createAppender(store, {
    maxBytes,
    makeRoom: async (keepBytes) => (await trimDownTo(keepBytes)).bytes,
    reserve,
    onAppended: appended.wake,
    commitTimeoutMs: options.commitTimeoutMs ?? 30_000,
  })
  const trim = () => trimDownTo(maxBytes * EARLY_TRIM_SHARE)

  async function join(group: string, listener: MembershipListener): Promise<Membership> {
    refuseWhenClosed(closing !== null)
    const lock = await lockGroup(options.dir, group)
    const stopTrimming = every(options.trimEveryMs ?? 1_000, trimInBackground)
    const membership = createMembership(store, group, appended, async () => {
      await stopTrimming()
      members.delete(membership)
      await lock.release()
    })
    members.add(membership)
    listener.onAssigned({ partitions: Array.from({ length: store.partitions }, (_, partition) => partition) })
    return membership
  }

  async function trimInBackground(): Promise<void> {
    try {
      // A reader that was killed keeps its snapshot's pages from being used again until it is cleared.
      store.root.readerCheck()
      await trim()
      await reserve.fill()
    } catch (error) {
      options.onTrimError?.(error)
    }
  }

  async function shutDown(): Promise<void> {
    const settled = await appender.close()
    for (const member of [...members]) await member.leave()
    // A write that hangs would keep LMDB from closing for ever; the process ends without it.
    if (!settled) return
    await store.root.close()
    await store.gate.close()
  }

  return {
    partitions: store.partitions,
    generation: store.generation,
    append: appender.append,
    join,
    stats: async () => {
      refuseWhenClosed(closing !== null)
      return readStats(store)
    },
    trim,
    close: () => {
      closing ??= shutDown()
      return closing
    },
  }
}

function refuseWhenClosed(closed: boolean): void {
  if (closed) throw new LogUnavailableError('Use log: it is closed', false)
}

async function lockGroup(dir: string, group: string): Promise<ProcessLock> {
  if (!GROUP_NAME.test(group)) throw new RangeError(`Join group: '${group}', wanted ${GROUP_NAME.source}`)
  try {
    return await acquireProcessLock(join(dir, `group-${group}.lock`))
  } catch (error) {
    if (!(error instanceof ProcessLockHeldError)) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new LogUnavailableError(`Join group ${group}: its lock in ${dir} can't be written (${reason})`, false, {
        cause: error,
      })
    }
    throw new GroupTakenError(
      `Join group ${group}: process ${error.pid} is its member (${error.file}); stop that process first`,
      { cause: error },
    )
  }
}

/** Runs the work again and again with a pause in between; the function given back waits for a run under way. */
function every(pauseMs: number, work: () => Promise<void>): () => Promise<void> {
  let timer: NodeJS.Timeout | null = null
  let underWay = Promise.resolve()
  let stopped = false
  const schedule = () => {
    timer = setTimeout(() => {
      underWay = work().then(() => {
        if (!stopped) schedule()
      })
    }, pauseMs)
    timer.unref()
  }
  schedule()
  return async () => {
    stopped = true
    if (timer !== null) clearTimeout(timer)
    await underWay
  }
}
