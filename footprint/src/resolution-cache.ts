/**
 * What was resolved for a (provider, model, region, service tier). Maps inside maps, because one key made of four texts
 * would be a new string for every event.
 */
type Nested<T> = Map<string, Map<string, Map<string, Map<string, T>>>>

function inner<K, V>(map: Map<K, Map<string, V>>, key: K): Map<string, V> {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = new Map<string, V>()
  map.set(key, made)
  return made
}

export class ResolutionCache<T> {
  readonly #entriesMax: number
  readonly #byProvider: Nested<T> = new Map()
  #entries = 0

  /** Beyond so many entries it begins anew, which only costs time: clients may make up any name. */
  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax
  }

  /** Null and '' are the same: not stated. */
  get(provider: string, model: string, region: string | null, serviceTier: string | null): T | undefined {
    return this.#byProvider
      .get(provider)
      ?.get(model)
      ?.get(region ?? '')
      ?.get(serviceTier ?? '')
  }

  set(provider: string, model: string, region: string | null, serviceTier: string | null, value: T): void {
    if (this.#entries >= this.#entriesMax) {
      this.#byProvider.clear()
      this.#entries = 0
    }
    const tiers = inner(inner(inner(this.#byProvider, provider), model), region ?? '')
    if (!tiers.has(serviceTier ?? '')) this.#entries++
    tiers.set(serviceTier ?? '', value)
  }
}
