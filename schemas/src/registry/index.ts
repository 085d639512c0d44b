/** Schema ids from a schema registry: settings, and what a process keeps of it while it runs. */
export { STRICT_LEVELS } from './ask-registry.ts'
export { openSchemaIds, type SchemaIds } from './open-schema-ids.ts'
export { SchemaNotThereError } from './recall-schemas.ts'
export { registerOwnSchema } from './register-own-schema.ts'
export { type RegistryTarget, registryOf, registrySettings, registryTarget } from './registry-settings.ts'
export { SchemaReusedError } from './schema-store.ts'
export type { RegistryHealth } from './watch-registry.ts'
