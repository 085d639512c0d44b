/**
 * A growing buffer that Native blocks are written into, one after the other: column by column, from arrays and for
 * chosen rows. The format is described in native-block.ts, which writes the same from values of any kind.
 */
import type { NameColumn, NumberColumn, PairsColumn, TextColumn, ValueColumn } from './usage-columns.ts'

const BYTES_FIRST = 2 ** 20
const VARINT_BYTES_MAX = 5
const TWO_POW_32 = 2 ** 32
/** As in native-block.ts: a dictionary follows and replaces any earlier one. */
const LOW_CARDINALITY_FLAGS = 0x600
const SPAN_WORDS = 4

export class BlockBuffer {
  #bytes = new Uint8Array(BYTES_FIRST)
  #view = new DataView(this.#bytes.buffer)
  #at = 0
  /** Number in the dictionary of the column under way, by name; 0 at rest and for ''. */
  #numbers = new Uint32Array(0)
  /** Names in the order of their numbers. */
  #keys = new Uint32Array(0)
  #indexes = new Uint32Array(0)

  begin(columns: number, rows: number): void {
    this.#at = 0
    this.#reserve(2 * VARINT_BYTES_MAX)
    this.#varint(columns)
    this.#varint(rows)
  }

  /** Valid until the next `begin`. */
  toBytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#at)
  }

  head(name: string, type: string): void {
    for (const text of [name, type]) {
      const utf8 = Buffer.from(text)
      this.#reserve(VARINT_BYTES_MAX + utf8.length)
      this.#varint(utf8.length)
      this.#bytes.set(utf8, this.#at)
      this.#at += utf8.length
    }
  }

  /** Values as unsigned numbers of this many bytes; what is larger wraps around, as in typed arrays. */
  uints(width: 1 | 2 | 4, column: NumberColumn, rows: Uint32Array): void {
    this.#reserve(rows.length * width)
    const values = typeof column === 'number' ? constant(column) : column
    const step = typeof column === 'number' ? 0 : 1
    const view = this.#view
    let at = this.#at
    // Every `as number` below reads an index that is inside its array.
    for (let i = 0; i < rows.length; i++) {
      const value = values[(rows[i] as number) * step] as number
      if (width === 4) view.setUint32(at, value, true)
      else if (width === 2) view.setUint16(at, value, true)
      else view.setUint8(at, value)
      at += width
    }
    this.#at = at
  }

  /** Two's complement; exact up to 2^53 either way. */
  int64s(column: NumberColumn, rows: Uint32Array): void {
    this.#reserve(rows.length * 8)
    const values = typeof column === 'number' ? constant(column) : column
    const step = typeof column === 'number' ? 0 : 1
    const view = this.#view
    let at = this.#at
    for (let i = 0; i < rows.length; i++) {
      const value = values[(rows[i] as number) * step] as number
      const high = Math.floor(value / TWO_POW_32)
      view.setUint32(at, value - high * TWO_POW_32, true)
      view.setInt32(at + 4, high, true)
      at += 8
    }
    this.#at = at
  }

  /** Int64 from every `stride`-th float, whole numbers up to 2^53. */
  plainSums(sums: Float64Array, first: number, stride: number, count: number): void {
    this.#reserve(count * 8)
    for (let i = 0, at = first; i < count; i++, at += stride) this.#uint64(sums[at] as number)
  }

  /**
   * Integers of 8 or 16 bytes, 0 or more, from pairs of floats: what is below 2^32 of each value that was added up, and
   * how often 2^32 was in it.
   */
  wideSums(width: 8 | 16, sums: Float64Array, first: number, stride: number, count: number): void {
    this.#reserve(count * width)
    const view = this.#view
    for (let i = 0, at = first; i < count; i++, at += stride) {
      const low = sums[at] as number
      const carried = Math.floor(low / TWO_POW_32)
      view.setUint32(this.#at, low - carried * TWO_POW_32, true)
      this.#at += 4
      let rest = (sums[at + 1] as number) + carried
      for (let word = 4; word < width; word += 4) {
        const above = Math.floor(rest / TWO_POW_32)
        view.setUint32(this.#at, rest - above * TWO_POW_32, true)
        this.#at += 4
        rest = above
      }
    }
  }

  /** NaN is null. */
  nullableUint32s(column: NumberColumn, rows: Uint32Array): void {
    this.#reserve(rows.length)
    for (let i = 0; i < rows.length; i++) {
      const value = typeof column === 'number' ? column : (column[rows[i] as number] as number)
      this.#bytes[this.#at++] = Number.isNaN(value) ? 1 : 0
    }
    this.uints(4, column, rows)
  }

  texts({ bytes, starts, ends }: TextColumn, rows: Uint32Array): void {
    this.#reserve(bytesOf(starts, ends, rows) + rows.length * VARINT_BYTES_MAX)
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number
      this.#text(bytes, starts[row] as number, ends[row] as number)
    }
  }

  namesAsTexts({ names, ids }: NameColumn, rows: Uint32Array): void {
    const { bytes, starts } = names
    for (let i = 0; i < rows.length; i++) {
      const id = ids[rows[i] as number] as number
      const start = starts[id] as number
      const end = starts[id + 1] as number
      this.#reserve(end - start + VARINT_BYTES_MAX)
      this.#text(bytes, start, end)
    }
  }

  /** A dictionary of the names in use, numbered in the order of the rows, and small indexes. */
  lowCardinality({ names, ids }: ValueColumn, rows: Uint32Array): void {
    if (rows.length === 0) return
    const count = this.#number(names.count, ids, rows)
    const keys = this.#keys
    const { bytes, starts } = names
    const width = count <= 0x100 ? 1 : count <= 0x10000 ? 2 : 4
    let keyBytes = 0
    for (let k = 0; k < count; k++)
      keyBytes += (starts[(keys[k] as number) + 1] as number) - (starts[keys[k] as number] as number)
    this.#reserve(32 + keyBytes + count * VARINT_BYTES_MAX + rows.length * width)
    this.#uint64(1)
    this.#uint64(LOW_CARDINALITY_FLAGS | (width >> 1))
    this.#uint64(count)
    for (let k = 0; k < count; k++) {
      const id = keys[k] as number
      this.#text(bytes, starts[id] as number, starts[id + 1] as number)
    }
    this.#uint64(rows.length)
    this.#writeIndexes(width, rows.length)
  }

  pairs({ bytes, firsts, counts, spans }: PairsColumn, rows: Uint32Array): void {
    this.#reserve(rows.length * 8)
    let pairs = 0
    for (let i = 0; i < rows.length; i++) {
      pairs += counts[rows[i] as number] as number
      this.#uint64(pairs)
    }
    if (pairs === 0) return
    for (const part of [0, 2]) {
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i] as number
        const first = firsts[row] as number
        for (let pair = first; pair < first + (counts[row] as number); pair++) {
          const at = pair * SPAN_WORDS + part
          this.#reserve(VARINT_BYTES_MAX + (spans[at + 1] as number) - (spans[at] as number))
          this.#text(bytes, spans[at] as number, spans[at + 1] as number)
        }
      }
    }
  }

  /** Fills `#indexes` for the rows and `#keys`; returns how many keys there are, '' included. */
  #number(names: number, ids: Uint32Array, rows: Uint32Array): number {
    if (this.#numbers.length < names) {
      this.#numbers = new Uint32Array(names * 2)
      this.#keys = new Uint32Array(names * 2)
    }
    if (this.#indexes.length < rows.length) this.#indexes = new Uint32Array(rows.length * 2)
    const numbers = this.#numbers
    const keys = this.#keys
    const indexes = this.#indexes
    keys[0] = 0
    let count = 1
    for (let i = 0; i < rows.length; i++) {
      const id = ids[rows[i] as number] as number
      let number = numbers[id] as number
      if (number === 0 && id !== 0) {
        number = count
        numbers[id] = number
        keys[count++] = id
      }
      indexes[i] = number
    }
    for (let k = 1; k < count; k++) numbers[keys[k] as number] = 0
    return count
  }

  #writeIndexes(width: 1 | 2 | 4, rows: number): void {
    const indexes = this.#indexes
    const view = this.#view
    let at = this.#at
    for (let i = 0; i < rows; i++) {
      const index = indexes[i] as number
      if (width === 1) view.setUint8(at, index)
      else if (width === 2) view.setUint16(at, index, true)
      else view.setUint32(at, index, true)
      at += width
    }
    this.#at = at
  }

  /** Room must be reserved. Texts are short: a loop beats a call. */
  #text(from: Uint8Array, start: number, end: number): void {
    const length = end - start
    const bytes = this.#bytes
    let at = this.#at
    if (length < 0x80) bytes[at++] = length
    else {
      this.#varint(length)
      at = this.#at
    }
    if (length <= SHORT_TEXT_BYTES) for (let i = start; i < end; i++) bytes[at++] = from[i] as number
    else {
      bytes.set(from.subarray(start, end), at)
      at += length
    }
    this.#at = at
  }

  #varint(value: number): void {
    let rest = value
    for (; rest >= 0x80; rest >>>= 7) this.#bytes[this.#at++] = (rest & 0x7f) | 0x80
    this.#bytes[this.#at++] = rest
  }

  #uint64(value: number): void {
    this.#view.setUint32(this.#at, value, true)
    this.#view.setUint32(this.#at + 4, value / TWO_POW_32, true)
    this.#at += 8
  }

  #reserve(length: number): void {
    const need = this.#at + length
    if (need <= this.#bytes.length) return
    const bigger = new Uint8Array(Math.max(need, this.#bytes.length * 2))
    bigger.set(this.#bytes.subarray(0, this.#at))
    this.#bytes = bigger
    this.#view = new DataView(bigger.buffer)
  }
}

const SHORT_TEXT_BYTES = 128

const constant = (value: number): Float64Array => Float64Array.of(value)

function bytesOf(starts: Uint32Array, ends: Uint32Array, rows: Uint32Array): number {
  let sum = 0
  for (let i = 0; i < rows.length; i++)
    sum += (ends[rows[i] as number] as number) - (starts[rows[i] as number] as number)
  return sum
}
