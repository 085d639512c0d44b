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

/** See above. Its methods may be called by many at one time: an id is asked for once. */
export class ResolveSchemas {
  /** Ids that records had since the start. */
  readonly used = new Set<number>()
  readonly #deps: ResolveDeps
  readonly #unknownSince = new Map<number, number>()
  readonly #asking = new Map<number, Promise<boolean>>()
  /** Ids of the schemas folder that the registry does not know: of a log that was written before it had a registry. */
  readonly #ofFolder = new Set<number>()

  constructor(deps: ResolveDeps) {
    this.#deps = deps
  }

  /** Without asking. */
  known(ids: Iterable<number>): NamedSchemas {
    const found: StoredSchema[] = []
    for (const id of new Set(ids)) {
      const schema = this.#lookUp(id)
      if (schema !== null && found.length < SCHEMAS_MAX) found.push(schema)
    }
    for (const { id } of found) this.used.add(id)
    return viewOf(found)
  }

  /** Asks for what is not known. @throws the signal's reason */
  async resolve(ids: Iterable<number>, signal?: AbortSignal): Promise<NamedSchemas> {
    const all = [...new Set(ids)]
    let wanted = all.filter((id) => this.#isWorthAsking(id)).slice(0, ASKED_MAX)
    while (wanted.length > 0) {
      signal?.throwIfAborted()
      const answered = await Promise.all(wanted.map((id) => this.#ask(id)))
      wanted = wanted.filter((id, i) => answered[i] === false && this.#isWorthAsking(id))
      if (wanted.length === 0 || this.#isGivenUp()) break
      await pause(this.#pauseMs, undefined, { signal }).catch(() => undefined)
    }
    return this.known(all)
  }

  /** For a person who asks: at once and without waiting, whatever was heard before. */
  async resolveAnew(ids: Iterable<number>): Promise<NamedSchemas> {
    const all = [...new Set(ids)]
    const wanted = all.filter((id) => id > 0 && this.#deps.store.get(id) === null)
    await Promise.all(wanted.slice(0, ASKED_MAX).map((id) => this.#ask(id)))
    return this.known(all)
  }

  get #pauseMs(): number {
    return this.#deps.askTwiceAfterMs ?? ASK_TWICE_AFTER_MS
  }

  #lookUp(id: number): StoredSchema | null {
    const stored = this.#deps.store.get(id)
    if (stored !== null || !this.#ofFolder.has(id)) return stored
    return { id, fingerprint: USAGE_SCHEMA_FINGERPRINT, reader: null }
  }

  #isWorthAsking(id: number): boolean {
    const { store, state, nowMs } = this.#deps
    if (id <= 0 || store.get(id) !== null) return false
    // What it means is known: an outage is not waited with.
    if (this.#ofFolder.has(id) && state.downSinceMs !== null) return false
    return nowMs() - (this.#unknownSince.get(id) ?? Number.NEGATIVE_INFINITY) >= UNKNOWN_FOR_MS
  }

  #isGivenUp(): boolean {
    const { state, nowMs, waitMs } = this.#deps
    return state.downSinceMs !== null && nowMs() - state.downSinceMs >= waitMs
  }

  #ask(id: number): Promise<boolean> {
    const under = this.#asking.get(id) ?? this.#askTwice(id).finally(() => this.#asking.delete(id))
    this.#asking.set(id, under)
    return under
  }

  /** False: the registry did not answer. */
  async #askTwice(id: number): Promise<boolean> {
    const { store, state, nowMs } = this.#deps
    for (let time = 1; time <= 2; time++) {
      if (time === 2) await pause(this.#pauseMs)
      const answer = await state.schemaOf(id)
      if (answer.kind === 'unanswered') return false
      // Another process may have learned it meanwhile.
      if (store.get(id) !== null) return true
      if (answer.kind === 'schema' && store.put(id, answer.text) !== null) return true
    }
    if (this.#unknownSince.size >= 1000) this.#unknownSince.clear()
    this.#unknownSince.set(id, nowMs())
    if (FOLDER_SCHEMAS.isOwn(id)) this.#ofFolder.add(id)
    return true
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
