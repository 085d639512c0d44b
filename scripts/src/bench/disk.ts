/**
 * Bytes on disk per event and table, of rows that the real loader made: token counts of the trace, UUIDv7 ids, all the
 * fields of the SDK, a day of 2,000 users. As the loader left it, and merged.
 */
import { join } from 'node:path'
import { type ClickHouse, openClickHouse } from '@ecomind/clickhouse'
import { appendEvents } from './append-events.ts'
import type { BenchOptions } from './options.ts'
import { openBench, until } from './product.ts'
import { type Figure, figure } from './report.ts'
import { round } from './statistics.ts'

const DAY_MS = 86_400_000
const POLL_MS = 200
/** A twentieth of the people work in one hour, so some minutes hold several calls of one person. */
const ACTIVE_SHARE = 0.05
const COLUMNS_SHOWN = 12
const TABLES = ['usage_events', 'usage_1m', 'usage_15m', 'usage_1h', 'usage_1d'] as const

interface TableSize {
  readonly table: string
  readonly rows: number
  readonly parts: number
  readonly bytesPerEvent: number
}

export async function* benchDisk(options: BenchOptions): AsyncGenerator<Figure> {
  const { events, users, models } = options
  const bench = await openBench()
  try {
    const fromMs = Math.floor(Date.now() / DAY_MS) * DAY_MS - DAY_MS
    await appendEvents(bench.dataDir, {
      events,
      orgs: 1,
      users,
      models,
      fromMs,
      spanMs: DAY_MS,
      activeShare: ACTIVE_SHARE,
    })
    const core = await bench.start('core')
    await until(async () => (await bench.visible()) >= events, POLL_MS)
    await core.stop(30_000)
    const ch = await openClickHouse(
      { kind: 'embedded', dataDir: join(bench.dataDir, 'clickhouse'), spoolDir: join(bench.dataDir, 'spool') },
      { role: 'loader' },
    )
    const details = { events, users, usersInOneHour: users * ACTIVE_SHARE, models, days: 1, ids: 'uuid' }
    const left = await sizes(ch, events)
    yield figure('bytes on disk per raw event, as loaded', rawOf(left), 'bytes', 40, { ...details, tables: left })
    for (const table of TABLES) await ch.command({ text: `OPTIMIZE TABLE ecomind.${table} FINAL` })
    const merged = await sizes(ch, events)
    const columns = await columnSizes(ch, events)
    yield figure('bytes on disk per raw event, merged', rawOf(merged), 'bytes', 40, {
      ...details,
      tables: merged,
      columns,
    })
    const all = merged.reduce((sum, t) => sum + t.bytesPerEvent, 0)
    yield figure('bytes on disk per event, raw and rollups, merged', all, 'bytes', null, details)
    await ch.close()
  } finally {
    await bench.end()
  }
}

function rawOf(tables: readonly TableSize[]): number {
  return tables.find((t) => t.table === 'usage_events')?.bytesPerEvent ?? 0
}

async function sizes(ch: ClickHouse, events: number): Promise<readonly TableSize[]> {
  const rows = await ch.query<{ table: string; rows: string; parts: string; bytes: string }>({
    text: `SELECT table, sum(rows) AS rows, count() AS parts, sum(bytes_on_disk) AS bytes FROM system.parts
      WHERE active AND database = 'ecomind' AND table LIKE 'usage_%' GROUP BY table ORDER BY table`,
  })
  return rows.map(({ table, rows: count, parts, bytes }) => ({
    table,
    rows: Number(count),
    parts: Number(parts),
    bytesPerEvent: round(Number(bytes) / events),
  }))
}

/** The largest columns of the raw table, bytes an event; skip indexes are what is missing to the sum. */
async function columnSizes(ch: ClickHouse, events: number): Promise<Readonly<{ [column: string]: number }>> {
  const rows = await ch.query<{ column: string; bytes: string }>({
    text: `SELECT column, sum(column_data_compressed_bytes) AS bytes FROM system.parts_columns
      WHERE active AND database = 'ecomind' AND table = 'usage_events' GROUP BY column ORDER BY sum(column_data_compressed_bytes) DESC LIMIT ${COLUMNS_SHOWN}`,
  })
  return Object.fromEntries(rows.map(({ column, bytes }) => [column, round(Number(bytes) / events)]))
}
