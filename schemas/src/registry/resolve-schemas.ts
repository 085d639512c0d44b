/**
 * Ids of other writers become schemas: from memory, from disk, then from the registry. Bounded in every direction, for
 * known schemas must go on: a few ids a batch, a clock on each question, and in an outage one wait. Afterwards a batch asks
 * once and does not wait: a registry that is back is noticed at the first record of a new id.
 * What is not known by then is unknown for this batch; the batch says so (NamedSchemas), and a redo does not ask again.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { FOLDER_SCHEMAS, type NamedSchemas, namedSchemas } from '../avro/batch-schemas.ts'
import { type BatchReader, USAGE_SCHEMA_FINGERPRINT } from '../avro/usage-schema.ts'
import type { RegistryState } from './registry-state.ts'
import type { SchemaStore, StoredSchema } from './schema-store.ts'

/** Most schemas that the records of one batch may have; of more the rest is unknown. */
export const SCHEMAS_MAX = 32
/** Most ids that are asked for a batch. */
const ASKED_MAX = 16
/** How long "unknown" is believed before the registry is asked again. */
const UNKNOWN_FOR_MS = 10_000
/** A registry of several nodes may not know at once what one of them has just registered. */
const ASK_TWICE_AFTER_MS = 500

export interface ResolveDeps {
  readonly store: SchemaStore
  readonly state: RegistryState
  /** How long an outage is waited with, from its beginning. */
  readonly waitMs: number
  readonly nowMs: () => number
  readonly askTwiceAfterMs?: number
}

export interface ResolveSchemas {
  /** Without asking. */
  known(ids: Iterable<number>): NamedSchemas
  /** Asks for what is not known. @throws the signal's reason */
  resolve(ids: Iterable<number>, signal?: AbortSignal): Promise<NamedSchemas>
  /** For a person who asks: at once and without waiting, whatever was heard before. */
  resolveAnew(ids: Iterable<number>): Promise<NamedSchemas>
  /** Ids that records had since the start. */
  readonly used: ReadonlySet<number>
}

export function resolveSchemas(deps: ResolveDeps): ResolveSchemas {
  const { store, state, nowMs, askTwiceAfterMs = ASK_TWICE_AFTER_MS } = deps
  const unknownSince = new Map<number, number>()
  const asking = new Map<number, Promise<boolean>>()
  const used = new Set<number>()
  /** Ids of the schemas folder that the registry does not know: of a log that was written before it had a registry. */
  const ofFolder = new Set<number>()
  const lookUp = (id: number): StoredSchema | null => {
    const stored = store.get(id)
    if (stored !== null || !ofFolder.has(id)) return stored
    return { id, fingerprint: USAGE_SCHEMA_FINGERPRINT, reader: null }
  }

  const known = (ids: Iterable<number>): NamedSchemas => {
    const found: StoredSchema[] = []
    for (const id of new Set(ids)) {
      const schema = lookUp(id)
      if (schema !== null && found.length < SCHEMAS_MAX) found.push(schema)
    }
    for (const { id } of found) used.add(id)
    return viewOf(found)
  }
  /** False: the registry did not answer. */
  const ask = async (id: number): Promise<boolean> => {
    for (let time = 1; ; time++) {
      const answer = await state.schemaOf(id)
      if (answer.kind === 'unanswered') return false
      // It was not there before, so it can't mean something else.
      if (answer.kind === 'schema' && store.get(id) === null && store.put(id, answer.text) !== null) return true
      if (store.get(id) !== null) return true
      if (time === 2) break
      await pause(askTwiceAfterMs)
    }
    if (unknownSince.size >= 1000) unknownSince.clear()
    unknownSince.set(id, nowMs())
    if (FOLDER_SCHEMAS.isOwn(id)) ofFolder.add(id)
    return true
  }
  const askOnce = (id: number): Promise<boolean> => {
    const under = asking.get(id) ?? ask(id).finally(() => asking.delete(id))
    asking.set(id, under)
    return under
  }
  const isWorthAsking = (id: number): boolean => {
    if (id <= 0 || store.get(id) !== null) return false
    return nowMs() - (unknownSince.get(id) ?? Number.NEGATIVE_INFINITY) >= UNKNOWN_FOR_MS
  }
  const isGivenUp = (): boolean => state.downSinceMs !== null && nowMs() - state.downSinceMs >= deps.waitMs
  return {
    used,
    known,
    resolveAnew: async (ids) => {
      const all = [...new Set(ids)]
      await Promise.all(
        all
          .filter((id) => id > 0 && store.get(id) === null)
          .slice(0, ASKED_MAX)
          .map(askOnce),
      )
      return known(all)
    },
    resolve: async (ids, signal) => {
      const all = [...new Set(ids)]
      let wanted = all.filter(isWorthAsking).slice(0, ASKED_MAX)
      while (wanted.length > 0) {
        signal?.throwIfAborted()
        const answered = await Promise.all(wanted.map(askOnce))
        wanted = wanted.filter((_, i) => answered[i] === false)
        if (wanted.length === 0 || isGivenUp()) break
        await pause(askTwiceAfterMs, undefined, { signal }).catch(() => undefined)
      }
      return known(all)
    },
  }
}

export function viewOf(schemas: readonly StoredSchema[]): NamedSchemas {
  const readers = new Map<number, BatchReader>()
  for (const { id, reader } of schemas) if (reader !== null) readers.set(id, reader)
  return namedSchemas(
    schemas.map(({ id, fingerprint }) => [id, fingerprint]),
    readers,
  )
}
