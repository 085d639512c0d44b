import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { domainOfEmail, holdsChallenge, normalDomain } from './domain-rules.ts'

describe('normalDomain', () => {
  test.each([
    ['Example.COM', 'example.com'],
    ['example.com.', 'example.com'],
    ['b\u00fccher.example', 'xn--bcher-kva.example'],
    ['a.b.example.co.uk', 'a.b.example.co.uk'],
  ])('%s is %s', (text, name) => expect(normalDomain(text)).toBe(name))

  test.each([
    '',
    'localhost',
    'example..com',
    '-a.com',
    'a_b.com',
    '127.0.0.1',
    'exa mple.com',
    'example.com/x',
    '*.example.com',
    '@example.com',
  ])('%s is none', (text) => expect(normalDomain(text)).toBeNull())

  test('a normal form is its own normal form', () => {
    fc.assert(
      fc.property(fc.oneof(fc.domain(), fc.string()), (text) => {
        const name = normalDomain(text)
        if (name !== null) expect(normalDomain(name)).toBe(name)
      }),
    )
  })
})

describe('domainOfEmail', () => {
  test.each([
    ['lena@example.com', 'example.com'],
    ['"a@evil.example"@example.com', 'example.com'],
    ['lena@EXAMPLE.com', 'example.com'],
    ['@example.com', null],
    ['example.com', null],
    ['lena@localhost', null],
    ['lena@example.com@', null],
  ])('of %s is %s', (email, domain) => expect(domainOfEmail(email)).toBe(domain))
})

test('holdsChallenge joins the pieces of one record and compares the whole', () => {
  expect(holdsChallenge([['v=spf1 -all'], ['ecomind=', 'abc']], 'ecomind=abc')).toBe(true)
  expect(holdsChallenge([['ecomind=abcd']], 'ecomind=abc')).toBe(false)
  expect(holdsChallenge([['ecomind='], ['abc']], 'ecomind=abc')).toBe(false)
  expect(holdsChallenge([], 'ecomind=abc')).toBe(false)
})
