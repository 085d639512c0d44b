/** Rows of log records the plain way: avsc, one object an event, one object a row. What columns are compared with. */
import { crc32 } from 'node:zlib'
import type { UsageRow } from '@ecomind/clickhouse'
import type { StoredRecord } from '@ecomind/event-log'
import { decodeBatch } from '@ecomind/schemas/avro'
import { createEnricher, type EnrichContext } from '../enrich.ts'
import type { FootprintModel } from '../footprint-model.ts'

export function plainRows(records: readonly StoredRecord[], model: FootprintModel, context: EnrichContext): UsageRow[] {
  const enrich = createEnricher(model)
  return records.flatMap(({ offset, value }) => {
    const { arrivedAtMs, events } = decodeBatch(value)
    return events.map(({ event, bytes }, index) =>
      enrich({ event, contentHash: crc32(bytes), arrivedAtMs, offset, index }, context),
    )
  })
}
