/**
 * The rows of one batch, from its records to what is inserted. The same for a first try and a redo: nothing here
 * depends on the clock, the machine or anything behind the batch's first position but what the intent wrote down.
 */
import { setImmediate as breathe } from 'node:timers/promises'
import type { BatchColumns } from './batch-columns.ts'
import type { DecodedRecords, PoisonRecord } from './decode-records.ts'
import { dropDuplicates, type Sifted } from './drop-duplicates.ts'
import { usageColumnsOf } from './enriched-columns.ts'
import type { EventColumns } from './event-columns.ts'
import type { FootprintModel } from './footprint-model.ts'
import type { IdKeys } from './id-key.ts'
import { forSlices } from './in-slices.ts'
import type { BatchRows } from './insert-batch.ts'
import { ledgerRows } from './ledger.ts'
import type { PartitionContext } from './partition-context.ts'
import { quarantineRows } from './quarantine-rows.ts'
import { newestGuardedEventMs } from './watermark.ts'

export interface PreparedBatch {
  /** Events and poison records. */
  readonly count: number
  readonly rows: BatchRows
  readonly events: EventColumns
  readonly sifted: Sifted
  readonly poison: readonly PoisonRecord[]
  /** Null when no event may move the watermark. */
  readonly newestEventMs: number | null
}

/**
 * `batch` holds the events of `decoded` and gets what is added to them. Lets other work of this process run between its
 * steps. @throws IndexDamagedError
 */
export async function prepareBatch(
  batch: BatchColumns,
  { poison }: Pick<DecodedRecords, 'poison'>,
  from: number,
  model: FootprintModel,
  watermarkMs: number | null,
  context: Pick<PartitionContext, 'log' | 'partition' | 'index' | 'settings' | 'faultPoint'>,
): Promise<PreparedBatch> {
  const { partition, index, settings, faultPoint } = context
  const { events, added, minutes, buffer, minuteBuffer } = batch
  const generation = context.log.generation
  const position = { generation, partition, from }

  await writeKeys(events, index.keyOf)
  const sifted = dropDuplicates(events, { generation, from, retentionDays: settings.retentionDays }, index)
  faultPoint('after-dedupe')
  await breathe()

  const { firsts: rows } = sifted
  added.reserveRows(events.capacity)
  const enricher = batch.enricherFor(model)
  await forSlices(rows.length, (first, end) => {
    enricher.enrich(events, rows, first, end, added)
    minutes.add(events, added, rows, first, end)
  })
  const columns = usageColumnsOf(events, added, enricher.coefficients, { ...position, watermarkMs })
  const usage = { events, columns, rows, buffer }
  const quarantine = quarantineRows(events, sifted.conflicts, poison, position)
  const ledger = ledgerRows(events, sifted.fates, poison, position)
  faultPoint('after-enrich')
  await breathe()

  return {
    count: events.count + poison.length,
    rows: { usage, minutes: { usage, minutes, buffer: minuteBuffer }, quarantine, ledger },
    events,
    sifted,
    poison,
    newestEventMs: newestGuardedEventMs(events, settings.watermark.futureGuardMs),
  }
}

async function writeKeys(events: EventColumns, keyOf: IdKeys): Promise<void> {
  const { names, orgs, bytes, eventIdStarts, eventIdEnds, keys } = events
  await forSlices(events.count, (from, to) => {
    for (let row = from; row < to; row++) {
      // Every `as number` below reads an index that is inside its array.
      const org = orgs[row] as number
      const orgStart = names.starts[org] as number
      const orgEnd = names.starts[org + 1] as number
      keyOf.write(
        names.bytes,
        orgStart,
        orgEnd,
        bytes,
        eventIdStarts[row] as number,
        eventIdEnds[row] as number,
        keys,
        row,
      )
    }
  })
}
