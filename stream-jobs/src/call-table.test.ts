import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CallTable } from './call-table.ts'

it('CallTable finds every value under its own numbers, however many there are', () => {
  const number = fc.nat(6)
  const key = fc.tuple(number, number, number, number, fc.oneof(number, fc.constant(2 ** 32 - 1)))
  fc.assert(
    fc.property(fc.array(key, { minLength: 1, maxLength: 3000, size: 'max' }), (keys) => {
      const table = new CallTable<string>()
      const known = new Set<string>()
      for (const one of keys) {
        const text = one.join()
        expect(table.find(...one) ?? null).toBe(known.has(text) ? text : null)
        if (!known.has(text)) table.addLast(text)
        known.add(text)
      }
      expect(table.size).toBe(known.size)
      for (const one of keys) expect(table.find(...one)).toBe(one.join())
    }),
    { numRuns: 30 },
  )
})
