/**
 * The loop of one partition: recover, then read and load until told to stop. It ends in one of few ways: stopped,
 * fenced (the partition is another member's), or a fault that needs a person. Refusals never end it.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { FencedError, OffsetOutOfRangeError, type StoredRecord } from '@ecomind/event-log'
import { IndexDamagedError } from './dedupe-index.ts'
import { loadBatch } from './load-batch.ts'
import { LoaderFaultError } from './loader-fault.ts'
import type { PartitionContext } from './partition-context.ts'
import { stopFor } from './partition-state.ts'
import { recoverPartition } from './recover-partition.ts'
import { LoaderStoppedError } from './retry.ts'

export type PartitionEnd = 'stopped' | 'fenced' | 'faulty'

/** Never rejects but for what a test throws at a fault point. */
export async function runPartition(context: PartitionContext): Promise<PartitionEnd> {
  const { state, partition, logger, index } = context
  let damaged = false
  for (;;) {
    try {
      state.phase = 'recovering'
      if (damaged) await context.untilAccepted(() => index.clear())
      damaged = false
      const offset = await recoverPartition(context)
      state.phase = 'loading'
      await readAndLoad(offset, context)
      return 'stopped'
    } catch (error) {
      if (error instanceof LoaderStoppedError) return 'stopped'
      if (error instanceof FencedError) {
        logger.warn({ partition, err: error }, 'loader: the partition went to another member')
        return 'fenced'
      }
      if (error instanceof IndexDamagedError) {
        logger.error({ partition, err: error }, 'dedupe index: damaged, rebuilt from ClickHouse')
        damaged = true
        continue
      }
      stopFor(describeFault(error), state)
      logger.error({ partition, err: error }, 'loader: stopped, nothing is skipped; it needs a person')
      return 'faulty'
    }
  }
}

function describeFault(error: unknown): string {
  if (error instanceof OffsetOutOfRangeError) {
    return `${error.message}; records that were never loaded are gone from the log. Restore the log from a backup`
  }
  if (error instanceof LoaderFaultError) return error.message
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

async function readAndLoad(fromOffset: number, context: PartitionContext): Promise<void> {
  const { stopping, settings, watermark, partition, clock, faultPoint, state } = context
  let next = fromOffset
  let waiting: readonly StoredRecord[] = []
  while (!stopping.aborted) {
    waiting = await topUp(waiting, next, context)
    if (waiting.length === 0) {
      state.behind = false
      if (!stopping.aborted) watermark.idle(partition, clock())
      continue
    }
    faultPoint('after-read')
    const loaded = await loadBatch(waiting, context)
    next = loaded.to
    state.behind = loaded.full
    waiting = waiting.slice(loaded.records)
    if (!loaded.full) {
      await pause(settings.insertPauseMs, undefined, { signal: stopping }).catch(() => undefined)
    }
  }
}

/** What waits, with as much behind it as a batch may hold; waits for a first record when there is none. */
async function topUp(
  waiting: readonly StoredRecord[],
  next: number,
  context: PartitionContext,
): Promise<readonly StoredRecord[]> {
  const { settings, stopping, membership, partition } = context
  const maxRecords = settings.batch.eventsMax - waiting.length
  const maxBytes = settings.batch.bytesMax - waiting.reduce((sum, record) => sum + record.value.length, 0)
  const last = waiting.at(-1)
  if (last === undefined) {
    const options = { maxRecords, maxBytes, waitMs: settings.pollMs, signal: stopping }
    return await context.untilAccepted(() => membership.read(partition, next, options))
  }
  if (maxRecords <= 0 || maxBytes <= 0) return waiting
  const options = { maxRecords, maxBytes, waitMs: 0, signal: stopping }
  const more = () => membership.read(partition, last.offset + 1, options)
  return waiting.concat(await context.untilAccepted(more).catch(nothingKept))
}

/** What waits is loaded first, and may be nowhere else any more; the read behind it stops the partition. */
function nothingKept(error: unknown): readonly StoredRecord[] {
  if (error instanceof OffsetOutOfRangeError) return []
  throw error
}
