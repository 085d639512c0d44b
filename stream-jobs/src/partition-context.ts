/** What every step of one partition's loader is given. Built in start-loader.ts, the only place that builds things. */
import type { ClickHouse } from '@ecomind/clickhouse'
import type { EventLog, Membership } from '@ecomind/event-log'
import type { Logger } from 'pino'
import type { ColumnsPool } from './batch-columns.ts'
import type { BatchLimits } from './cut-batch.ts'
import type { DedupeIndex } from './dedupe-index.ts'
import type { FaultPoint } from './fault-points.ts'
import type { FootprintModels } from './footprint-model.ts'
import type { BlockEncoders } from './insert-batch.ts'
import type { LoadingGate } from './loading-gate.ts'
import type { LoaderMetrics } from './metrics.ts'
import type { PartitionState } from './partition-state.ts'
import type { PreparingTurns } from './preparing-turns.ts'
import type { RollupDoubts } from './rollup-doubts.ts'
import type { SchemaSource } from './schema-source.ts'
import type { Watermark, WatermarkRules } from './watermark.ts'

export interface LoaderSettings {
  readonly batch: BatchLimits
  /** Pause behind an insert before the next batch is read, in milliseconds; none behind a full batch. */
  readonly insertPauseMs: number
  /** How long one read waits for a first record, in milliseconds. */
  readonly pollMs: number
  readonly retentionDays: number
  readonly watermark: WatermarkRules
  readonly publishEveryMs: number
  readonly retryFirstMs: number
  readonly retryMostMs: number
  /** How long `stop` waits for the batches under way, in milliseconds. */
  readonly stopWithinMs: number
  /** A token older than this may have left ClickHouse's deduplication window, in milliseconds. */
  readonly tokenTrustMs: number
  /** Shortest pause between two comparisons of rollups after repeated inserts, in milliseconds. */
  readonly compareAfterMs: number
}

export interface PartitionContext {
  readonly topic: string
  readonly partition: number
  readonly log: EventLog
  readonly membership: Membership
  readonly clickhouse: Pick<ClickHouse, 'query' | 'command' | 'insertNative'>
  /** Days whose rollups are to be compared once no batch is open. */
  readonly doubts: RollupDoubts
  /** Held while a batch is open. */
  readonly gate: LoadingGate
  readonly encoders: BlockEncoders
  readonly columns: ColumnsPool
  /** Shared by the partitions of this process. */
  readonly inTurn: PreparingTurns
  readonly models: FootprintModels
  /** Null: ids of the schemas folder. */
  readonly schemas: SchemaSource | null
  readonly index: DedupeIndex
  readonly watermark: Watermark
  readonly settings: LoaderSettings
  readonly state: PartitionState
  readonly metrics: LoaderMetrics
  readonly logger: Logger
  /** Epoch milliseconds. */
  readonly clock: () => number
  readonly faultPoint: FaultPoint
  /** Set when the loader stops: nothing new is begun. */
  readonly stopping: AbortSignal
  /** Repeats what is refused for now, until stopping took too long. @throws LoaderStoppedError */
  readonly untilAccepted: <T>(action: () => Promise<T>) => Promise<T>
}
