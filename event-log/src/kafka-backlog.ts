/**
 * A backlog is read in whole batches, also while the thread is busy: a large read asks the broker what is behind its records
 * and goes on up to there, while something comes so often. What the client has heard of the end is no help: it is as old as
 * the last fetch, and the partitions share the room for what is fetched ahead.
 */
import type { Cursor } from './kafka-cursor.ts'

/** A read of so many bytes is one of a backlog. */
export const BACKLOG_FROM_BYTES = 2 ** 18
const GROW_MS = 500
const GROW_MS_MAX = 2_000

export interface Growing {
  readonly cursor: Cursor
  /** The read could hold more and is not over. */
  readonly wanted: () => boolean
  /** End of the partition, as its broker says. */
  readonly askEnd: (timeoutMs: number) => Promise<number>
  /** Takes in what the client has, and waits for more. */
  readonly more: (timeoutMs: number) => Promise<void>
}

/** Resolves when what the broker has now is there, the read is full, or nothing more comes. */
export async function growBacklog({ cursor, wanted, askEnd, more }: Growing): Promise<void> {
  if (!wanted()) return
  const lastMs = performance.now() + GROW_MS_MAX
  // When the broker does not answer soon, what is there is enough.
  const target = await askEnd(GROW_MS).catch(() => 0)
  let { end } = cursor
  let untilMs = performance.now() + GROW_MS
  while (cursor.end < target && wanted()) {
    const leftMs = Math.min(untilMs, lastMs) - performance.now()
    if (leftMs <= 0) return
    await more(leftMs)
    if (cursor.end === end) continue
    end = cursor.end
    untilMs = performance.now() + GROW_MS
  }
}
