/**
 * ClickHouse's Native format, written column by column: one self-describing block.
 *
 * Layout (little-endian; checked against the engine in native-block.integration.test.ts, documented at
 * https://clickhouse.com/docs/reference/interfaces/specs/NativeFormat): varint columns, varint rows, then per column its
 * name, its type and, when there are rows, its data.
 * - String: varint length and the UTF-8 bytes, row after row.
 * - LowCardinality(String): UInt64 version 1, UInt64 flags, UInt64 count of keys, the keys as strings, UInt64 count of
 *   rows, an index per row of 1, 2 or 4 bytes. Key 0 is the default value, ''.
 * - Nullable: one byte a row (1 = null), then all values. Map: UInt64 end offset per row, then keys, then values.
 */

/** Dictionary follows (bit 9) and replaces any earlier one (bit 10); the low byte is the width of the indexes. */
const LOW_CARDINALITY_FLAGS = 0x600
const TWO_POW_32 = 2 ** 32
const NO_BYTES = new Uint8Array(0)

export class NativeBlock {
  readonly #rows: number
  readonly #parts: Uint8Array[] = []
  #columns = 0

  constructor(rows: number) {
    this.#rows = rows
  }

  uint8(name: string, value: (row: number) => number | boolean): this {
    const data = new Uint8Array(this.#rows)
    for (let i = 0; i < data.length; i++) data[i] = Number(value(i))
    return this.#column(name, 'UInt8', data)
  }

  bool(name: string, value: (row: number) => boolean): this {
    const data = new Uint8Array(this.#rows)
    for (let i = 0; i < data.length; i++) data[i] = value(i) ? 1 : 0
    return this.#column(name, 'Bool', data)
  }

  uint16(name: string, value: (row: number) => number): this {
    const data = new Uint16Array(this.#rows)
    for (let i = 0; i < data.length; i++) data[i] = value(i)
    return this.#column(name, 'UInt16', bytesOf(data))
  }

  uint32(name: string, value: (row: number) => number): this {
    return this.#column(name, 'UInt32', bytesOf(this.#uint32s(value)))
  }

  uint64(name: string, value: (row: number) => number): this {
    return this.#column(name, 'UInt64', this.#int64s(value))
  }

  int64(name: string, value: (row: number) => number): this {
    return this.#column(name, 'Int64', this.#int64s(value))
  }

  /** Whole seconds since the epoch, UTC. */
  dateTime(name: string, value: (row: number) => number): this {
    return this.#column(name, "DateTime('UTC')", bytesOf(this.#uint32s(value)))
  }

  /** Milliseconds since the epoch, UTC. */
  dateTime64Ms(name: string, value: (row: number) => number): this {
    return this.#column(name, "DateTime64(3, 'UTC')", this.#int64s(value))
  }

  /** Integers in units of 1e-12. */
  decimal18Scale12(name: string, value: (row: number) => number): this {
    return this.#column(name, 'Decimal(18, 12)', this.#int64s(value))
  }

  nullableUint32(name: string, value: (row: number) => number | null): this {
    const nulls = new Uint8Array(this.#rows)
    const values = this.#uint32s((i) => {
      const v = value(i)
      if (v === null) nulls[i] = 1
      return v ?? 0
    })
    return this.#column(name, 'Nullable(UInt32)', nulls, bytesOf(values))
  }

  string(name: string, value: (row: number) => string): this {
    return this.#column(name, 'String', encodeStrings(this.#rows, value))
  }

  /** For columns of few distinct values: a dictionary and small indexes. */
  lowCardinality(name: string, value: (row: number) => string): this {
    if (this.#rows === 0) return this.#column(name, 'LowCardinality(String)')
    const keys = ['']
    const indexOf = new Map<string, number>([['', 0]])
    const indexes = new Uint32Array(this.#rows)
    // Most columns repeat the value of the row before; that saves the look-up.
    let last = ''
    let lastIndex = 0
    for (let i = 0; i < indexes.length; i++) {
      const text = value(i)
      if (text !== last) {
        last = text
        lastIndex = indexOf.get(text) ?? -1
        if (lastIndex < 0) {
          lastIndex = keys.push(text) - 1
          indexOf.set(text, lastIndex)
        }
      }
      indexes[i] = lastIndex
    }
    return this.#dictionary(
      name,
      keys.length,
      encodeStrings(keys.length, (i) => keys[i] ?? ''),
      indexes,
    )
  }

  /** Values that are not text, few distinct objects of them: one entry of the dictionary for each object. */
  lowCardinalityBytes(name: string, value: (row: number) => Uint8Array): this {
    if (this.#rows === 0) return this.#column(name, 'LowCardinality(String)')
    const keys: Uint8Array[] = [NO_BYTES]
    const indexOf = new Map<Uint8Array, number>()
    const indexes = new Uint32Array(this.#rows)
    for (let i = 0; i < indexes.length; i++) {
      const bytes = value(i)
      let index = indexOf.get(bytes)
      if (index === undefined) {
        index = keys.push(bytes) - 1
        indexOf.set(bytes, index)
      }
      indexes[i] = index
    }
    return this.#dictionary(name, keys.length, Buffer.concat(keys.flatMap((key) => [varint(key.length), key])), indexes)
  }

  /** Signed integers of 1e-12 beyond 2^53, two's complement. */
  decimal38Scale12(name: string, value: (row: number) => bigint): this {
    const words = new BigUint64Array(this.#rows * 2)
    for (let i = 0; i < this.#rows; i++) {
      const v = value(i)
      words[2 * i] = BigInt.asUintN(64, v)
      words[2 * i + 1] = BigInt.asUintN(64, v >> 64n)
    }
    return this.#column(name, 'Decimal(38, 12)', new Uint8Array(words.buffer))
  }

  bigInt64(name: string, value: (row: number) => bigint): this {
    const words = new BigInt64Array(this.#rows)
    for (let i = 0; i < this.#rows; i++) words[i] = value(i)
    return this.#column(name, 'Int64', new Uint8Array(words.buffer))
  }

  map(name: string, value: (row: number) => Readonly<Record<string, string>>): this {
    const keys: string[] = []
    const values: string[] = []
    const ends = this.#int64s((i) => {
      const map = value(i)
      for (const key in map) {
        if (!Object.hasOwn(map, key)) continue
        keys.push(key)
        values.push(map[key] ?? '')
      }
      return keys.length
    })
    const data = [ends, encodeStrings(keys.length, (i) => keys[i] ?? '')]
    return this.#column(
      name,
      'Map(String, String)',
      ...data,
      encodeStrings(values.length, (i) => values[i] ?? ''),
    )
  }

  /** The whole block. */
  toBytes(): Uint8Array {
    const head = Buffer.concat([varint(this.#columns), varint(this.#rows)])
    return Buffer.concat([head, ...this.#parts])
  }

  #dictionary(name: string, count: number, keys: Uint8Array, indexes: Uint32Array): this {
    const narrow = narrowIndexes(indexes, count)
    const head = uint64s(1, LOW_CARDINALITY_FLAGS | narrow.widthCode, count)
    return this.#column(name, 'LowCardinality(String)', head, keys, uint64s(this.#rows), narrow.bytes)
  }

  #column(name: string, type: string, ...data: readonly Uint8Array[]): this {
    this.#columns += 1
    this.#parts.push(
      encodeStrings(2, (i) => (i === 0 ? name : type)),
      ...data,
    )
    return this
  }

  #uint32s(value: (row: number) => number): Uint32Array {
    const data = new Uint32Array(this.#rows)
    for (let i = 0; i < data.length; i++) data[i] = value(i)
    return data
  }

  /** Two's complement; exact up to 2^53 either way. */
  #int64s(value: (row: number) => number): Uint8Array {
    const words = new Uint32Array(this.#rows * 2)
    for (let i = 0; i < this.#rows; i++) {
      const v = value(i)
      words[2 * i] = v
      words[2 * i + 1] = Math.floor(v / TWO_POW_32)
    }
    return bytesOf(words)
  }
}

function bytesOf(view: Uint8Array | Uint16Array | Uint32Array): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
}

function uint64s(...values: readonly number[]): Uint8Array {
  const words = new Uint32Array(values.length * 2)
  values.forEach((value, i) => {
    words[2 * i] = value
    words[2 * i + 1] = Math.floor(value / TWO_POW_32)
  })
  return bytesOf(words)
}

function narrowIndexes(indexes: Uint32Array, keys: number): { widthCode: number; bytes: Uint8Array } {
  if (keys <= 0x100) return { widthCode: 0, bytes: Uint8Array.from(indexes) }
  if (keys <= 0x10000) return { widthCode: 1, bytes: bytesOf(Uint16Array.from(indexes)) }
  return { widthCode: 2, bytes: bytesOf(indexes) }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  bytes.push(rest)
  return Uint8Array.from(bytes)
}

/** Longest UTF-8 form of one UTF-16 code unit, and of a varint length below 2^28. */
const BYTES_PER_UNIT_MAX = 3
const VARINT_BYTES_MAX = 4
/** Up to here a loop over ASCII beats the call into the encoder. */
const SHORT_STRING_UNITS = 64

function encodeStrings(count: number, value: (row: number) => string): Uint8Array {
  let buffer: Buffer = Buffer.allocUnsafe(Math.max(64, count * 16))
  let at = 0
  for (let i = 0; i < count; i++) {
    const text = value(i)
    const need = at + VARINT_BYTES_MAX + text.length * BYTES_PER_UNIT_MAX
    if (need > buffer.length) buffer = grow(buffer, at, need)
    at = writeString(buffer, at, text)
  }
  return buffer.subarray(0, at)
}

function grow(buffer: Buffer, used: number, need: number): Buffer {
  const bigger = Buffer.allocUnsafe(Math.max(need, buffer.length * 2))
  buffer.copy(bigger, 0, 0, used)
  return bigger
}

function writeString(buffer: Buffer, start: number, text: string): number {
  const units = text.length
  if (units <= SHORT_STRING_UNITS) {
    let at = start + 1
    let i = 0
    for (; i < units; i++) {
      const unit = text.charCodeAt(i)
      if (unit > 0x7f) break
      buffer[at++] = unit
    }
    if (i === units) {
      buffer[start] = units
      return at
    }
  }
  const length = Buffer.byteLength(text)
  const head = varint(length)
  buffer.set(head, start)
  return start + head.length + buffer.write(text, start + head.length, 'utf8')
}
