/** The block of records, as loading makes it but for deduplication: the test chooses the rows. */
import { setImmediate as breathe } from 'node:timers/promises'
import { encodeMinuteColumns, encodeUsageColumns, type UsageColumns } from '@ecomind/clickhouse'
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
): Promise<{ readonly block: Uint8Array; readonly minuteBlock: Uint8Array; readonly columns: UsageColumns }> {
  const { events, added, minutes, buffer } = batch
  events.clear()
  await decodeRecords(records, events)
  const rows = Uint32Array.from(Array.from({ length: events.count }, (_, row) => row).filter(isKept))
  added.reserveRows(events.capacity)
  const enricher = batch.enricherFor(model)
  enricher.enrich(events, rows, 0, rows.length, added)
  minutes.clear()
  minutes.add(events, added, rows, 0, rows.length)
  const columns = usageColumnsOf(events, added, enricher.coefficients, context)
  const block = Uint8Array.from(await encodeUsageColumns(columns, rows, buffer, breathe))
  return { block, minuteBlock: encodeMinuteColumns(columns, minutes, buffer), columns }
}
