/** Now and then: lag and watermark into metrics, the watermark into its table. A failure here stops nothing. */
import type { ClickHouse } from '@ecomind/clickhouse'
import type { EventLog, Membership } from '@ecomind/event-log'
import { LOADER_GROUP } from '@ecomind/schemas'
import type { Logger } from 'pino'
import type { FaultPoint } from './fault-points.ts'
import type { LoaderMetrics } from './metrics.ts'
import type { PartitionState } from './partition-state.ts'
import { publishWatermarks } from './publish-watermark.ts'
import type { RollupDoubts } from './rollup-doubts.ts'
import type { Watermark } from './watermark.ts'

/** What the log holds and ClickHouse not yet. */
export interface UnreadTail {
  readonly records: number
  /** Age of the oldest one by its arrival, in seconds; 0 when there is none. */
  readonly oldestSeconds: number
}

export interface WatchContext {
  readonly log: EventLog
  readonly membership: Membership
  readonly clickhouse: Pick<ClickHouse, 'command'>
  readonly watermark: Watermark
  readonly metrics: LoaderMetrics
  readonly logger: Logger
  readonly clock: () => number
  readonly faultPoint: FaultPoint
  readonly doubts: Pick<RollupDoubts, 'all'>
  readonly states: ReadonlyMap<number, PartitionState>
  /** By partition; written here. */
  readonly unread: Map<number, UnreadTail>
}

export async function watchLag(context: WatchContext): Promise<void> {
  const { log, membership, states, metrics, unread, clock, doubts } = context
  metrics.daysToCompare.set(doubts.all().length)
  for (const { partition, firstOffset, nextOffset, bytes } of await log.stats()) {
    const state = states.get(partition)
    if (state === undefined) continue
    const label = { partition: String(partition) }
    const records = Math.max(0, nextOffset - state.loadedTo)
    metrics.lagRecords.set(label, records)
    metrics.lagBytes.set(label, Math.round((bytes * records) / Math.max(1, nextOffset - firstOffset)))
    metrics.logBytes.set(label, bytes)
    metrics.openIntents.set(label, state.openIntent ? 1 : 0)
    metrics.backPressure.set(label, state.refused === null ? 0 : 1)
    const oldestMs = records === 0 ? null : await arrivalOf(partition, state.loadedTo, membership)
    const oldestSeconds = oldestMs === null ? 0 : Math.max(0, clock() - oldestMs) / 1000
    metrics.oldestUnreadSeconds.set(label, oldestSeconds)
    unread.set(partition, { records, oldestSeconds })
  }
}

async function arrivalOf(partition: number, offset: number, membership: Membership): Promise<number | null> {
  const [record] = await membership.read(partition, offset, { maxRecords: 1, maxBytes: 1, waitMs: 0 })
  return record?.arrivedAtMs ?? null
}

/** Publishes when something moved since `last`; returns what is published now. @throws ClickHouseError */
export async function publishMoved(last: string, context: WatchContext): Promise<string> {
  const { watermark, states, metrics, clock, clickhouse, faultPoint } = context
  const globalMs = watermark.publishable()
  if (globalMs !== null) metrics.watermarkDelaySeconds.set((clock() - globalMs) / 1000)
  if (globalMs === null) return last
  // Every row says the same: a reader takes the smallest, and a partition goes on from its own.
  const marks = watermark.partitions().map((partition) => {
    return { partition, watermarkMs: globalMs, nextOffset: states.get(partition)?.loadedTo ?? 0 }
  })
  const now = JSON.stringify(marks)
  if (now === last) return last
  await publishWatermarks(clickhouse, LOADER_GROUP, marks, clock())
  faultPoint('after-publish-watermark')
  return now
}
