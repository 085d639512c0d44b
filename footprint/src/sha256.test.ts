import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sha256Hex } from './sha256.ts'

test('sha256Hex gives the published digest of "abc" (FIPS 180-4)', () => {
  expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

test('sha256Hex agrees with node:crypto for any text and for every length around a block', () => {
  const wanted = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex')
  for (let length = 0; length < 200; length++) expect(sha256Hex('x'.repeat(length))).toBe(wanted('x'.repeat(length)))
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => {
      expect(sha256Hex(text)).toBe(wanted(text))
    }),
  )
})
