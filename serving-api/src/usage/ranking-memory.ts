/** Which groups were the largest when the same was asked last; for whoever can use a guess that is checked. */
import type { OrgScope } from '../scope.ts'

/** Rankings that are kept; a page asks for a few again and again. */
const RANKINGS_MAX = 1000

export class RankingMemory {
  readonly #values = new Map<string, readonly string[]>()

  recall(key: string): readonly string[] | null {
    return this.#values.get(key) ?? null
  }

  keep(key: string, values: readonly string[]): void {
    if (this.#values.size >= RANKINGS_MAX) this.#values.clear()
    this.#values.set(key, values)
  }
}

/** Names what was asked, and whose rows the scope shows under which names. */
export function rankingKey({ orgId, view }: OrgScope, asked: unknown): string {
  return JSON.stringify([orgId, view.rows, view.pseudonymKey !== null, asked])
}
