import { describe, expect, test } from 'vitest'
import { grantsOfToken, isAudienceOf, tokenIssuerSettings } from './token-issuer.ts'

const settings = (...rules: object[]) => tokenIssuerSettings.parse({ name: 'CI', algorithms: ['RS256'], rules }).rules
const viewer = { role: 'viewer', scope: { kind: 'organisation' } } as const

describe('grantsOfToken', () => {
  test('takes the grants of every rule that the token fulfils, each once', () => {
    const rules = settings(
      { subject: 'repo:acme/*', grants: [viewer] },
      { claims: { environment: 'production' }, grants: [viewer, { role: 'analyst' }] },
      { subject: 'repo:other', grants: [{ role: 'admin' }] },
    )
    expect(grantsOfToken(rules, { sub: 'repo:acme/app', environment: 'production' })).toEqual([
      viewer,
      { role: 'analyst', scope: { kind: 'organisation' } },
    ])
    expect(grantsOfToken(rules, { sub: 'repo:acm' })).toEqual([])
  })

  test('wants subject and claims of a rule together, of the same type', () => {
    const rules = settings({ subject: 'a', claims: { admin: true, level: 3 }, grants: [viewer] })
    expect(grantsOfToken(rules, { sub: 'a', admin: true, level: 3 })).toEqual([viewer])
    for (const payload of [
      { sub: 'a', admin: 'true', level: 3 },
      { sub: 'a', admin: true },
      { sub: 'b', admin: true, level: 3 },
    ])
      expect(grantsOfToken(rules, payload)).toEqual([])
  })

  test('does not take what every object has for a claim', () => {
    const rules = settings({ claims: { constructor: 'x' }, grants: [viewer] })
    expect(grantsOfToken(rules, { sub: 'a' })).toEqual([])
  })
})

test('a rule for every token of an issuer is none', () => {
  for (const rule of [{ grants: [viewer] }, { subject: '*', grants: [viewer] }])
    expect(tokenIssuerSettings.safeParse({ name: 'CI', algorithms: ['RS256'], rules: [rule] }).success).toBe(false)
  const shared = { name: 'CI', algorithms: ['HS256'], rules: [{ subject: 'a', grants: [viewer] }] }
  expect(tokenIssuerSettings.safeParse(shared).success).toBe(false)
})

test('isAudienceOf keeps organisations apart', () => {
  expect(isAudienceOf('https://ecomind.example/v1/orgs/b', 'b')).toBe(true)
  expect(isAudienceOf('https://ecomind.example/v1/orgs/a:b', 'b')).toBe(false)
  expect(isAudienceOf('https://ecomind.example/v1/orgs/ab', 'b')).toBe(false)
})
