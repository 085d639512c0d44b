/** What the loader counts, in Prometheus terms. Every outcome of an event has its counter. */
import type { QuarantineReason } from '@ecomind/schemas'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { PreparedBatch } from './prepare-batch.ts'

const SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

export type LoaderMetrics = ReturnType<typeof createLoaderMetrics>

export function createLoaderMetrics(registry: Registry) {
  const registers = [registry]
  const labelNames = ['partition'] as const
  const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames, registers })
  return {
    stored: new Counter({ name: 'ecomind_loader_events_stored_total', help: 'Events stored', labelNames, registers }),
    duplicates: new Counter({
      name: 'ecomind_loader_events_duplicate_total',
      help: 'Events whose id came before with the same content',
      labelNames,
      registers,
    }),
    quarantined: new Counter({
      name: 'ecomind_loader_quarantined_total',
      help: 'Events and records set aside, by reason',
      labelNames: ['partition', 'reason'] as const,
      registers,
    }),
    refusals: new Counter({
      name: 'ecomind_loader_refusals_total',
      help: 'Times the database or the log refused for now and was asked again',
      labelNames,
      registers,
    }),
    rowsRestored: new Counter({
      name: 'ecomind_loader_rows_restored_total',
      help: 'Rows that the database had accepted, did not hold and was given again',
      labelNames,
      registers,
    }),
    batchSeconds: new Histogram({
      name: 'ecomind_loader_batch_seconds',
      help: 'From decoding to the commit of one batch',
      buckets: SECONDS,
      registers,
    }),
    insertSeconds: new Histogram({
      name: 'ecomind_loader_insert_seconds',
      help: 'All inserts of one batch, refusals included',
      buckets: SECONDS,
      registers,
    }),
    lagRecords: gauge('ecomind_loader_lag_records', 'Log records not yet loaded'),
    lagBytes: gauge('ecomind_loader_lag_bytes', 'Bytes of log records not yet loaded, roughly'),
    logBytes: gauge('ecomind_loader_log_bytes', 'Bytes that the log keeps, loaded ones included, roughly'),
    oldestUnreadSeconds: gauge('ecomind_loader_oldest_unread_seconds', 'Age of the oldest record not yet loaded'),
    openIntents: gauge('ecomind_loader_open_intents', '1 while a batch is between intent and commit'),
    backPressure: gauge('ecomind_loader_back_pressure', '1 while the database or the log refuses'),
    daysToCompare: new Gauge({
      name: 'ecomind_loader_days_to_compare',
      help: 'Days whose rollups are still to be compared with the raw rows after a repeated insert',
      registers,
    }),
    watermarkDelaySeconds: new Gauge({
      name: 'ecomind_loader_watermark_delay_seconds',
      help: 'Wall clock minus the published watermark',
      registers,
    }),
  }
}

export function countBatch(metrics: LoaderMetrics, partition: number, batch: PreparedBatch): void {
  const label = { partition: String(partition) }
  metrics.stored.inc(label, batch.rows.usage.rows.length)
  metrics.duplicates.inc(label, batch.sifted.duplicates.length)
  const conflict: QuarantineReason = 'id_conflict'
  if (batch.sifted.conflicts.length > 0)
    metrics.quarantined.inc({ ...label, reason: conflict }, batch.sifted.conflicts.length)
  for (const { reason } of batch.poison) metrics.quarantined.inc({ ...label, reason })
}
