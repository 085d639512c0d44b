import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NameTable } from './name-table.ts'

const numberOf = (names: NameTable, bytes: Uint8Array): number =>
  names.numberOf(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length)

describe('NameTable', () => {
  it('gives equal texts one number and others another, and gives the text back', () => {
    const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.constantFrom('gpt-4o', 'gpt-4o-mini', ''))
    fc.assert(
      fc.property(fc.array(text, { maxLength: 60 }), (texts) => {
        const names = new NameTable()
        const known = new Map([['', 0]])
        for (const one of texts) {
          const id = names.numberOfText(one)
          expect(id).toBe(known.get(one) ?? known.size)
          known.set(one, id)
        }
        for (const [one, id] of known) expect(names.text(id)).toBe(one)
        expect(names.count).toBe(known.size)
      }),
    )
  })

  it('keeps every name while it grows, and says when it is time to begin anew', () => {
    const names = new NameTable()
    const ids = Array.from({ length: 70_000 }, (_, i) => names.numberOfText(`name-${i}`))
    expect(new Set(ids).size).toBe(70_000)
    expect(names.isFull).toBe(true)
    expect(names.numberOfText('name-69999')).toBe(ids.at(-1))
    expect(names.text(ids[1234] ?? 0)).toBe('name-1234')
  })

  it('is full of few long names as well', () => {
    const names = new NameTable()
    for (let i = 0; i < 5; i++) names.numberOfText(`${i}`.repeat(2 ** 20))
    expect(names.isFull).toBe(true)
  })

  it('refuses what is not UTF-8 and stays as it was', () => {
    const names = new NameTable()
    expect(numberOf(names, Uint8Array.of(0x61, 0xff))).toBe(-1)
    expect(numberOf(names, Uint8Array.of(0xed, 0xa0, 0x80))).toBe(-1)
    expect(names.count).toBe(1)
    expect(numberOf(names, Uint8Array.of(0x61))).toBe(1)
  })
})
