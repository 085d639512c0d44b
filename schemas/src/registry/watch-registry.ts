/**
 * Looks at the registry now and then: our schema must be registered there (a registry that was emptied gets it back), and
 * every id in use must mean what it meant. What is wrong is kept as a sentence for /health.
 */
import type { RegistryState } from './registry-state.ts'
import { SchemaReusedError, type SchemaStore } from './schema-store.ts'

export interface RegistryHealth {
  /** down: nothing can be written; degraded: known schemas go on. */
  readonly status: 'ok' | 'degraded' | 'down'
  readonly detail?: string
  /** The id that records of this process carry; null: none is known. */
  readonly own_id: number | null
}

export interface WatchDeps {
  readonly store: SchemaStore
  readonly state: RegistryState
  /** Ids that records had since the start. */
  readonly used: ReadonlySet<number>
}

export class RegistryWatch {
  ownId: number | null
  readonly #deps: WatchDeps
  /** What asking again does not cure, by what it is about. */
  readonly #problems = new Map<number | 'own', string>()

  constructor(deps: WatchDeps) {
    this.#deps = deps
    this.ownId = deps.store.ownId()
  }

  async look(): Promise<void> {
    const { store, state, used } = this.#deps
    const answer = await state.ownId()
    if (answer.kind === 'unanswered') return
    if (answer.kind === 'refused') this.#problems.set('own', answer.detail)
    else this.#takeOwn(answer.id, store)
    for (const id of used) if (id !== this.ownId) await this.#compare(id)
  }

  health(): RegistryHealth {
    const { detail } = this.#deps.state
    const [fault] = [...this.#problems.values(), ...(detail === '' ? [] : [`the registry does not answer: ${detail}`])]
    if (this.ownId === null) {
      const why = fault ?? 'the registry was not asked yet'
      return { status: 'down', detail: `no id of our schema is known, so nothing can be written: ${why}`, own_id: null }
    }
    if (fault === undefined) return { status: 'ok', own_id: this.ownId }
    return { status: 'degraded', detail: `known schemas go on; ${fault}`, own_id: this.ownId }
  }

  /** An id that stands for another schema in earlier records is not taken: the one known before goes on. */
  #takeOwn(id: number, store: SchemaStore): void {
    try {
      store.putOwn(id)
      this.ownId = id
      this.#problems.delete('own')
    } catch (error) {
      if (!(error instanceof SchemaReusedError)) throw error
      this.#problems.set('own', error.message)
    }
  }

  async #compare(id: number): Promise<void> {
    const { store, state } = this.#deps
    const answer = await state.schemaOf(id)
    if (answer.kind === 'unanswered' || store.get(id) === null) return
    const lost = `schema id ${id} is in use and the registry has lost it: bring back its schemas, or others can't read these records`
    const problem = answer.kind === 'unknown' ? lost : store.reuseOf(id, answer.text)
    if (problem === null) this.#problems.delete(id)
    else this.#problems.set(id, problem)
  }
}
