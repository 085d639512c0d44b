/**
 * The two questions to a schema registry, through `@kafkajs/confluent-schema-registry`: what is the schema of an id, and
 * what is the id of ours. Each answer is sorted into what the caller must do; nothing here throws, keeps or repeats.
 *
 * The library remembers what it was told for ever and gives a slow answer all the time it wants, so each question gets a
 * client of its own, sockets that are cut afterwards and a clock.
 */
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import avsc from 'avsc'
import { USAGE_SCHEMA_TEXT } from '../avro/usage-schema.ts'
import {
  CLIENT_ID,
  isNotFound,
  isOtherLevel,
  statusOf,
  textOf,
  type Unanswered,
  unanswered,
} from './registry-errors.ts'
import type { RegistryTarget } from './registry-settings.ts'

export type SchemaAnswer =
  | { readonly kind: 'schema'; readonly text: string }
  | { readonly kind: 'unknown' }
  | Unanswered
export type OwnIdAnswer =
  | { readonly kind: 'id'; readonly id: number }
  /** The registry has spoken: asking again changes nothing until a person acts. */
  | { readonly kind: 'refused'; readonly detail: string }
  | Unanswered

export interface AskRegistry {
  schemaOf(id: number): Promise<SchemaAnswer>
  /** Registers our schema unless it is there; the same id however often and by however many it is asked. */
  ownId(): Promise<OwnIdAnswer>
}

/** What a subject's level must be: a new version reads what older ones wrote. The first is what we set. */
export const STRICT_LEVELS = ['BACKWARD_TRANSITIVE', 'BACKWARD', 'FULL_TRANSITIVE', 'FULL'] as const

/** Between the registration by another process and the level it sets for the subject lies a moment. */
const OTHERS_REGISTER_MS = 300

export function askRegistry(target: RegistryTarget, answerMs: number): AskRegistry {
  return {
    schemaOf: async (id) => {
      try {
        return schemaAnswer(await once(target, answerMs, (client) => client.getSchema(id)))
      } catch (error) {
        return isNotFound(error) ? { kind: 'unknown' } : unanswered(error)
      }
    },
    ownId: async () => {
      try {
        const found = await lookUp(target, answerMs)
        if (found !== null) return { kind: 'id', id: found }
        return await register(target, answerMs)
      } catch (error) {
        return ownIdFault(error, target)
      }
    },
  }
}

async function once<T>(target: RegistryTarget, ms: number, ask: (client: SchemaRegistry) => Promise<T>): Promise<T> {
  const { SchemaRegistry } = await import('@kafkajs/confluent-schema-registry')
  const agent = target.url.startsWith('https:') ? new HttpsAgent() : new HttpAgent()
  const auth = target.auth === null ? {} : { auth: target.auth }
  const client = new SchemaRegistry({ host: target.url, clientId: CLIENT_ID, agent, retry: { retries: 0 }, ...auth })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no whole answer within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([ask(client), late])
  } finally {
    clearTimeout(timer)
    agent.destroy()
  }
}

const ownSchema = async () => {
  const { SchemaType } = await import('@kafkajs/confluent-schema-registry')
  return { type: SchemaType.AVRO, schema: USAGE_SCHEMA_TEXT } as const
}

/** Null: not registered under our subject. A look needs no right to write. */
async function lookUp(target: RegistryTarget, ms: number): Promise<number | null> {
  const schema = await ownSchema()
  try {
    return wholeId(await once(target, ms, (client) => client.getRegistryIdBySchema(target.subject, schema)))
  } catch (error) {
    if (isNotFound(error)) return null
    throw error
  }
}

/** Sets the level of a subject that is new; of another one the level must be strict, or nothing is registered. */
async function register(target: RegistryTarget, ms: number): Promise<OwnIdAnswer> {
  const { COMPATIBILITY } = await import('@kafkajs/confluent-schema-registry')
  const schema = await ownSchema()
  const { subject } = target
  for (const level of STRICT_LEVELS) {
    const options = { subject, compatibility: COMPATIBILITY[level] }
    try {
      const { id } = await once(target, ms, (client) => client.register(schema, options))
      return { kind: 'id', id: wholeId(id) }
    } catch (error) {
      if (!isOtherLevel(error)) throw error
    }
  }
  await new Promise((resolve) => setTimeout(resolve, OTHERS_REGISTER_MS))
  const found = await lookUp(target, ms)
  if (found !== null) return { kind: 'id', id: found }
  const wanted = STRICT_LEVELS.join(', ')
  const detail = `the compatibility level of subject ${subject} is none of ${wanted}, so our schema is not registered: PUT {"compatibility":"${STRICT_LEVELS[0]}"} to /config/${subject}`
  return { kind: 'refused', detail }
}

function wholeId(id: unknown): number {
  if (typeof id === 'number' && Number.isInteger(id) && id > 0 && id < 2 ** 31) return id
  throw new Error('its answer holds no schema id')
}

function schemaAnswer(schema: object): SchemaAnswer {
  // Other kinds of schema have no such function: whatever they describe, it is no usage batch.
  if (!('schema' in schema) || typeof schema.schema !== 'function') return { kind: 'unknown' }
  const text = JSON.stringify(schema.schema({ exportAttrs: true }))
  avsc.Type.forSchema(JSON.parse(text))
  return { kind: 'schema', text }
}

function ownIdFault(error: unknown, { subject }: RegistryTarget): OwnIdAnswer {
  const status = statusOf(error)
  const said = textOf(error)
  if (status === 409) {
    const detail = `our schema is not compatible with what subject ${subject} holds, under its compatibility level: ${said}`
    return { kind: 'refused', detail }
  }
  if (status === 422) return { kind: 'refused', detail: `our schema is not taken for subject ${subject}: ${said}` }
  return unanswered(error)
}
