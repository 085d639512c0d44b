/** Factor sets by their id: those of old events too, read once and kept. */
import type { FactorSet } from '@ecomind/footprint'
import type { KinshipOf } from './numbers/usage-sums.ts'
import type { UsageRow } from './questions/usage.ts'

/** Null when no such set was ever published. */
export type LoadFactorSet = (id: string) => Promise<FactorSet | null>

/** Sets that are kept; there is one more with every release of factors. */
const SETS_MAX = 32

export class FactorLibrary {
  readonly #load: LoadFactorSet
  readonly #sets = new Map<string, Promise<FactorSet | null>>()

  constructor(load: LoadFactorSet) {
    this.#load = load
  }

  async get(id: string): Promise<FactorSet | null> {
    const known = this.#sets.get(id)
    if (known !== undefined) return await known
    const loading = this.#load(id)
    if (this.#sets.size >= SETS_MAX) this.#sets.clear()
    this.#sets.set(id, loading)
    try {
      const set = await loading
      // A set may be published later than its first event is asked for.
      if (set === null) this.#sets.delete(id)
      return set
    } catch (error) {
      this.#sets.delete(id)
      throw error
    }
  }

  /** The kinship of all factors in these rows. A factor of a set that is not known is a class of its own. */
  async kinshipsOf(rows: readonly UsageRow[]): Promise<KinshipOf> {
    const ids = new Set(rows.flatMap((row) => row.factors.map(([, factorSet]) => factorSet)))
    const sets = new Map<string, FactorSet | null>()
    for (const id of ids) sets.set(id, await this.get(id))
    return (setId, factorId) => {
      const factor = sets.get(setId)?.factorById(factorId)
      return factor === undefined ? { class: factorId, model: factorId } : { class: factor.class, model: factor.model }
    }
  }
}
