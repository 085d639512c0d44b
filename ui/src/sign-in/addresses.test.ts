import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { presentView, providerStart, readSignInView, safeReturnTo, signInAddress } from './addresses.ts'

describe('safeReturnTo', () => {
  test.each(['/', '/?org_id=acme&period=7d&filter=model:gpt-4o', '/usage#top', '/a%20b'])('keeps %s', (path) => {
    expect(safeReturnTo(path)).toBe(path)
  })

  test.each([
    null,
    '',
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/.//evil.example',
    '/a/..//evil.example',
    'javascript:alert(1)',
    '/\t/evil.example',
    '/sign-in?return_to=/',
  ])('makes / of %s', (text) => {
    expect(safeReturnTo(text)).toBe('/')
  })

  test('whatever comes, a browser stays on this host', () => {
    const part = fc.constantFrom('/', '\\', '.', '..', '//', '@', ':', 'evil.example', '%2f', '\t', '#', '?', 'https:')
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const url = new URL(safeReturnTo(parts.join('')), 'https://ecomind.example')
        expect(url.origin).toBe('https://ecomind.example')
      }),
    )
  })
})

describe('address of the sign-in page', () => {
  test('brings back the exact view, why one is there, and the e-mail', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('filter', 'tz', 'period'), fc.string({ unit: 'grapheme' })), {
          maxLength: 5,
        }),
        fc.constantFrom('expired', 'signed_out', undefined),
        (pairs, arrival) => {
          const search = `?${new URLSearchParams(pairs).toString()}`
          const returnTo = presentView({ pathname: '/', search: search === '?' ? '' : search, hash: '' })
          const address = signInAddress({ returnTo, ...(arrival === undefined ? {} : { arrival }), email: 'a+b@c.de' })
          const view = readSignInView(address.slice('/sign-in'.length))
          expect(view).toEqual({ returnTo, arrival, email: 'a+b@c.de', error: undefined })
          expect(new URL(returnTo, 'http://x').searchParams.toString()).toBe(new URLSearchParams(pairs).toString())
        },
      ),
    )
  })

  test('says nothing that was not asked for', () => {
    expect(signInAddress({})).toBe('/sign-in')
  })

  test('reads the end of a flow over an identity provider, and drops what could not be ours', () => {
    expect(readSignInView('?error=sign_in_refused&request_id=01J-x').error).toEqual({
      code: 'sign_in_refused',
      requestId: '01J-x',
    })
    expect(readSignInView('?error=<b>&request_id=x').error).toBeUndefined()
    expect(readSignInView('?error=internal&request_id=<b>').error).toEqual({ code: 'internal', requestId: undefined })
    expect(readSignInView('?arrival=nonsense').arrival).toBeUndefined()
  })
})

test('providerStart: carries the view to come back to', () => {
  expect(providerStart({ start_url: '/v1/auth/oidc/idp_1/start' }, '/?period=7d')).toBe(
    '/v1/auth/oidc/idp_1/start?return_to=%2F%3Fperiod%3D7d',
  )
})
