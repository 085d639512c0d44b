/** Appends numbered records without a break and keeps the books: what was acknowledged, what was refused and how. */
import { setTimeout as pause } from 'node:timers/promises'
import { type EventLog, LogUnavailableError, type Membership } from '../event-log.ts'

export interface AppendStream {
  readonly acknowledged: ReadonlySet<number>
  /** Refused, and may be stored all the same. */
  readonly unknown: ReadonlySet<number>
  /** Refused, and surely not stored. */
  readonly refused: ReadonlySet<number>
  /** Resolves when `more` records have been acknowledged from now on. */
  progress(more: number): Promise<void>
  stop(): Promise<void>
}

/** One record at a time to each partition; a refused one is not tried again. Any other error ends it, and `stop` throws it. */
export function startAppending(log: EventLog): AppendStream {
  const [acknowledged, unknown, refused] = [new Set<number>(), new Set<number>(), new Set<number>()]
  let counter = 0
  let stopping = false

  async function appendTo(partition: number): Promise<void> {
    while (!stopping) {
      const id = counter++
      try {
        await log.append(partition, [{ value: Buffer.from(String(id)), arrivedAtMs: Date.now() }])
        acknowledged.add(id)
      } catch (error) {
        if (!(error instanceof LogUnavailableError)) throw error
        ;(error.unknown ? unknown : refused).add(id)
        await pause(20)
      }
    }
  }

  const running = Promise.all(Array.from({ length: log.partitions }, (_, partition) => appendTo(partition)))
  running.catch(() => undefined)
  return {
    acknowledged,
    unknown,
    refused,
    progress: async (more) => {
      const wanted = acknowledged.size + more
      const until = async () => {
        while (acknowledged.size < wanted) await pause(10)
      }
      await Promise.race([until(), running])
    },
    stop: async () => {
      stopping = true
      await running
    },
  }
}

/** How often each number is in the log. */
export async function countStored(log: EventLog, member: Membership): Promise<ReadonlyMap<number, number>> {
  const counts = new Map<number, number>()
  for (const { partition, firstOffset, nextOffset } of await log.stats()) {
    for (let next = firstOffset; next < nextOffset; ) {
      const read = await member.read(partition, next, { maxRecords: 5_000, maxBytes: 1e8, waitMs: 0 })
      if (read.length === 0) break
      for (const { value } of read) {
        const id = Number(Buffer.from(value).toString())
        counts.set(id, (counts.get(id) ?? 0) + 1)
      }
      next = (read.at(-1)?.offset ?? next) + 1
    }
  }
  return counts
}
