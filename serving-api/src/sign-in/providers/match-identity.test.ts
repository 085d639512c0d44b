import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Claimed, type Known, matchIdentity } from './match-identity.ts'
import { oidcSettings } from './provider-settings.ts'

const settings = (fields: object = {}) =>
  oidcSettings.parse({ kind: 'oidc', issuer: 'https://idp.example', client_id: 'ecomind', ...fields })
const claimed: Claimed = { subject: 's1', email: 'lena@example.com', emailVerified: true, name: 'Lena', groups: [] }
const nobody: Known = { linked: null, byEmail: null, emailDomain: 'example.com', domainVerified: false }
const lena = { userId: 'u1', active: true, isOwner: false }

describe('matchIdentity', () => {
  test('a linked person is known by the subject, whatever their e-mail has become', () => {
    const other = { ...lena, userId: 'u2', otherSubject: false }
    expect(
      matchIdentity(settings(), { ...claimed, emailVerified: false }, { ...nobody, linked: lena, byEmail: other }),
    ).toEqual({
      kind: 'known',
      userId: 'u1',
    })
  })

  test('an e-mail links a person once, and only when it is verified', () => {
    const byEmail = { ...lena, otherSubject: false }
    expect(matchIdentity(settings(), claimed, { ...nobody, byEmail })).toEqual({ kind: 'link', userId: 'u1' })
    const unverified = { ...claimed, emailVerified: false }
    expect(matchIdentity(settings(), unverified, { ...nobody, byEmail })).toEqual({
      kind: 'refuse',
      reason: 'email_not_verified',
    })
    const unsaid = { ...claimed, emailVerified: null }
    expect(matchIdentity(settings(), unsaid, { ...nobody, byEmail }).kind).toBe('refuse')
    expect(matchIdentity(settings(), unsaid, { ...nobody, byEmail, domainVerified: true }).kind).toBe('link')
    expect(matchIdentity(settings(), claimed, { ...nobody, byEmail: { ...byEmail, otherSubject: true } })).toEqual({
      kind: 'refuse',
      reason: 'email_of_another_subject',
    })
  })

  test('an e-mail that the provider calls unverified is refused, though the domain is the organisation’s own', () => {
    const unverified = { ...claimed, emailVerified: false }
    const known = { ...nobody, byEmail: { ...lena, otherSubject: false }, domainVerified: true }
    expect(matchIdentity(settings(), unverified, known)).toEqual({ kind: 'refuse', reason: 'email_not_verified' })
    expect(matchIdentity(settings({ create_users: true }), unverified, { ...nobody, domainVerified: true }).kind).toBe(
      'refuse',
    )
  })

  test('strangers are made only where the organisation wants it', () => {
    expect(matchIdentity(settings(), claimed, nobody)).toEqual({ kind: 'refuse', reason: 'not_invited' })
    const create = settings({ create_users: true })
    expect(matchIdentity(create, claimed, nobody)).toEqual({ kind: 'create', email: 'lena@example.com' })
    expect(matchIdentity(create, { ...claimed, email: null }, nobody)).toEqual({
      kind: 'refuse',
      reason: 'email_missing',
    })
  })

  test('other domains are refused where domains are stated', () => {
    const only = settings({ domains: ['example.org'], create_users: true })
    expect(matchIdentity(only, claimed, nobody)).toEqual({ kind: 'refuse', reason: 'domain_not_allowed' })
  })

  test('who is inactive, or an owner where owners may not come this way, is never let in', () => {
    const person = fc.record({ userId: fc.constant('u1'), active: fc.boolean(), isOwner: fc.boolean() })
    const known: fc.Arbitrary<Known> = fc.record({
      linked: fc.option(person),
      byEmail: fc.option(person.chain((p) => fc.boolean().map((otherSubject) => ({ ...p, otherSubject })))),
      emailDomain: fc.constantFrom('example.com', null),
      domainVerified: fc.boolean(),
    })
    fc.assert(
      fc.property(
        known,
        fc.constantFrom(true, false, null),
        fc.boolean(),
        fc.boolean(),
        (k, emailVerified, mayOwners, create) => {
          const s = settings({ may_sign_in_owners: mayOwners, create_users: create })
          const match = matchIdentity(s, { ...claimed, emailVerified }, k)
          if (match.kind !== 'known' && match.kind !== 'link') return
          const who = match.kind === 'known' ? k.linked : k.byEmail
          expect(who?.active).toBe(true)
          expect(who?.isOwner === true && !mayOwners).toBe(false)
          if (match.kind === 'link') expect(emailVerified ?? k.domainVerified).toBe(true)
        },
      ),
    )
  })
})
