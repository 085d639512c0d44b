/** A ClickHouse of its own with usage rows in it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClickHouse, insertUsageRows, migrate, openClickHouse, type UsageRow } from '@ecomind/clickhouse'

export interface UsageDatabase {
  readonly clickhouse: ClickHouse
  /** Closes it and removes its folder. */
  close(): Promise<void>
}

export async function openUsageDatabase(rows: readonly UsageRow[]): Promise<UsageDatabase> {
  const dir = await mkdtemp(join(tmpdir(), 'ecomind-usage-'))
  const target = { kind: 'embedded', dataDir: join(dir, 'clickhouse'), spoolDir: join(dir, 'spool') } as const
  const clickhouse = await openClickHouse(target, { role: 'api' })
  await migrate(clickhouse)
  await insertUsageRows(clickhouse, rows, 'all')
  return {
    clickhouse,
    async close() {
      await clickhouse.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
