/**
 * The partitions this member owns and their loops. A partition is assigned (known, so that the global watermark waits
 * for it), begun once the membership is there, and released: told to stop, waited for, then abandoned.
 */
import { join } from 'node:path'
import type { Membership } from '@ecomind/event-log'
import { USAGE_TOPIC } from '@ecomind/schemas'
import { type ColumnsPool, createColumnsPool } from './batch-columns.ts'
import type { DedupeIndex } from './dedupe-index.ts'
import type { FaultPoint } from './fault-points.ts'
import { nativeEncoders } from './insert-batch.ts'
import type { LoadingGate } from './loading-gate.ts'
import type { LoaderMetrics } from './metrics.ts'
import { createPartitionState, type PartitionState, stopFor } from './partition-state.ts'
import { createPreparingTurns, type PreparingTurns } from './preparing-turns.ts'
import { LoaderStoppedError, untilAccepted } from './retry.ts'
import type { RollupDoubts } from './rollup-doubts.ts'
import { runPartition } from './run-partition.ts'
import { openSegmentIndex } from './segment-index/open-segment-index.ts'
import type { LoaderDeps } from './start-loader.ts'
import type { Watermark } from './watermark.ts'

export interface PartitionSetDeps extends LoaderDeps {
  readonly metrics: LoaderMetrics
  readonly gate: LoadingGate
  readonly doubts: RollupDoubts
  readonly watermark: Watermark
  readonly clock: () => number
  readonly faultPoint: FaultPoint
}

export interface PartitionSet {
  readonly states: ReadonlyMap<number, PartitionState>
  /** All partitions owned from now on; loops of those already there go on. */
  assign(partitions: readonly number[]): void
  /** Starts the loops, those of partitions assigned before as well. Called once. */
  begin(membership: Membership): void
  /** Resolves when their loops have ended, or at the bound of the settings; what was under way is redone at the next start. */
  release(partitions: readonly number[]): Promise<void>
  /** The same for partitions that go to another job: what was under way is redone, and its rollups compared, by that one. */
  handOver(partitions: readonly number[]): Promise<void>
}

interface Running {
  readonly stopping: AbortController
  readonly abandon: AbortController
  ended: Promise<unknown>
  /** Another job owns it from now on: a batch that is open here is no reason any more to leave rollups alone. */
  handedOver: boolean
}

export function createPartitionSet(deps: PartitionSetDeps): PartitionSet {
  const states = new Map<number, PartitionState>()
  const running = new Map<number, Running>()
  const shared = { columns: createColumnsPool(), inTurn: createPreparingTurns() }
  let membership: Membership | null = null

  const start = (partition: number): void => {
    const state = states.get(partition)
    if (membership === null || state === undefined || running.has(partition)) return
    const own: Running = {
      stopping: new AbortController(),
      abandon: new AbortController(),
      ended: Promise.resolve(),
      handedOver: false,
    }
    running.set(partition, own)
    /** Unless the partition came back meanwhile: then it is held by the loop after this one. */
    const leave = (): void => {
      if ((running.get(partition) ?? own) === own) leaveGate(deps, { partition, state, handedOver: own.handedOver })
    }
    own.ended = runOwned(deps, membership, { partition, state, leave, ...shared, ...own }).catch((error: unknown) => {
      stopFor(error instanceof Error ? error.message : String(error), state)
      deps.logger.error({ partition, err: error }, 'loader: a partition could not be started')
    })
  }

  const end = async (partitions: readonly number[], handedOver: boolean): Promise<void> => {
    const loops = partitions.map((partition) => running.get(partition))
    for (const loop of loops) if (loop !== undefined) loop.handedOver = handedOver
    const ended = await Promise.all(loops.map((loop) => endLoop(loop, deps.settings.stopWithinMs)))
    for (const [i, partition] of partitions.entries()) {
      const state = states.get(partition)
      // A loop that goes on over its time may still have an insert under way: it leaves the gate at its own end.
      if (state !== undefined && (ended[i] === true || !handedOver)) leaveGate(deps, { partition, state, handedOver })
      running.delete(partition)
      states.delete(partition)
      deps.watermark.revoke(partition)
      deps.doubts.drop(partition)
    }
  }

  return {
    states,
    assign(partitions) {
      for (const partition of partitions) {
        if (states.has(partition)) continue
        states.set(partition, createPartitionState())
        deps.watermark.assign(partition, null, null)
        deps.gate.claim(partition)
        start(partition)
      }
    },
    begin(joined) {
      membership = joined
      for (const partition of states.keys()) start(partition)
    },
    release: (partitions) => end(partitions, false),
    handOver: (partitions) => end(partitions, true),
  }
}

