import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { safeReturnTo } from './return-to.ts'

describe('safeReturnTo', () => {
  test.each(['/', '/usage?from=2026-01-01#top', '/a/b%20c'])('keeps %s', (path) =>
    expect(safeReturnTo(path)).toBe(path),
  )

  test.each([
    undefined,
    '',
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/.//evil.example',
    '/a/..//evil.example',
    'javascript:alert(1)',
    '/a\r\nSet-Cookie: x=1',
    ' /usage',
    '/ü',
  ])('makes / of %s', (text) => expect(safeReturnTo(text)).toBe('/'))

  test('whatever comes, a browser stays on our own host', () => {
    const part = fc.constantFrom('/', '\\', '.', '..', '//', '@', ':', 'evil.example', '%2f', '\t', '#', '?', 'https:')
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const url = new URL(safeReturnTo(parts.join('')), 'https://ecomind.example')
        expect(url.origin).toBe('https://ecomind.example')
      }),
    )
  })
})
