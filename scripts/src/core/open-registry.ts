/** The schema registry as the core uses it: ids of other writers for the loader, our own id for replays, state and metric. */
import { openSchemaIds, type SchemaIds } from '@ecomind/schemas/registry'
import type { Logger } from 'pino'
import { Gauge, type Registry } from 'prom-client'
import type { CoreConfig } from './config.ts'

/** Null: the ids of the schemas folder. A registry that does not answer keeps no core from starting. */
export async function openCoreRegistry(
  { loader: { registry: target, schemasDir: dir } }: CoreConfig,
  { logger, registry }: { readonly logger: Logger; readonly registry: Registry },
  onStop: (close: () => Promise<void>) => void,
): Promise<SchemaIds | null> {
  if (target === null) return null
  const onReport = (text: string) => logger.warn({ registry: target.url, subject: target.subject }, text)
  const schemaIds = await openSchemaIds({ target, dir, onReport })
  onStop(() => schemaIds.stop())
  registryGauge(registry, () => schemaIds.isUp())
  return schemaIds
}

export function registryGauge(registry: Registry, isUp: () => boolean): void {
  const gauge: Gauge = new Gauge({
    name: 'ecomind_loader_schema_registry_up',
    help: '1 while the schema registry answers',
    registers: [registry],
    collect: () => gauge.set(Number(isUp())),
  })
}

/** Never down: the core reads what is known, and only replays need an id to write with. */
export function coreRegistryHealth(schemaIds: Pick<SchemaIds, 'health'>) {
  const { status, ...rest } = schemaIds.health()
  return { status: status === 'ok' ? ('ok' as const) : ('degraded' as const), ...rest }
}
