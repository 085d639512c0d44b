/** The one place that knows there is a choice: ClickHouse in this process, or a server. */
import { ChdbClickHouse } from './chdb-clickhouse.ts'
import type { ClickHouse } from './clickhouse.ts'
import { CLUSTER_INSERT_SETTINGS, CLUSTER_SETTINGS, ClusterClickHouse } from './cluster-clickhouse.ts'
import { acquireEngine } from './embedded-engine.ts'
import { HttpClickHouse } from './http-clickhouse.ts'
import type { HttpTarget } from './http-target.ts'

/**
 * `loader` inserts, `api` answers our own questions, `upkeep` rebuilds and recomputes, `analyst` runs what people typed: a
 * connection each. `loader` and `upkeep` decide by what they read, so a cluster gives them nothing that is out of date.
 */
export type ClickHouseRole = 'loader' | 'api' | 'upkeep' | 'analyst'

export type ClickHouseTarget = EmbeddedTarget | HttpTarget

export interface EmbeddedTarget {
  readonly kind: 'embedded'
  readonly dataDir: string
  readonly spoolDir: string
}

export interface OpenOptions {
  readonly role: ClickHouseRole
}

/**
 * Several connections of one process may share a data directory; a second process is refused.
 * @throws ClickHouseError when the directory is taken or nobody answers
 */
export async function openClickHouse(target: ClickHouseTarget, options: OpenOptions): Promise<ClickHouse> {
  const ch = await connect(target, options.role)
  try {
    await ch.query({ text: 'SELECT 1 AS one' })
  } catch (cause) {
    await ch.close()
    throw cause
  }
  return ch
}

async function connect(target: ClickHouseTarget, role: ClickHouseRole): Promise<ClickHouse> {
  if (target.kind === 'embedded') {
    return new ChdbClickHouse(await acquireEngine(target.dataDir, target.spoolDir), role)
  }
  if (target.cluster === undefined) return new HttpClickHouse(target)
  const server = new HttpClickHouse(target, { insert: CLUSTER_INSERT_SETTINGS, every: CLUSTER_SETTINGS })
  const reads = role === 'loader' || role === 'upkeep' ? 'consistent' : 'any-replica'
  return new ClusterClickHouse(server, target.cluster, reads)
}
