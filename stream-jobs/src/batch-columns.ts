/**
 * The memory of one batch: its events, what enrichment adds, the block that goes to ClickHouse. Used again for the next
 * batch, of whichever partition, so that loading makes next to nothing for the garbage collector.
 */
import { BlockBuffer, type UsageColumns } from '@ecomind/clickhouse'
import { ColumnEnricher } from './enrich-columns.ts'
import { EnrichedColumns } from './enriched-columns.ts'
import { EventColumns } from './event-columns.ts'
import type { FootprintModel } from './footprint-model.ts'
import { MinuteSums } from './minute-sums.ts'

/** What the rows of a batch add up to; made of the same columns. */
export interface MinuteSelection {
  readonly usage: UsageSelection
  readonly minutes: MinuteSums
  readonly buffer: BlockBuffer
}

/** Rows for usage_events: row numbers of the batch's columns. */
export interface UsageSelection {
  readonly events: EventColumns
  readonly columns: UsageColumns
  readonly rows: Uint32Array
  /** Where the block is made; every block takes the place of the one before. */
  readonly buffer: BlockBuffer
}

export class BatchColumns {
  readonly events = new EventColumns()
  readonly added = new EnrichedColumns()
  readonly minutes = new MinuteSums()
  readonly buffer = new BlockBuffer()
  readonly minuteBuffer = new BlockBuffer()
  #enricher: ColumnEnricher | null = null

  /** Remembers how calls were resolved, as long as model and names stay. */
  enricherFor(model: FootprintModel): ColumnEnricher {
    const known = this.#enricher
    if (known?.fits(model, this.events.names)) return known
    this.#enricher = new ColumnEnricher(model, this.events.names)
    return this.#enricher
  }
}

export interface ColumnsPool {
  take(): BatchColumns
  /**
   * Only when nobody can read them any more: after a batch that failed, an insert that was given up may still be
   * reading its block, so its columns are left to the garbage collector.
   */
  giveBack(columns: BatchColumns): void
}

/** More lie idle only after many partitions loaded at once. */
const IDLE_MAX = 4
/** An unusually large batch does not hold its memory for ever. */
const KEPT_BYTES_MAX = 128 * 2 ** 20

export function createColumnsPool(): ColumnsPool {
  const idle: BatchColumns[] = []
  return {
    take() {
      const columns = idle.pop() ?? new BatchColumns()
      columns.events.clear()
      columns.minutes.clear()
      return columns
    },
    giveBack(columns) {
      if (idle.length < IDLE_MAX && columns.events.bytes.length <= KEPT_BYTES_MAX) idle.push(columns)
    },
  }
}
