/** Schema ids from a schema registry: settings, and what a process keeps of it while it runs. */
export { openSchemaIds, type SchemaIds } from './open-schema-ids.ts'
export { SchemaNotThereError } from './recall-schemas.ts'
export { type RegistryTarget, registrySettings, registryTarget } from './registry-settings.ts'
export { SchemaReusedError } from './schema-store.ts'
export type { RegistryHealth } from './watch-registry.ts'
