/**
 * Schemas by id on disk, one small file each, so that a registry that is down stops nothing that was known. Written whole
 * or not at all; processes on one data folder share it. A folder belongs to one registry: elsewhere ids mean other things.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import avsc from 'avsc'
import { z } from 'zod'
import {
  type BatchReader,
  batchReader,
  fingerprintOf,
  USAGE_SCHEMA_FINGERPRINT,
  USAGE_SCHEMA_TEXT,
} from '../avro/usage-schema.ts'

export interface StoredSchema {
  readonly id: number
  readonly fingerprint: string
  /** Null: bytes of our own schema. */
  readonly reader: BatchReader | null
}

export interface SchemaStore {
  /** Looks on disk for what another process has learned. */
  get(id: number): StoredSchema | null
  /**
   * Keeps what an id means. Null: a usage batch can't be read with it, and nothing is kept.
   * @throws SchemaReusedError when the id is known as something else
   */
  put(id: number, text: string): StoredSchema | null
  /** Null: the text means what the id meant so far. */
  reuseOf(id: number, text: string): string | null
  /** The id that was last given to our schema; null when none ever was. */
  ownId(): number | null
  /** @throws SchemaReusedError when the id is known as something else */
  putOwn(id: number): void
}

/** The registry gives an id that stands for another schema in the records that we know. */
export class SchemaReusedError extends Error {
  override readonly name = 'SchemaReusedError'
}

const fileShape = z.object({ id: z.number().int().positive(), schema: z.string() })
const ownShape = z.object({ fingerprint: z.string(), id: z.number().int().positive() })

/** `dir` is made when it is first needed. What can't be written is told to `onFault` and known to this process only. */
export function openSchemaStore(dir: string, registryUrl: string, onFault: (text: string) => void): SchemaStore {
  const keep = (name: string, text: string): void => {
    try {
      writeWhole(own, name, text)
    } catch (error) {
      onFault(`keep a schema in ${own}: ${(error as Error).message}`)
    }
  }
  const own = join(dir, createHash('sha256').update(registryUrl).digest('hex').slice(0, 12))
  const known = new Map<number, StoredSchema>()
  const read = (id: number): StoredSchema | null => {
    const found = readJson(join(own, `${id}.json`), fileShape)
    return found?.id === id ? parse(id, found.schema) : null
  }
  const get = (id: number): StoredSchema | null => {
    const there = known.get(id) ?? read(id)
    if (there !== null) known.set(id, there)
    return there
  }
  const put = (id: number, text: string): StoredSchema | null => {
    const parsed = parse(id, text)
    const before = get(id)
    if (before !== null && before.fingerprint !== parsed?.fingerprint) throw reused(id)
    if (parsed === null || before !== null) return before
    known.set(id, parsed)
    keep(`${id}.json`, JSON.stringify({ id, fingerprint: parsed.fingerprint, schema: text }))
    return parsed
  }
  return {
    get,
    put,
    reuseOf: (id, text) => (get(id)?.fingerprint === parse(id, text)?.fingerprint ? null : reused(id).message),
    ownId: () => {
      const kept = readJson(join(own, 'own.json'), ownShape)
      if (kept?.fingerprint === USAGE_SCHEMA_FINGERPRINT) return kept.id
      const ids = idsIn(own).filter((id) => get(id)?.fingerprint === USAGE_SCHEMA_FINGERPRINT)
      return ids.length === 0 ? null : Math.max(...ids)
    },
    putOwn: (id) => {
      put(id, USAGE_SCHEMA_TEXT)
      keep('own.json', JSON.stringify({ fingerprint: USAGE_SCHEMA_FINGERPRINT, id }))
    },
  }
}

function reused(id: number): SchemaReusedError {
  return new SchemaReusedError(
    `schema id ${id} means another schema in the registry than in the records written so far: it was wiped or replaced. Bring back its schemas; known ids go on with what they meant`,
  )
}

function parse(id: number, text: string): StoredSchema | null {
  try {
    const type = avsc.Type.forSchema(JSON.parse(text))
    const fingerprint = fingerprintOf(type)
    return { id, fingerprint, reader: fingerprint === USAGE_SCHEMA_FINGERPRINT ? null : batchReader(type) }
  } catch {
    return null
  }
}

/** Null as well when it is damaged: the registry is asked again then. */
function readJson<T>(path: string, shape: z.ZodType<T>): T | null {
  try {
    return shape.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data ?? null
  } catch {
    return null
  }
}

function idsIn(dir: string): number[] {
  try {
    return readdirSync(dir)
      .flatMap((name) => /^(\d+)\.json$/.exec(name)?.[1] ?? [])
      .map(Number)
  } catch {
    return []
  }
}

function writeWhole(dir: string, name: string, text: string): void {
  mkdirSync(dir, { recursive: true })
  const part = join(dir, `.${name}.${process.pid}`)
  writeFileSync(part, text, { flush: true })
  renameSync(part, join(dir, name))
}
