import { describe, expect, test } from 'vitest'
import type { User } from '../directory/user.ts'
import { ScimFault } from './messages.ts'
import { fieldsOfResource, userResource } from './user-resource.ts'

const at = new Date(0)
const present: User = {
  id: 'u1',
  email: 'ada@a.example',
  name: 'Ada Lovelace',
  userName: null,
  givenName: 'Ada',
  familyName: 'Lovelace',
  externalId: 'x1',
  usageUserId: 'ada@a.example',
  active: true,
  source: 'scim',
  version: 3,
  createdAt: at,
  updatedAt: at,
}
const shown = userResource(present, [], 'https://e.example')

describe('fieldsOfResource', () => {
  test('what was shown says what is there', () => {
    const {
      id: _id,
      usageUserId: _usage,
      source: _source,
      version: _v,
      createdAt: _c,
      updatedAt: _u,
      ...fields
    } = present
    expect(fieldsOfResource(shown, present)).toEqual(fields)
  })

  test.each([
    [{ userName: 'a@b.example' }, 'a@b.example', null],
    [{ userName: 'A@b.example' }, 'a@b.example', null],
    [{ userName: 'ada', emails: [{ value: 'A@b.example' }] }, 'a@b.example', 'ada'],
    [
      {
        userName: 'x@b.example',
        emails: [
          { value: 'h@b.example', type: 'home' },
          { value: 'w@b.example', type: 'Work' },
        ],
      },
      'w@b.example',
      'x@b.example',
    ],
    [
      {
        userName: 'x@b.example',
        emails: [
          { value: 'w@b.example', type: 'work' },
          { value: 'p@b.example', primary: 'True' },
        ],
      },
      'p@b.example',
      'x@b.example',
    ],
    [{ userName: 'x@b.example', emails: [{ value: null }] }, 'x@b.example', null],
  ])('of %j the e-mail is %s and the user name %s', (given, email, userName) => {
    expect(fieldsOfResource(given, null)).toMatchObject({ email, userName })
  })

  test('a new user name that is an e-mail takes the e-mail with it, where both were the same', () => {
    expect(fieldsOfResource({ ...shown, userName: 'King@a.example' }, present)).toMatchObject({
      email: 'king@a.example',
      userName: null,
    })
    const apart: User = { ...present, userName: 'ada' }
    const given = { ...userResource(apart, [], ''), userName: 'king@a.example' }
    expect(fieldsOfResource(given, apart)).toMatchObject({ email: 'ada@a.example', userName: 'king@a.example' })
  })

  test.each([
    [{ displayName: 'Countess' }, 'Countess'],
    [{ name: { formatted: 'A. L.', givenName: 'Ada', familyName: 'Lovelace' } }, 'A. L.'],
    [{ name: { formatted: 'Ada Lovelace', givenName: 'Ada', familyName: 'King' } }, 'Ada King'],
    [{ name: null, displayName: null }, 'Ada Lovelace'],
  ])('with %j their name is %s', (given, name) => {
    expect(fieldsOfResource({ ...shown, ...given }, present).name).toBe(name)
  })

  test('a name that was chosen stays when only its parts change', () => {
    const chosen: User = { ...present, name: 'Countess' }
    const given = { ...userResource(chosen, [], ''), name: { formatted: 'Countess', givenName: 'Augusta' } }
    expect(fieldsOfResource(given, chosen)).toMatchObject({ name: 'Countess', givenName: 'Augusta', familyName: null })
  })

  test.each([
    [{ userName: 'ada' }],
    [{ userName: '' }],
    [{ userName: 7 }],
    [{ userName: 'a@b.example', active: 'maybe' }],
    [{ userName: 'a@b.example', emails: [{ value: 'nobody' }] }],
    [{ userName: 'a@b.example', externalId: 'x'.repeat(257) }],
    [{ userName: 'a@b.example', displayName: 'a\u0007' }],
    ['text'],
  ])('%j is refused', (given) => {
    expect(() => fieldsOfResource(given, null)).toThrow(ScimFault)
  })
})
