/** Table `watermarks`: one row a partition, the newest one counts. Read by the API and restored after a restart. */
import type { ClickHouse } from '@ecomind/clickhouse'

export interface PublishedMark {
  readonly partition: number
  /** Epoch milliseconds. */
  readonly watermarkMs: number
  readonly nextOffset: number
}

/** @throws ClickHouseError */
export async function publishWatermarks(
  clickhouse: Pick<ClickHouse, 'command'>,
  group: string,
  marks: readonly PublishedMark[],
  nowMs: number,
): Promise<void> {
  await clickhouse.command({
    isShort: true,
    text: `INSERT INTO ecomind.watermarks (\`group\`, \`partition\`, watermark, next_offset, updated_at)
      SELECT {group:String}, mark.1, fromUnixTimestamp64Milli(mark.2, 'UTC'), mark.3, fromUnixTimestamp64Milli({nowMs:Int64}, 'UTC')
      FROM (SELECT arrayJoin(arrayZip({partitions:Array(UInt16)}, {watermarksMs:Array(Int64)}, {offsets:Array(UInt64)})) AS mark)
      SETTINGS async_insert = 0, insert_deduplicate = 0, deduplicate_insert_select = 'disable'`,
    params: {
      group,
      nowMs,
      partitions: marks.map((mark) => mark.partition),
      watermarksMs: marks.map((mark) => Math.max(0, mark.watermarkMs)),
      offsets: marks.map((mark) => mark.nextOffset),
    },
  })
}

/** Newest watermark that was ever published for the partition; null when none was. @throws ClickHouseError */
export async function readPublishedWatermark(
  clickhouse: Pick<ClickHouse, 'query'>,
  group: string,
  partition: number,
): Promise<number | null> {
  const [row] = await clickhouse.query<{ ms: string; rows: string }>({
    text: `SELECT toUnixTimestamp64Milli(max(watermark)) AS ms, count() AS rows FROM ecomind.watermarks
      WHERE \`group\` = {group:String} AND \`partition\` = {partition:UInt16}`,
    params: { group, partition },
  })
  return row === undefined || Number(row.rows) === 0 ? null : Number(row.ms)
}
