/** Versions of the usage batch that were never released, for tests of old and new code side by side. */
import avsc from 'avsc'
import { USAGE_SCHEMA_TEXT } from '../../avro/usage-schema.ts'
import type { UsageEvent } from '../../usage-event.ts'

interface Field {
  readonly name: string
  readonly type: unknown
  readonly default?: unknown
}

interface BatchSchema {
  readonly fields: { readonly name: string; readonly type: { readonly items: { fields: Field[] } } }[]
}

/** Our schema with a field more in each event. */
export function schemaWith(field: Field): string {
  const schema = JSON.parse(USAGE_SCHEMA_TEXT) as BatchSchema
  const events = schema.fields.find(({ name }) => name === 'events')
  events?.type.items.fields.push(field)
  return JSON.stringify(schema)
}

/** What a next version may look like: compatible, because the new field has a default. */
export const NEXT_SCHEMA_TEXT = schemaWith({ name: 'colour', type: ['null', 'string'], default: null })

/** A record as an edge of that version writes it. */
export function encodeNextBatch(id: number, arrivedAtMs: number, events: readonly UsageEvent[]): Buffer {
  return encodeBatchAs(NEXT_SCHEMA_TEXT, id, arrivedAtMs, events)
}

/** A record of any version that has more fields than ours, each with a default; `colour` has a value. */
export function encodeBatchAs(schema: string, id: number, arrivedAtMs: number, events: readonly UsageEvent[]): Buffer {
  const header = Buffer.alloc(5)
  header.writeInt32BE(id, 1)
  const type = avsc.Type.forSchema(JSON.parse(schema) as avsc.Schema)
  const coloured = events.map((event) => ({ ...event, colour: 'green' }))
  const batch = { arrived_at: arrivedAtMs, edge_id: 'edge-next', replay_of: null, events: coloured }
  return Buffer.concat([header, type.toBuffer(batch)])
}
