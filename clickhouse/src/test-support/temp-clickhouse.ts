/** A ClickHouse of its own in a temporary folder, for one test file at a time (chdb: one data directory a process). */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClickHouse } from '../clickhouse.ts'
import { migrate } from '../migrate.ts'
import { type ClickHouseRole, openClickHouse } from '../open-clickhouse.ts'

export interface TempClickHouse {
  readonly folder: string
  readonly target: { readonly kind: 'embedded'; readonly dataDir: string; readonly spoolDir: string }
  open(role: ClickHouseRole): Promise<ClickHouse>
  /** Closes what was opened and removes the folder. */
  remove(): Promise<void>
}

export async function tempClickHouse(parent: string = tmpdir()): Promise<TempClickHouse> {
  const folder = await mkdtemp(join(parent, 'ecomind-clickhouse-'))
  const target = { kind: 'embedded', dataDir: join(folder, 'data'), spoolDir: join(folder, 'spool') } as const
  const opened: ClickHouse[] = []
  return {
    folder,
    target,
    async open(role) {
      const ch = await openClickHouse(target, { role })
      opened.push(ch)
      return ch
    },
    async remove() {
      for (const ch of opened) await ch.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** With all tables. */
export async function migratedClickHouse(): Promise<{ readonly temp: TempClickHouse; readonly ch: ClickHouse }> {
  const temp = await tempClickHouse()
  const ch = await temp.open('loader')
  await migrate(ch)
  return { temp, ch }
}

export interface Totals {
  readonly calls: string
  readonly tokens_in: string
  readonly kwh: string
  readonly co2_kg_use: string
}

/** The same sums from the raw table and from each rollup, by name of the table. */
export async function readTotals(ch: ClickHouse): Promise<Readonly<Record<string, Totals>>> {
  const totals: Record<string, Totals> = {}
  for (const table of ['usage_events', 'usage_1m', 'usage_15m', 'usage_1h', 'usage_1d']) {
    const calls = table === 'usage_events' ? 'count()' : 'sum(calls)'
    const [row] = await ch.query<Totals>({
      text: `SELECT toString(${calls}) AS calls, toString(sum(tokens_in)) AS tokens_in,
        toString(sum(kwh)) AS kwh, toString(sum(co2_kg_use)) AS co2_kg_use FROM ecomind.${table}`,
    })
    if (row !== undefined) totals[table] = row
  }
  return totals
}
