/** The view of schemas that a batch was begun with, made again for its redo: each id with the meaning it had then. */
import type { NamedSchema, NamedSchemas } from '../avro/batch-schemas.ts'
import { USAGE_SCHEMA_FINGERPRINT } from '../avro/usage-schema.ts'
import type { RegistryState } from './registry-state.ts'
import { viewOf } from './resolve-schemas.ts'
import { SchemaReusedError, type SchemaStore, type StoredSchema } from './schema-store.ts'

/** A schema that was known before is not on disk any more, and the registry does not give it. */
export class SchemaNotThereError extends Error {
  override readonly name = 'SchemaNotThereError'
}

export interface RecallDeps {
  readonly store: SchemaStore
  readonly state: RegistryState
}

/** @throws SchemaNotThereError to be tried again; SchemaReusedError when that meaning is gone */
export async function recallSchemas(named: readonly NamedSchema[], deps: RecallDeps): Promise<NamedSchemas> {
  const schemas: StoredSchema[] = []
  for (const [id, fingerprint] of named) schemas.push(await recallOne(id, fingerprint, deps))
  return viewOf(schemas)
}

async function recallOne(id: number, fingerprint: string, { store, state }: RecallDeps): Promise<StoredSchema> {
  // Our own needs no registry, whatever id it had.
  if (fingerprint === USAGE_SCHEMA_FINGERPRINT) return { id, fingerprint, reader: null }
  if (store.get(id) === null) {
    const answer = await state.schemaOf(id)
    if (answer.kind !== 'schema') {
      const why = answer.kind === 'unknown' ? 'the registry does not know it' : `the registry: ${answer.detail}`
      throw new SchemaNotThereError(
        `read records of schema id ${id}: a batch was begun with it and it is not on disk any more; ${why}`,
      )
    }
    store.put(id, answer.text)
  }
  const stored = store.get(id)
  if (stored?.fingerprint === fingerprint) return stored
  throw new SchemaReusedError(
    `read records of schema id ${id}: a batch was begun with schema ${fingerprint} and the id means another one now; restore the folder of schemas, or the registry`,
  )
}
