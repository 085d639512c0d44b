/**
 * Sums that a rollup keeps beside its rows (migrations/0009). The engine flushes the rows of a part before it calls an
 * insert done, but not its projections (`finalizePartAsync(..., sync = false)`; seen with strace on 26.7): after a power
 * cut they may be cut short. The engine notices that when it opens the part, and answers from the rows instead; what it
 * notices only when it reads is a `isDamage` error. Either way they are made again, in the background.
 */
import type { ClickHouse } from './clickhouse.ts'
import { checkIdentifier } from './sql-literals.ts'

const PROJECTIONS = [
  ['usage_1h', 'without_people'],
  ['usage_1d', 'without_users'],
  ['usage_1d', 'by_user'],
] as const

interface Broken {
  readonly table: string
  readonly name: string
  readonly month: string
}

/**
 * Of one server; the replicas of a cluster get parts from each other.
 * @returns what is made again, e.g. `usage_1d without_users 202611`. @throws ClickHouseError
 */
export async function mendProjections(ch: Pick<ClickHouse, 'query' | 'command'>): Promise<readonly string[]> {
  const broken = await ch.query<Broken>({
    text: `SELECT DISTINCT table, name, partition AS month FROM system.projection_parts
      WHERE database = 'ecomind' AND active AND is_broken ORDER BY table, name, month`,
  })
  for (const { table, name, month } of broken) await remake(ch, table, name, ` IN PARTITION ${Number(month)}`)
  return broken.map(({ table, name, month }) => `${table} ${name} ${month}`)
}

/** All of them. @throws ClickHouseError */
export async function remakeProjections(ch: Pick<ClickHouse, 'command'>): Promise<void> {
  for (const [table, name] of PROJECTIONS) await remake(ch, table, name)
}

async function remake(ch: Pick<ClickHouse, 'command'>, table: string, name: string, where = ''): Promise<void> {
  const alter = `ALTER TABLE ecomind.${checkIdentifier(table)}`
  await ch.command({ text: `${alter} CLEAR PROJECTION ${checkIdentifier(name)}${where}` })
  await ch.command({ text: `${alter} MATERIALIZE PROJECTION ${checkIdentifier(name)}${where}` })
}
