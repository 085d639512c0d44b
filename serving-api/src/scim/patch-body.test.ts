import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ScimFault } from './messages.ts'
import { readPatch } from './patch-body.ts'

const refusal = (body: unknown): string => {
  try {
    readPatch(body)
  } catch (error) {
    if (error instanceof ScimFault) return error.scimType
  }
  return 'taken'
}

describe('readPatch', () => {
  test('reads operations in any case, their paths made canonical', () => {
    const Operations = [
      { op: 'REPLACE', path: 'urn:ietf:params:scim:schemas:core:2.0:User:USERNAME', value: 'x' },
      { Op: 'Add', Path: 'EMAILS[type eq "work"].Value', Value: 'a@b.example' },
      { op: 'remove', path: 'members[value eq "x"]' },
      { op: 'replace', value: { DisplayName: 'X', 'Name.GivenName': 'Y' } },
    ]
    expect(readPatch({ operations: Operations })).toEqual([
      { op: 'replace', path: 'userName', value: 'x' },
      { op: 'add', path: 'emails[type eq "work"].value', value: 'a@b.example' },
      { op: 'remove', path: 'members[value eq "x"]', value: undefined },
      { op: 'replace', path: null, value: { displayName: 'X', 'name.givenName': 'Y' } },
    ])
  })

  test.each([
    ['no list', {}, 'invalidSyntax'],
    ['an empty list', { Operations: [] }, 'invalidSyntax'],
    ['another operation', { Operations: [{ op: 'move', path: 'a' }] }, 'invalidSyntax'],
    ['remove without a path', { Operations: [{ op: 'remove' }] }, 'noTarget'],
    ['a bracket that only closes', { Operations: [{ op: 'add', path: 'a]b[', value: 1 }] }, 'invalidPath'],
  ])('%s is refused', (_, body, scimType) => {
    expect(refusal(body)).toBe(scimType)
  })

  test('no path and no key reaches what belongs to JavaScript, wherever it stands', () => {
    const reserved = fc.constantFrom('__proto__', 'constructor', 'prototype', 'Constructor')
    const before = fc.constantFrom('', 'name.', 'emails[type eq "work"].', `urn:x:`)
    fc.assert(
      fc.property(before, reserved, fc.constantFrom('', '.x', '[a eq "b"]'), (prefix, name, suffix) => {
        const path = `${prefix}${name}${suffix}`
        expect(refusal({ Operations: [{ op: 'add', path, value: 1 }] })).toBe('invalidPath')
        expect(refusal({ Operations: [{ op: 'add', value: { a: [{ [path]: 1 }] } }] })).toBe('invalidPath')
      }),
    )
  })
})
