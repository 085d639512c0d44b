/** Which groups were the largest when the same was asked last; for whoever can use a guess that is checked. */
import type { OrgScope } from '../scope.ts'

/** Rankings that are kept; a page asks for a few, again and again. */
const RANKINGS_MAX = 1000
/** Longer ones are what somebody asks once. */
const VALUES_MAX = 50
/** Also how long the name of somebody who was erased may stay. */
const KEPT_MS = 600_000

interface Kept {
  readonly values: readonly string[]
  readonly atMs: number
}

export class RankingMemory {
  readonly #nowMs: () => number
  /** The oldest first. */
  readonly #kept = new Map<string, Kept>()

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  recall(key: string): readonly string[] | null {
    this.#drop()
    return this.#kept.get(key)?.values ?? null
  }

  keep(key: string, values: readonly string[]): void {
    this.#kept.delete(key)
    if (values.length <= VALUES_MAX) this.#kept.set(key, { values, atMs: this.#nowMs() })
    this.#drop()
  }

  #drop(): void {
    for (const [key, { atMs }] of this.#kept) {
      if (this.#kept.size <= RANKINGS_MAX && this.#nowMs() - atMs < KEPT_MS) return
      this.#kept.delete(key)
    }
  }
}

/** Names what was asked, and whose rows the scope shows under which names. */
export function rankingKey({ orgId, view }: OrgScope, asked: unknown): string {
  return JSON.stringify([orgId, view.rows, view.pseudonymKey !== null, asked])
}
