/** Raw events and their minutes, both under one token, as the loader inserts them. */
import type { ClickHouse } from './clickhouse.ts'
import { encodeUsageRows } from './encode-usage-rows.ts'
import { encodeMinuteRows } from './minute-rows.ts'
import type { UsageRow } from './usage-row.ts'

/** Repeating it, or its second half, doubles nothing. @throws ClickHouseError */
export async function insertUsageRows(
  ch: Pick<ClickHouse, 'insertNative'>,
  rows: readonly UsageRow[],
  token: string,
): Promise<void> {
  await ch.insertNative('usage_events', encodeUsageRows(rows), token)
  await ch.insertNative('usage_minutes', encodeMinuteRows(rows), token)
}
