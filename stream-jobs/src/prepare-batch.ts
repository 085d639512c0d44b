/**
 * The rows of one batch, from its records to what is inserted. The same for a first try and a redo: nothing here
 * depends on the clock, the machine or anything behind the batch's first position but what the intent wrote down.
 */
import { setImmediate as breathe } from 'node:timers/promises'
import type { DecodedRecords } from './decode-records.ts'
import type { IdColumns } from './dedupe-index.ts'
import { dropDuplicates, type Sifted } from './drop-duplicates.ts'
import { createEnricher } from './enrich.ts'
import type { FootprintModel } from './footprint-model.ts'
import { idsOf } from './id-columns.ts'
import type { BatchRows } from './insert-batch.ts'
import { ledgerRows } from './ledger.ts'
import type { PartitionContext } from './partition-context.ts'
import { quarantineRows } from './quarantine-rows.ts'
import { siftedEvents } from './sifted-events.ts'
import { newestGuardedEventMs } from './watermark.ts'

export interface PreparedBatch {
  /** Events and poison records. */
  readonly count: number
  readonly rows: BatchRows
  readonly ids: IdColumns
  readonly sifted: Sifted
  readonly decoded: DecodedRecords
  /** Null when no event may move the watermark. */
  readonly newestEventMs: number | null
}

const enrichers = new WeakMap<FootprintModel, ReturnType<typeof createEnricher>>()

/** Lets other work of this process run between its steps. @throws IndexDamagedError */
export async function prepareBatch(
  decoded: DecodedRecords,
  from: number,
  model: FootprintModel,
  watermarkMs: number | null,
  context: Pick<PartitionContext, 'log' | 'partition' | 'index' | 'settings' | 'faultPoint'>,
): Promise<PreparedBatch> {
  const { partition, index, settings, faultPoint } = context
  const generation = context.log.generation
  const position = { generation, partition, from }

  const start = { generation, from, retentionDays: settings.retentionDays }
  const ids = idsOf(decoded.events, index.keyOf)
  const sifted = dropDuplicates(ids, start, index)
  const events = siftedEvents(decoded.events, sifted)
  faultPoint('after-dedupe')
  await breathe()

  const enrich = enrichers.get(model) ?? createEnricher(model)
  enrichers.set(model, enrich)
  const at = { ...position, watermarkMs }
  const usage = events.firsts.map(({ arrived }) => enrich(arrived, at))
  const quarantine = quarantineRows(events.conflicts, decoded.poison, position)
  const ledger = ledgerRows(events, decoded.poison, position)
  faultPoint('after-enrich')
  await breathe()

  return {
    count: decoded.events.length + decoded.poison.length,
    rows: { usage, quarantine, ledger },
    ids,
    sifted,
    decoded,
    newestEventMs: newestGuardedEventMs(decoded.events, settings.watermark.futureGuardMs),
  }
}
