/**
 * The newest entries, in memory: rows of words in the order they came, and a hash table of them (open addressing). One
 * entry counts for each key and bucket, the one added last. What is staged is not yet found; `publish` makes it so.
 *
 * Keys are hashes already: the place in the table is the top of the first word, so the table is in the order of the keys
 * but for those that found their place taken. Batches come sorted as well: adding and reading out go front to back.
 */
import type { IdColumns } from '../dedupe-index.ts'
import { equalKeys, KEY_WORDS } from '../id-key.ts'
import { bucketOfEntry, compareKeys, ENTRY_WORDS, writeEntry } from './entry.ts'
import { sortByKey } from './sort-by-key.ts'

const FIRST_ROWS = 1024

export class NewestEntries {
  #words = new Uint32Array(FIRST_ROWS * ENTRY_WORDS)
  /** Row + 1; 0 is free. Twice as many as there is room for rows. */
  #slots = new Int32Array(2 * FIRST_ROWS)
  /** Of the first word of a key: shifted right by it, it is a place in `slots`. */
  #shift = Math.clz32(2 * FIRST_ROWS - 1)
  #rows = 0
  #staged = 0
  #buckets = new Set<number>()

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
    for (const row of sortByKey(ids.keys, rows)) {
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

  /** Calls `hit` with the place of each entry of these keys, one a key and bucket. */
  findAll(keys: Uint32Array, count: number, hit: (row: number, words: Uint32Array, at: number) => void): void {
    if (this.#rows === 0) return
    const slots = this.#slots
    const words = this.#words
    for (let row = 0, key = 0; row < count; row++, key += KEY_WORDS) {
      for (let slot = (keys[key] as number) >>> this.#shift; ; slot = (slot + 1) & (slots.length - 1)) {
        const linked = slots[slot] as number
        if (linked === 0) break
        const at = (linked - 1) * ENTRY_WORDS
        if (equalKeys(keys, key, words, at)) hit(row, words, at)
      }
    }
  }

  /** Places (in words) of the entries of a bucket, in the order of their keys. */
  sorted(bucket: number): Uint32Array {
    const places = new Uint32Array(this.#rows)
    const wrapped: number[] = []
    let count = 0
    for (let slot = 0; slot < this.#slots.length; slot++) {
      const linked = this.#slots[slot] as number
      const at = (linked - 1) * ENTRY_WORDS
      if (linked === 0 || bucketOfEntry(this.#words, at) !== bucket) continue
      // From the end of the table, where there was no room: the largest keys.
      if ((this.#words[at] as number) >>> this.#shift > slot) wrapped.push(at)
      else places[count++] = at
    }
    for (const at of wrapped) places[count++] = at
    return sortNearly(this.#words, places.subarray(0, count))
  }

  clear(): void {
    this.#slots.fill(0)
    this.#rows = 0
    this.#staged = 0
    this.#buckets.clear()
  }

  #link(row: number): void {
    const words = this.#words
    const at = row * ENTRY_WORDS
    let slot = (words[at] as number) >>> this.#shift
    for (; ; slot = (slot + 1) & (this.#slots.length - 1)) {
      const linked = this.#slots[slot] as number
      if (linked === 0) break
      const other = (linked - 1) * ENTRY_WORDS
      if (equalKeys(words, at, words, other) && bucketOfEntry(words, at) === bucketOfEntry(words, other)) break
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
    this.#shift = Math.clz32(2 * rowsMax - 1)
    for (let row = 0; row < this.#rows; row++) this.#link(row)
  }
}

/** By insertion: almost every one is in its place. */
function sortNearly(words: Uint32Array, places: Uint32Array): Uint32Array {
  for (let i = 1; i < places.length; i++) {
    const at = places[i] as number
    let to = i
    for (; to > 0 && compareKeys(words, places[to - 1] as number, words, at) > 0; to--) {
      places[to] = places[to - 1] as number
    }
    places[to] = at
  }
  return places
}
