/**
 * The rows of one batch, from its records to what is inserted. The same for a first try and a redo: nothing here
 * depends on the clock, the machine or anything behind the batch's first position but what the intent wrote down.
 */
import { setImmediate as breathe } from 'node:timers/promises'
import { arrivalDay } from './arrival-day.ts'
import type { DecodedRecords } from './decode-records.ts'
import type { IndexedCopy } from './dedupe-index.ts'
import { copyOf, dropDuplicates, type SiftedEvents } from './drop-duplicates.ts'
import { createEnricher } from './enrich.ts'
import type { FootprintModel } from './footprint-model.ts'
import type { BatchRows } from './insert-batch.ts'
import { ledgerRows } from './ledger.ts'
import type { PartitionContext } from './partition-context.ts'
import { quarantineRows } from './quarantine-rows.ts'
import { newestGuardedEventMs } from './watermark.ts'

export interface PreparedBatch {
  /** Events and poison records. */
  readonly count: number
  readonly rows: BatchRows
  readonly copies: readonly IndexedCopy[]
  readonly sifted: SiftedEvents
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
  const sifted = dropDuplicates(decoded.events, start, (key) => index.find(key))
  faultPoint('after-dedupe')
  await breathe()

  const enrich = enrichers.get(model) ?? createEnricher(model)
  enrichers.set(model, enrich)
  const at = { ...position, watermarkMs }
  const usage = sifted.firsts.map(({ arrived }) => enrich(arrived, at))
  const quarantine = quarantineRows(sifted.conflicts, decoded.poison, position)
  const ledger = ledgerRows(sifted, decoded.poison, position)
  faultPoint('after-enrich')
  await breathe()

  return {
    count: decoded.events.length + decoded.poison.length,
    rows: { usage, quarantine, ledger },
    copies: sifted.firsts.map(({ key, arrived }) => ({
      key,
      copy: copyOf(arrived, arrivalDay(arrived.arrivedAtMs), generation),
    })),
    sifted,
    decoded,
    newestEventMs: newestGuardedEventMs(decoded.events, settings.watermark.futureGuardMs),
  }
}
