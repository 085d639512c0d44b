/** Seeded choice (mulberry32): the same seed makes the same run. Not for secrets. */

export interface Random {
  readonly seed: number
  /** 0 <= x < 1. */
  next(): number
  /** An integer, both ends included. */
  integer(min: number, max: number): number
  /** True with this probability, 0 .. 1. */
  chance(probability: number): boolean
  /** @throws RangeError for an empty list */
  pick<T>(items: readonly T[]): T
  /** A new list in another order. */
  shuffled<T>(items: readonly T[]): T[]
  /** An independent stream that depends on the seed and the name only. */
  fork(name: string): Random
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000
  }
  const integer = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1))
  return {
    seed,
    next,
    integer,
    chance: (probability) => next() < probability,
    pick: (items) => {
      if (items.length === 0) throw new RangeError('pick one: the list is empty')
      // In range by construction; the list was just found to have items.
      return items[integer(0, items.length - 1)] as (typeof items)[number]
    },
    shuffled: (items) => {
      const copy = [...items]
      for (let i = copy.length - 1; i > 0; i--) {
        const j = integer(0, i)
        const [a, b] = [copy[i], copy[j]]
        if (a !== undefined && b !== undefined) {
          copy[i] = b
          copy[j] = a
        }
      }
      return copy
    },
    fork: (name) => createRandom(hash(`${seed}/${name}`)),
  }
}

function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return h >>> 0
}
