/**
 * Texts of few distinct values (organisations, models, regions, ...) as small numbers: an event names them without a
 * string of its own. A number means nothing outside its table: what is written to ClickHouse is numbered anew in every
 * block, in the order of its rows, so nothing of this table shows in the bytes. Null and '' are number 0.
 */
import { isUtf8 } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import type { NameDictionary } from '@ecomind/clickhouse'

const ENTRIES_FIRST = 1024
const BYTES_FIRST = 16_384
/** Clients may make up any name: a table beyond either is left to those who hold it, and a new one begun. */
const ENTRIES_MAX = 65_536
const BYTES_MAX = 4 * 2 ** 20
/** Of the golden ratio: spreads what was multiplied with it over all bits. */
const SPREAD = 0x9e3779b1

/** So that nobody can make up names that all meet in one slot. */
const seed = randomBytes(4).readInt32LE()

export class NameTable implements NameDictionary {
  /** The texts in UTF-8, one behind the other; number `id` stands from `starts[id]` to `starts[id + 1]`. */
  bytes = new Uint8Array(BYTES_FIRST)
  starts = new Uint32Array(ENTRIES_FIRST + 1)
  count = 1
  #view = new DataView(this.bytes.buffer)
  #hashes = new Int32Array(ENTRIES_FIRST)
  /** Numbers by hash; 0 is free, because '' is never looked up. At most half of them are taken. */
  #slots = new Uint32Array(ENTRIES_FIRST * 2)
  readonly #texts: (string | undefined)[] = ['']

  /** Time to begin anew. A batch keeps the table it began with, so within one it may grow beyond. */
  get isFull(): boolean {
    return this.count > ENTRIES_MAX || (this.starts[this.count] as number) > BYTES_MAX
  }

  /** The number of the text between two places of `bytes`, seen through `view` as well; -1 when it is not UTF-8. */
  numberOf(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    if (start === end) return 0
    const hash = hashOf(bytes, view, start, end)
    const mask = this.#slots.length - 1
    let slot = hash & mask
    // Every `as number` below reads an index that is inside its array.
    for (let id = this.#slots[slot] as number; id !== 0; id = this.#slots[slot] as number) {
      if (this.#hashes[id] === hash && this.#equals(id, bytes, view, start, end)) return id
      slot = (slot + 1) & mask
    }
    // What is in the table was looked at when it came in.
    return isUtf8(bytes.subarray(start, end)) ? this.#insert(slot, hash, bytes, start, end) : -1
  }

  numberOfText(text: string): number {
    const bytes = Buffer.from(text)
    return this.numberOf(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length)
  }

  /** One string a name, made when it is first asked for. */
  text(id: number): string {
    const known = this.#texts[id]
    if (known !== undefined) return known
    const made = Buffer.from(this.bytes.buffer).toString('utf8', this.starts[id], this.starts[id + 1])
    this.#texts[id] = made
    return made
  }

  #equals(id: number, bytes: Uint8Array, view: DataView, start: number, end: number): boolean {
    const from = this.starts[id] as number
    const length = end - start
    if ((this.starts[id + 1] as number) - from !== length) return false
    let i = 0
    for (; i + 4 <= length; i += 4) {
      if (this.#view.getInt32(from + i, true) !== view.getInt32(start + i, true)) return false
    }
    for (; i < length; i++) if (this.bytes[from + i] !== bytes[start + i]) return false
    return true
  }

  #insert(slot: number, hash: number, bytes: Uint8Array, start: number, end: number): number {
    const id = this.count
    const from = this.starts[id] as number
    if (id === this.#hashes.length) this.#growEntries()
    if (from + end - start > this.bytes.length) this.#growBytes(from + end - start)
    this.bytes.set(bytes.subarray(start, end), from)
    this.starts[id + 1] = from + end - start
    this.#hashes[id] = hash
    this.#texts.push(undefined)
    this.count += 1
    if (this.count * 2 > this.#slots.length) this.#rehash()
    else this.#slots[slot] = id
    return id
  }

  #growEntries(): void {
    const starts = new Uint32Array(this.starts.length * 2)
    starts.set(this.starts)
    this.starts = starts
    const hashes = new Int32Array(this.#hashes.length * 2)
    hashes.set(this.#hashes)
    this.#hashes = hashes
  }

  #growBytes(need: number): void {
    const bytes = new Uint8Array(Math.max(need, this.bytes.length * 2))
    bytes.set(this.bytes)
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer)
  }

  #rehash(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2)
    const mask = this.#slots.length - 1
    for (let id = 1; id < this.count; id++) {
      let slot = (this.#hashes[id] as number) & mask
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
      this.#slots[slot] = id
    }
  }
}

/** Four bytes at a time: names of models and regions are longer than a word. */
function hashOf(bytes: Uint8Array, view: DataView, start: number, end: number): number {
  let hash = seed ^ (end - start)
  let i = start
  for (; i + 4 <= end; i += 4) {
    hash = Math.imul(hash ^ view.getInt32(i, true), SPREAD)
    hash ^= hash >>> 15
  }
  for (; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), SPREAD)
  return hash ^ (hash >>> 13)
}
