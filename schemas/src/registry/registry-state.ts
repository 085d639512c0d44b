/** How the registry is doing, as its users see it: answered or not, since when, and what a person must mend. */
import type { AskRegistry, OwnIdAnswer, SchemaAnswer } from './ask-registry.ts'

export class RegistryState {
  /** Since when no question was answered, of a clock that never goes back; null: the last one was, or none was asked. */
  downSinceMs: number | null = null
  /** Why the last question was not answered. */
  detail = ''
  readonly #ask: AskRegistry
  readonly #nowMs: () => number

  constructor(ask: AskRegistry, nowMs: () => number) {
    this.#ask = ask
    this.#nowMs = nowMs
  }

  async schemaOf(id: number): Promise<SchemaAnswer> {
    return this.#noted(await this.#ask.schemaOf(id))
  }

  async ownId(): Promise<OwnIdAnswer> {
    return this.#noted(await this.#ask.ownId())
  }

  #noted<A extends SchemaAnswer | OwnIdAnswer>(answer: A): A {
    if (answer.kind === 'unanswered') {
      this.downSinceMs ??= this.#nowMs()
      this.detail = answer.detail
    } else {
      this.downSinceMs = null
      this.detail = ''
    }
    return answer
  }
}
