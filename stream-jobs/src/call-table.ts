/** Values by five numbers, in one table: no key is made for a look. */

const KEY_WORDS = 5
const SLOTS_FIRST = 1024
const SPREAD = 0x9e3779b1

export class CallTable<T> {
  readonly #values: T[] = []
  #keys = new Uint32Array((SLOTS_FIRST / 2) * KEY_WORDS)
  /** Index in `#values` plus 1; 0 is free. At most half of them are taken. */
  #slots = new Uint32Array(SLOTS_FIRST)
  readonly #asked = new Uint32Array(KEY_WORDS)

  get size(): number {
    return this.#values.length
  }

  find(a: number, b: number, c: number, d: number, e: number): T | undefined {
    const keys = this.#keys
    const slots = this.#slots
    const mask = slots.length - 1
    // Every `as number` below reads an index that is inside its array.
    for (let slot = hashOf(a, b, c, d, e) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const index = (slots[slot] as number) - 1
      const at = index * KEY_WORDS
      if (keys[at] === a && keys[at + 1] === b && keys[at + 2] === c && keys[at + 3] === d && keys[at + 4] === e) {
        return this.#values[index]
      }
    }
    const asked = this.#asked
    asked[0] = a
    asked[1] = b
    asked[2] = c
    asked[3] = d
    asked[4] = e
    return undefined
  }

  /** Under the numbers that were last looked for and not found. */
  addLast(value: T): T {
    const index = this.#values.push(value) - 1
    if ((index + 1) * KEY_WORDS > this.#keys.length) this.#grow()
    this.#keys.set(this.#asked, index * KEY_WORDS)
    this.#place(index)
    return value
  }

  #place(index: number): void {
    const mask = this.#slots.length - 1
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = this.#keys.subarray(index * KEY_WORDS, (index + 1) * KEY_WORDS)
    let slot = hashOf(a, b, c, d, e) & mask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
    this.#slots[slot] = index + 1
  }

  #grow(): void {
    const keys = new Uint32Array(this.#keys.length * 2)
    keys.set(this.#keys)
    this.#keys = keys
    this.#slots = new Uint32Array(this.#slots.length * 2)
    for (let index = 0; index < this.#values.length - 1; index++) this.#place(index)
  }
}

function hashOf(a: number, b: number, c: number, d: number, e: number): number {
  let hash = Math.imul(a ^ SPREAD, SPREAD)
  hash = Math.imul(hash ^ (hash >>> 15) ^ b, SPREAD)
  hash = Math.imul(hash ^ (hash >>> 15) ^ c, SPREAD)
  hash = Math.imul(hash ^ (hash >>> 15) ^ d, SPREAD)
  hash = Math.imul(hash ^ (hash >>> 15) ^ e, SPREAD)
  return hash ^ (hash >>> 15)
}
