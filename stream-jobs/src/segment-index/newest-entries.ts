/**
 * The newest entries, in memory: rows of words in the order they came, and a hash table of them (open addressing; keys
 * are hashes already). One entry counts for each key and bucket, the one added last. What is staged is not yet found;
 * `publish` makes it so.
 */
import type { IdColumns } from '../dedupe-index.ts'
import { equalKeys, KEY_WORDS } from '../id-key.ts'
import { bucketOfEntry, compareKeys, ENTRY_WORDS, ROWS_MAX, writeEntry } from './entry.ts'

const FIRST_ROWS = 1024

export class NewestEntries {
  #words = new Uint32Array(FIRST_ROWS * ENTRY_WORDS)
  /** Row + 1; 0 is free. Twice as many as there is room for rows. */
  #slots = new Int32Array(2 * FIRST_ROWS)
  #rows = 0
  #staged = 0
  #buckets = new Set<number>()
  /** Rows whose place a later one took. */
  #replaced = new Set<number>()

  get rows(): number {
    return this.#rows
  }

  get words(): Uint32Array {
    return this.#words
  }

  /** Newest first. */
  get buckets(): number[] {
    return [...this.#buckets].sort((a, b) => b - a)
  }

  /** Puts the entries behind the published ones, in place of what was staged before; returns their words. */
  stage(ids: IdColumns, rows: Uint32Array, generation: number): Uint32Array {
    this.#makeRoom(rows.length)
    let at = this.#rows * ENTRY_WORDS
    for (const row of rows) {
      writeEntry(this.#words, at, ids, row, generation)
      at += ENTRY_WORDS
    }
    this.#staged = rows.length
    return this.#words.subarray(this.#rows * ENTRY_WORDS, at)
  }

  stageWords(words: Uint32Array): void {
    const rows = words.length / ENTRY_WORDS
    this.#makeRoom(rows)
    this.#words.set(words, this.#rows * ENTRY_WORDS)
    this.#staged = rows
  }

  publish(): void {
    const end = this.#rows + this.#staged
    this.#staged = 0
    let bucket: number | undefined
    for (; this.#rows < end; this.#rows++) {
      this.#link(this.#rows)
      const own = bucketOfEntry(this.#words, this.#rows * ENTRY_WORDS)
      if (own !== bucket) this.#buckets.add(own)
      bucket = own
    }
  }

  /** Calls `hit` with the place of each entry of this key, one a bucket, in no certain order. */
  find(keys: Uint32Array, row: number, hit: (row: number, words: Uint32Array, at: number) => void): void {
    const mask = this.#slots.length - 1
    const key = row * KEY_WORDS
    for (let slot = (keys[key] as number) & mask; ; slot = (slot + 1) & mask) {
      const linked = this.#slots[slot] as number
      if (linked === 0) return
      const at = (linked - 1) * ENTRY_WORDS
      if (equalKeys(keys, key, this.#words, at)) hit(row, this.#words, at)
    }
  }

  /** Places (in words) of the entries of a bucket, in the order of their keys. */
  sorted(bucket: number): Uint32Array {
    const ordered = new Float64Array(this.#rows)
    let count = 0
    for (let row = 0; row < this.#rows; row++) {
      const at = row * ENTRY_WORDS
      if (bucketOfEntry(this.#words, at) !== bucket || this.#replaced.has(row)) continue
      ordered[count++] = (this.#words[at] as number) * ROWS_MAX + row
    }
    return placesInOrder(this.#words, ordered.subarray(0, count).sort())
  }

  clear(): void {
    this.#slots.fill(0)
    this.#rows = 0
    this.#staged = 0
    this.#buckets.clear()
    this.#replaced.clear()
  }

  #link(row: number): void {
    const mask = this.#slots.length - 1
    const words = this.#words
    const at = row * ENTRY_WORDS
    let slot = (words[at] as number) & mask
    for (; ; slot = (slot + 1) & mask) {
      const linked = this.#slots[slot] as number
      if (linked === 0) break
      const other = (linked - 1) * ENTRY_WORDS
      if (equalKeys(words, at, words, other) && bucketOfEntry(words, at) === bucketOfEntry(words, other)) {
        this.#replaced.add(linked - 1)
        break
      }
    }
    this.#slots[slot] = row + 1
  }

  #makeRoom(rows: number): void {
    const wanted = this.#rows + rows
    const room = this.#words.length / ENTRY_WORDS
    if (wanted <= room) return
    const rowsMax = 2 ** Math.ceil(Math.log2(wanted))
    const words = new Uint32Array(rowsMax * ENTRY_WORDS)
    words.set(this.#words.subarray(0, this.#rows * ENTRY_WORDS))
    this.#words = words
    this.#slots = new Int32Array(2 * rowsMax)
    this.#replaced.clear()
    for (let row = 0; row < this.#rows; row++) this.#link(row)
  }
}

/** `ordered`: rows with the first word of their key in front, which tells almost all keys apart. */
function placesInOrder(words: Uint32Array, ordered: Float64Array): Uint32Array {
  const places = new Uint32Array(ordered.length)
  let last = -1
  for (let i = 0; i < ordered.length; i++) {
    const value = ordered[i] as number
    const first = Math.floor(value / ROWS_MAX)
    const at = (value - first * ROWS_MAX) * ENTRY_WORDS
    let place = i
    if (first === last) {
      for (; place > 0 && compareKeys(words, places[place - 1] as number, words, at) > 0; place--) {
        places[place] = places[place - 1] as number
      }
    }
    places[place] = at
    last = first
  }
  return places
}
