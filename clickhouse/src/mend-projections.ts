/**
 * Sums that a rollup keeps beside its rows (migrations/0009). The engine flushes the rows of a part before it calls an
 * insert done, but not its projections (`finalizePartAsync(..., sync = false)`; seen with strace on 26.7): after a power
 * cut they may be cut short. The engine notices that when it opens the part, and answers from the rows instead; here they
 * are made again, so that answers are quick again.
 */
import type { ClickHouse } from './clickhouse.ts'
import { checkIdentifier } from './sql-literals.ts'

interface Broken {
  readonly table: string
  readonly name: string
  readonly month: string
}

/** @returns what was made again, e.g. `usage_1d without_users 202611`. @throws ClickHouseError */
export async function mendProjections(ch: Pick<ClickHouse, 'query' | 'command'>): Promise<readonly string[]> {
  const broken = await ch.query<Broken>({
    text: `SELECT DISTINCT table, name, partition AS month FROM system.projection_parts
      WHERE database = 'ecomind' AND active AND is_broken ORDER BY table, name, month`,
  })
  for (const { table, name, month } of broken) {
    const alter = `ALTER TABLE ecomind.${checkIdentifier(table)}`
    const projection = `PROJECTION ${checkIdentifier(name)} IN PARTITION ${Number(month)} SETTINGS mutations_sync = 1`
    await ch.command({ text: `${alter} CLEAR ${projection}` })
    await ch.command({ text: `${alter} MATERIALIZE ${projection}` })
  }
  return broken.map(({ table, name, month }) => `${table} ${name} ${month}`)
}
