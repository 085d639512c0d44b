/**
 * Step before a batch is decoded: what the schema ids of its records mean. The answer is fixed for the batch and written
 * into its intent, so that a redo sets aside exactly the records that the first try set aside, whatever the registry
 * has learned, lost or changed in between.
 */
import type { StoredRecord } from '@ecomind/event-log'
import { type BatchSchemas, FOLDER_SCHEMAS, type NamedSchemas, namedSchemas, schemaIdOf } from '@ecomind/schemas/avro'
import { SchemaReusedError } from '@ecomind/schemas/registry'
import type { Intent } from './intent.ts'
import { LoaderFaultError } from './loader-fault.ts'
import type { PartitionContext } from './partition-context.ts'
import { LoaderStoppedError } from './retry.ts'

/** Where ids come from a registry; `@ecomind/schemas/registry` has it. */
export interface SchemaSource {
  /** Waits for the registry within bounds. @throws the signal's reason when it was aborted meanwhile */
  resolve(ids: Iterable<number>, signal: AbortSignal): Promise<NamedSchemas>
  /** @throws SchemaNotThereError, SchemaReusedError */
  recall(named: NonNullable<Intent['schemas']>): Promise<NamedSchemas>
  known(ids: Iterable<number>): NamedSchemas
}

type Asking = Pick<PartitionContext, 'schemas' | 'stopping' | 'untilAccepted'>

export interface SchemasOfBatch {
  readonly view: BatchSchemas
  /** For the intent; empty where the ids are those of the schemas folder. */
  readonly noted: Pick<Intent, 'schemas'>
}

/** Of a new batch. @throws LoaderStoppedError */
export async function schemasOf(
  records: readonly StoredRecord[],
  { schemas, stopping }: Asking,
): Promise<SchemasOfBatch> {
  if (schemas === null) return { view: FOLDER_SCHEMAS, noted: {} }
  try {
    const view = await schemas.resolve(idsOf(records), stopping)
    return { view, noted: { schemas: view.named.map(([id, fingerprint]) => [id, fingerprint]) } }
  } catch (error) {
    if (stopping.aborted) throw new LoaderStoppedError('load a batch: stopped while the schema registry was asked')
    throw error
  }
}

/** Of a batch that is done again. @throws LoaderFaultError when a schema of it is not to be had any more */
export async function schemasOfIntent(intent: Intent, { schemas, untilAccepted }: Asking): Promise<BatchSchemas> {
  const { schemas: named } = intent
  if (named === undefined) return FOLDER_SCHEMAS
  if (schemas === null) return withoutRegistry(intent, named)
  try {
    return await untilAccepted(() => schemas.recall(named))
  } catch (error) {
    if (error instanceof SchemaReusedError) throw new LoaderFaultError(`redo ${intent.token}: ${error.message}`)
    throw error
  }
}

/** Without asking, for counts. */
export function knownSchemasOf(records: readonly StoredRecord[], schemas: SchemaSource | null): BatchSchemas {
  return schemas === null ? FOLDER_SCHEMAS : schemas.known(idsOf(records))
}

function withoutRegistry({ token }: Intent, named: NonNullable<Intent['schemas']>): BatchSchemas {
  const view = namedSchemas(named)
  if (named.every(([id]) => view.isOwn(id))) return view
  throw new LoaderFaultError(
    `redo ${token}: the batch was begun with schemas of a registry; set SCHEMA_REGISTRY_URL again until it is done`,
  )
}

function idsOf(records: readonly StoredRecord[]): ReadonlySet<number> {
  const ids = new Set<number>()
  for (const record of records) {
    const id = record.kind === 'ok' ? schemaIdOf(record.value) : null
    if (id !== null) ids.add(id)
  }
  return ids
}
