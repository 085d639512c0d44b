/** The schema that this version writes, as text, type and fingerprint, and how bytes of other schemas are read into it. */
import { readFileSync } from 'node:fs'
import avsc from 'avsc'

/** The released file, letter for letter: a schema registry knows it by these. */
export const USAGE_SCHEMA_TEXT = readFileSync(new URL('../../avro/usage-batch.v1.avsc', import.meta.url), 'utf8')

export const usageBatchType = avsc.Type.forSchema(JSON.parse(USAGE_SCHEMA_TEXT)) as avsc.types.RecordType

/** 16 hex digits of the SHA-256 of the canonical form: equal when, and only when, the bytes have the same meaning. */
export function fingerprintOf(type: avsc.Type): string {
  return type.fingerprint('sha256').toString('hex').slice(0, 16)
}

export const USAGE_SCHEMA_FINGERPRINT = fingerprintOf(usageBatchType)

/** The bytes behind a record's header, written with one schema, as a value of another. Throws when they are not whole. */
export type BatchReader = (body: Buffer) => unknown

/** @throws Error when the writer's schema lacks what the reader needs */
export function batchReader(writer: avsc.Type, reader: avsc.Type = usageBatchType): BatchReader {
  const resolver = reader.createResolver(writer)
  return (body) => reader.fromBuffer(body, resolver)
}
