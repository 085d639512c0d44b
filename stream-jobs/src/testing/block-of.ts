/** The block of records, as loading makes it but for deduplication: the test chooses the rows. */
import { setImmediate as breathe } from 'node:timers/promises'
import { encodeUsageColumns, type UsageColumns } from '@ecomind/clickhouse'
import type { StoredRecord } from '@ecomind/event-log'
import type { BatchColumns } from '../batch-columns.ts'
import { decodeRecords } from '../decode-records.ts'
import type { EnrichContext } from '../enrich.ts'
import { usageColumnsOf } from '../enriched-columns.ts'
import type { FootprintModel } from '../footprint-model.ts'

export async function blockOf(
  batch: BatchColumns,
  records: readonly StoredRecord[],
  model: FootprintModel,
  context: EnrichContext,
  isKept: (row: number) => boolean = () => true,
): Promise<{ readonly block: Uint8Array; readonly columns: UsageColumns }> {
  const { events, added, buffer } = batch
  events.clear()
  await decodeRecords(records, events)
  const rows = Uint32Array.from(Array.from({ length: events.count }, (_, row) => row).filter(isKept))
  added.reserveRows(events.capacity)
  batch.enricherFor(model).enrich(events, rows, 0, rows.length, added)
  const columns = usageColumnsOf(events, added, context)
  return { block: await encodeUsageColumns(columns, rows, buffer, breathe), columns }
}
