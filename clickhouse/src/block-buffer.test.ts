import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BlockBuffer } from './block-buffer.ts'
import { NativeBlock } from './native-block.ts'
import type { NameColumn, TextColumn } from './usage-columns.ts'

/** Used for every block of this file: nothing of one may be seen in the next. */
const buffer = new BlockBuffer()

function textColumn(texts: readonly string[]): TextColumn {
  const parts = texts.map((text) => Buffer.from(text))
  const ends = Uint32Array.from(
    parts.map(
      (
        (sum) => (part: Buffer) =>
          (sum += part.length)
      )(0),
    ),
  )
  return { bytes: Buffer.concat(parts), starts: Uint32Array.from([0, ...ends.subarray(0, -1)]), ends }
}

/** `texts` by number, the first of them ''. */
function nameColumn(texts: readonly string[], ids: Uint32Array): NameColumn {
  const { bytes, ends } = textColumn(texts)
  return {
    names: { bytes, starts: Uint32Array.from([0, ...ends]), count: texts.length, text: (id) => texts[id] ?? '' },
    ids,
  }
}

const block = (rows: number, write: () => void): Buffer => {
  buffer.begin(1, rows)
  buffer.head('c', 'T')
  write()
  return Buffer.from(buffer.toBytes())
}
/** NativeBlock names the type; here all are T. */
function asWanted(bytes: Uint8Array, type: string): Buffer {
  const text = Buffer.from(bytes)
  const at = text.indexOf(type)
  return Buffer.concat([text.subarray(0, at - 1), Buffer.from([1, 0x54]), text.subarray(at + type.length)])
}

const everyRow = (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, row) => row)
const text = fc.string({ unit: 'grapheme', maxLength: 200 })

describe('BlockBuffer', () => {
  it('writes what NativeBlock writes, of numbers, for any rows', () => {
    const number = fc.oneof(fc.nat(300), fc.maxSafeInteger())
    const rows = fc.array(fc.nat(19), { maxLength: 30 }).map((chosen) => Uint32Array.from(chosen))
    fc.assert(
      fc.property(fc.array(number, { minLength: 20, maxLength: 20 }), rows, (values, chosen) => {
        const column = Float64Array.from(values)
        const value = (i: number) => values[chosen[i] ?? -1] ?? Number.NaN
        const native = () => new NativeBlock(chosen.length)
        const n = chosen.length
        const wanted = [
          asWanted(native().uint16('c', value).toBytes(), 'UInt16'),
          asWanted(native().uint32('c', value).toBytes(), 'UInt32'),
          asWanted(native().int64('c', value).toBytes(), 'Int64'),
        ]
        const written = [
          block(n, () => buffer.uints(2, column, chosen)),
          block(n, () => buffer.uints(4, column, chosen)),
          block(n, () => buffer.int64s(column, chosen)),
        ]
        expect(written).toEqual(wanted)
        const [first = 0] = values
        expect(block(n, () => buffer.int64s(first, chosen))).toEqual(
          asWanted(
            native()
              .int64('c', () => first)
              .toBytes(),
            'Int64',
          ),
        )
      }),
    )
  })

  it('takes NaN for null', () => {
    const values = [1, null, 2 ** 32 - 1, null, 0]
    const column = Float64Array.from(values, (value) => value ?? Number.NaN)
    const native = new NativeBlock(5).nullableUint32('c', (i) => values[i] ?? null).toBytes()
    expect(block(5, () => buffer.nullableUint32s(column, everyRow(5)))).toEqual(asWanted(native, 'Nullable(UInt32)'))
  })

  it('writes texts of any length, from places or from names', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(text, fc.constant('x'.repeat(20_000))), { minLength: 1, maxLength: 20 }),
        (texts) => {
          const rows = everyRow(texts.length)
          const native = new NativeBlock(texts.length).string('c', (i) => texts[i] ?? '').toBytes()
          const wanted = asWanted(native, 'String')
          expect(block(texts.length, () => buffer.texts(textColumn(texts), rows)).equals(wanted)).toBe(true)
          const names = nameColumn(
            ['', ...texts],
            rows.map((row) => row + 1),
          )
          expect(block(texts.length, () => buffer.namesAsTexts(names, rows)).equals(wanted)).toBe(true)
        },
      ),
    )
  })

  it.each([1, 255, 256, 257, 65_535, 65_536, 70_000])(
    'writes a dictionary of %i names in the order of rows',
    (distinct) => {
      const texts = ['', ...Array.from({ length: distinct }, (_, i) => `name-${i}`)]
      const ids = Uint32Array.from({ length: distinct + 3 }, (_, row) => ((row + 7) * 3) % (distinct + 1))
      const native = new NativeBlock(ids.length).lowCardinality('c', (i) => texts[ids[i] ?? 0] ?? '').toBytes()
      const wanted = asWanted(native, 'LowCardinality(String)')
      for (const _ of [1, 2]) {
        expect(
          block(ids.length, () => buffer.lowCardinality(nameColumn(texts, ids), everyRow(ids.length))).equals(wanted),
        ).toBe(true)
      }
    },
  )

  it('writes pairs of chosen rows, and none', () => {
    const maps = [{ a: 'b', é: '' }, {}, { env: 'x'.repeat(300) }]
    const { bytes, starts, ends } = textColumn(maps.flatMap((map) => Object.entries(map).flat()))
    const spans = Uint32Array.from(Array.from(starts, (start, i) => [start, ends[i] ?? 0]).flat())
    const column = { bytes, spans, firsts: Uint32Array.of(0, 2, 2), counts: Uint32Array.of(2, 0, 1) }
    for (const chosen of [[0, 1, 2], [2, 0], [1]]) {
      const native = new NativeBlock(chosen.length).map('c', (i) => maps[chosen[i] ?? 0] ?? {}).toBytes()
      const wanted = asWanted(native, 'Map(String, String)')
      expect(block(chosen.length, () => buffer.pairs(column, Uint32Array.from(chosen)))).toEqual(wanted)
    }
  })
})
