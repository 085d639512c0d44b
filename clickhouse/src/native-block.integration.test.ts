import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ClickHouse } from './clickhouse.ts'
import { NativeBlock } from './native-block.ts'
import { type TempClickHouse, tempClickHouse } from './test-support/temp-clickhouse.ts'

let temp: TempClickHouse
let ch: ClickHouse
beforeAll(async () => {
  temp = await tempClickHouse()
  ch = await temp.open('loader')
})
afterAll(async () => await temp.remove())

interface Row {
  readonly u8: number
  readonly b: boolean
  readonly u16: number
  readonly u32: number
  readonly u64: number
  readonly i64: number
  readonly dt: number
  readonly dt64: number
  readonly dec: number
  readonly s: string
  readonly lc: string
  readonly n: number | null
  readonly m: Readonly<Record<string, string>>
}

const text = fc.string({ unit: 'grapheme', maxLength: 200 })
const row: fc.Arbitrary<Row> = fc.record({
  u8: fc.nat(255),
  b: fc.boolean(),
  u16: fc.nat(65_535),
  u32: fc.nat(2 ** 32 - 1),
  u64: fc.maxSafeNat(),
  i64: fc.maxSafeInteger(),
  dt: fc.nat(2 ** 32 - 1),
  dt64: fc.integer({ min: 0, max: 4_102_444_800_000 }),
  dec: fc.maxSafeNat(),
  s: text,
  lc: fc.oneof(fc.constantFrom('', 'gpt-4o', 'claude'), text),
  n: fc.option(fc.nat(2 ** 32 - 1), { nil: null }),
  m: fc.dictionary(text, text, { maxKeys: 5 }),
})

function encode(rows: readonly Row[]): Uint8Array {
  const at = (i: number): Row => rows[i] as Row
  return new NativeBlock(rows.length)
    .uint8('u8', (i) => at(i).u8)
    .bool('b', (i) => at(i).b)
    .uint16('u16', (i) => at(i).u16)
    .uint32('u32', (i) => at(i).u32)
    .uint64('u64', (i) => at(i).u64)
    .int64('i64', (i) => at(i).i64)
    .dateTime('dt', (i) => at(i).dt)
    .dateTime64Ms('dt64', (i) => at(i).dt64)
    .decimal18Scale12('dec', (i) => at(i).dec)
    .string('s', (i) => at(i).s)
    .lowCardinality('lc', (i) => at(i).lc)
    .nullableUint32('n', (i) => at(i).n)
    .map('m', (i) => at(i).m)
    .toBytes()
}

async function decode(block: Uint8Array): Promise<readonly Row[]> {
  const file = join(temp.folder, 'block.native')
  await writeFile(file, block)
  const rows = await ch.query<Record<string, unknown>>({
    text: `SELECT u8, b, u16, u32, toString(u64) AS u64, toString(i64) AS i64, toUInt32(dt) AS dt,
        toString(toUnixTimestamp64Milli(dt64)) AS dt64, toString(reinterpretAsInt64(dec)) AS dec, s, lc, n,
        mapKeys(m) AS keys, mapValues(m) AS texts, dumpColumnStructure(lc) AS structure
      FROM file({file:String}, 'Native')`,
    params: { file },
  })
  return rows.map(({ keys, texts, structure, ...r }) => {
    expect(structure).toContain('LowCardinality')
    const values = texts as string[]
    const m = Object.fromEntries((keys as string[]).map((key, i) => [key, values[i] ?? '']))
    return {
      ...r,
      u64: Number(r['u64']),
      i64: Number(r['i64']),
      dt64: Number(r['dt64']),
      dec: Number(r['dec']),
      m,
    } as unknown as Row
  })
}

describe('NativeBlock', () => {
  test('every block is read by the engine as the rows it was made from', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 50 }), async (rows) => {
        expect(await decode(encode(rows))).toEqual(rows)
      }),
      { numRuns: 60 },
    )
  })

  test.each([1, 255, 256, 257, 65_535, 65_536, 70_000])('a dictionary of %i values is read back', async (distinct) => {
    const block = new NativeBlock(distinct).lowCardinality('lc', (i) => `value-${i}`).toBytes()
    const file = join(temp.folder, 'lc.native')
    await writeFile(file, block)
    const [answer] = await ch.query({
      text: `SELECT toString(uniqExact(lc)) AS uniq, toString(sum(toUInt64(substring(lc, 7)))) AS sum FROM file({file:String}, 'Native')`,
      params: { file },
    })
    expect(answer).toEqual({ uniq: String(distinct), sum: String((distinct * (distinct - 1)) / 2) })
  })

  test('strings longer than a one- and a two-byte length are read back', async () => {
    const strings = ['', 'a'.repeat(127), 'b'.repeat(128), 'é'.repeat(64), '🙂'.repeat(5000), 'c'.repeat(70_000)]
    const file = join(temp.folder, 'strings.native')
    await writeFile(file, new NativeBlock(strings.length).string('s', (i) => strings[i] as string).toBytes())
    const rows = await ch.query<{ s: string }>({
      text: `SELECT s FROM file({file:String}, 'Native')`,
      params: { file },
    })
    expect(rows.map((r) => r.s)).toEqual(strings)
  })
})
