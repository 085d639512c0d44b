/** Questions about the installation itself, not about any organisation's data. */
import type { ClickHouse } from '@ecomind/clickhouse'

interface Row {
  readonly partitions: string
  readonly watermark_ms: string
}

/** The watermark of the slowest partition, epoch milliseconds; null before the loader wrote one. @throws ClickHouseError */
export async function readWatermark(clickhouse: ClickHouse, group: string): Promise<number | null> {
  const rows = await clickhouse.query<Row>({
    text: [
      'SELECT count() AS partitions, toUnixTimestamp64Milli(min(mark)) AS watermark_ms',
      'FROM (SELECT argMax(watermark, updated_at) AS mark FROM ecomind.watermarks',
      'WHERE `group` = {group:String} GROUP BY `partition`)',
    ].join('\n'),
    params: { group },
  })
  const [row] = rows
  return row === undefined || row.partitions === '0' ? null : Number(row.watermark_ms)
}
