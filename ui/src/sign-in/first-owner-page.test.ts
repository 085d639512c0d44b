import fc from 'fast-check'
import { expect, test } from 'vitest'
import { idOfName } from './first-owner-page.tsx'

test.each([
  ['Acme', 'acme'],
  ['Müller & Söhne AG', 'muller-sohne-ag'],
  ['  --  ', ''],
  ['東京', ''],
])('idOfName: of %s it makes %s', (name, id) => expect(idOfName(name)).toBe(id))

test('idOfName: whatever the name, the id is one that the API takes, or empty', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      expect(idOfName(name)).toMatch(/^[A-Za-z0-9_.:-]{0,64}$/)
    }),
  )
})
