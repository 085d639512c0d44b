/** What /health and /metrics of the core say of its stores. */
import { anonymousMemoryBytes, type EventLog } from '@ecomind/event-log'
import type { Database } from '@ecomind/serving-api'
import type { Loader } from '@ecomind/stream-jobs'
import { Gauge, type Registry } from 'prom-client'

export function measureMemory(registry: Registry): void {
  new Gauge({
    name: 'ecomind_core_anonymous_memory_bytes',
    help: 'Memory that the system can not drop: heaps without the mapped pages of log and index',
    registers: [registry],
    collect() {
      this.set(anonymousMemoryBytes() ?? Number.NaN)
    },
  })
}

export async function databaseHealth(database: Database) {
  await database.query('SELECT 1')
  return { status: 'ok' as const, kind: database.kind }
}

export async function inFlightOf(loader: Loader, orgIds: readonly string[]) {
  const { items } = await loader.inFlight()
  return items.filter((i) => orgIds.includes(i.orgId))
}

export async function logHealth(log: EventLog) {
  const partitions = await log.stats()
  return {
    status: 'ok' as const,
    bytes: partitions.reduce((sum, p) => sum + p.bytes, 0),
    partitions: partitions.length,
  }
}