/** True when it has ended within its time. */
async function endLoop(loop: Running | undefined, withinMs: number): Promise<boolean> {
  if (loop === undefined) return true
  loop.stopping.abort()
  const timer = { handle: undefined as NodeJS.Timeout | undefined }
  const late = new Promise<boolean>((resolve) => {
    timer.handle = setTimeout(() => resolve(false), withinMs)
  })
  const ended = await Promise.race([loop.ended.then(() => true), late])
  clearTimeout(timer.handle)
  loop.abandon.abort()
  return ended
}

interface OwnedPartition {
  readonly partition: number
  readonly state: PartitionState
  readonly columns: ColumnsPool
  readonly inTurn: PreparingTurns
  readonly stopping: AbortController
  readonly abandon: AbortController
  /** The loop has ended: the gate hears of it. */
  readonly leave: () => void
}

async function runOwned(deps: PartitionSetDeps, membership: Membership, own: OwnedPartition): Promise<void> {
  const { partition, state, columns, inTurn, stopping, abandon } = own
  const { settings, topic = USAGE_TOPIC, encoders = nativeEncoders } = deps
  const rules = {
    firstMs: settings.retryFirstMs,
    mostMs: settings.retryMostMs,
    signal: abandon.signal,
    onRefused: (error: unknown, attempt: number) => noteRefusal(deps, own, error, attempt),
    onAccepted: () => noteAccepted(deps, own),
  }
  const index = await openOwned(
    () => untilAccepted(() => (deps.openIndex ?? indexIn(deps))(partition), rules),
    deps,
    own,
  )
  if (index === null) return own.leave()
  try {
    await runPartition({
      ...deps,
      topic,
      schemas: deps.schemas ?? null,
      encoders,
      columns,
      inTurn,
      membership,
      index,
      partition,
      state,
      stopping: stopping.signal,
      untilAccepted: (action) => untilAccepted(action, rules),
    })
  } finally {
    own.leave()
    await index.close()
  }
}

/**
 * Null: told to stop before a full disk took it. An index that can't be opened leaves the gate closed for work on rollups,
 * because nobody has looked for an open batch, but not for the other partitions.
 */
async function openOwned(
  open: () => Promise<DedupeIndex>,
  { gate }: PartitionSetDeps,
  { partition }: OwnedPartition,
): Promise<DedupeIndex | null> {
  try {
    return await open()
  } catch (error) {
    if (error instanceof LoaderStoppedError) return null
    gate.leaveOpen(partition)
    throw error
  }
}

interface LeftPartition {
  readonly partition: number
  readonly state: PartitionState
  readonly handedOver: boolean
}

/**
 * A batch left open is redone by whoever starts next, under its token: no rollup may be rebuilt before. When that is
 * another job, this one can't know when it is done; that job compares the rollups behind its redo.
 */
function leaveGate({ gate }: PartitionSetDeps, { partition, state, handedOver }: LeftPartition): void {
  if (state.openIntent && !handedOver) gate.leaveOpen(partition)
  else gate.release(partition)
}

function indexIn(deps: LoaderDeps): (partition: number) => Promise<DedupeIndex> {
  return (partition) => openSegmentIndex(join(deps.dedupeDir, `partition-${partition}`), deps.logger)
}

function noteRefusal(deps: PartitionSetDeps, own: OwnedPartition, error: unknown, attempt: number): void {
  const { partition, state } = own
  state.refused = error instanceof Error ? error.message : String(error)
  deps.metrics.refusals.inc({ partition: String(partition) })
  // The first, the second, the fourth, ...: an outage of hours must not fill the log.
  if ((attempt & (attempt - 1)) !== 0) return
  deps.logger.warn({ partition, attempt, err: error }, 'loader: refused for now, asked again')
}

function noteAccepted(deps: PartitionSetDeps, { partition, state }: OwnedPartition): void {
  state.refused = null
  deps.logger.info({ partition }, 'loader: accepted again')
}
