import { createHmac, generateKeyPairSync } from 'node:crypto'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { BadOpenIdProvider, CLIENT_ID, KEY_ID, type MakeToken } from '../../testing/bad-openid-provider.ts'
import { type SignInWorld, startSignInWorld } from '../../testing/sign-in-world.ts'
import { TestBrowser } from '../../testing/test-browser.ts'

let world: SignInWorld
const idp = new BadOpenIdProvider()
let provider: { id: string; start_url: string }
let owner: TestBrowser

const addProvider = async (fields: object = {}) => {
  const made = await owner.ask('POST', `${world.url}/v1/auth/providers?org_id=org_a`, {
    name: 'Company login',
    settings: { kind: 'oidc', issuer: idp.issuer, client_id: CLIENT_ID, create_users: true, ...fields },
    client_secret: 'secret',
  })
  expect(made.status, made.text).toBe(201)
  return made.json as typeof provider
}

beforeAll(async () => {
  world = await startSignInWorld()
  await world.addOrganisation('org_a')
  await idp.start()
  owner = await world.signedIn('owner@org_a.example')
  provider = await addProvider()
})
afterAll(async () => {
  await world?.stop()
  await idp.stop()
})
beforeEach(async () => {
  idp.metadata = {}
  await world.database.query('DELETE FROM ecomind.sign_in_attempts')
})

const nowS = () => Math.floor(Date.now() / 1000)
type Claims = Record<string, unknown>

/** A good token but for `change` of its claims and `header`. */
const token =
  (change: (claims: Claims) => Claims = (c) => c, header: Record<string, string> = {}): MakeToken =>
  ({ nonce, issuer, clientId, privateKey }) => {
    const good = {
      iss: issuer,
      aud: clientId,
      sub: 'mia',
      nonce,
      iat: nowS(),
      exp: nowS() + 300,
      email: 'mia@org_a.example',
      email_verified: true,
      groups: [],
    }
    return new SignJWT(change(good)).setProtectedHeader({ alg: 'RS256', kid: KEY_ID, ...header }).sign(privateKey)
  }

async function come(makeToken: MakeToken, more: Record<string, string> = {}, at = provider) {
  idp.makeToken = makeToken
  const browser = new TestBrowser()
  const start = await browser.send(at.start_url)
  const answer = await browser.send(idp.authorise(start.headers.get('location') ?? '', more))
  const me = await browser.ask('GET', `${world.url}/v1/auth/me`)
  return { status: answer.status, isSignedIn: me.status === 200, json: answer.json }
}

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

test('a good token is taken, with the PKCE verifier of the flow', async () => {
  expect(await come(token())).toMatchObject({ status: 303, isSignedIn: true })
  expect(idp.tokenRequests.at(-1)?.get('code_verifier')).toMatch(/^[\w-]{43,}$/)
})

describe('refused is', () => {
  const bad: [string, MakeToken][] = [
    ['another issuer', token((c) => ({ ...c, iss: 'https://evil.example' }))],
    ['another audience', token((c) => ({ ...c, aud: 'someone-else' }))],
    ['more audiences without azp', token((c) => ({ ...c, aud: [CLIENT_ID, 'someone-else'] }))],
    ['azp of another client', token((c) => ({ ...c, aud: [CLIENT_ID, 'someone-else'], azp: 'someone-else' }))],
    ['a token that has expired', token((c) => ({ ...c, exp: nowS() - 60, iat: nowS() - 400 }))],
    ['a token that is not valid yet', token((c) => ({ ...c, nbf: nowS() + 120 }))],
    ['a token without expiry', token(({ exp: _exp, ...c }) => c)],
    ['another nonce', token((c) => ({ ...c, nonce: 'another' }))],
    ['no nonce', token(({ nonce: _nonce, ...c }) => c)],
    ['no subject', token(({ sub: _sub, ...c }) => c)],
    [
      'a key of somebody else',
      (request) => token()({ ...request, privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey }),
    ],
    ['a key that is not published', token((c) => c, { kid: 'unknown' })],
    [
      'no signature (alg none)',
      async (request) => {
        const [, payload] = (await token()(request)).split('.')
        return `${part({ alg: 'none' })}.${payload}.`
      },
    ],
    [
      'HS256 with the public key as the secret',
      async (request) => {
        const [, payload] = (await token()(request)).split('.')
        const head = `${part({ alg: 'HS256', kid: KEY_ID })}.${payload}`
        const secret = request.publicKey.export({ type: 'spki', format: 'pem' })
        return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`
      },
    ],
    [
      'HS256 with the client secret',
      async (request) => {
        const [, payload] = (await token()(request)).split('.')
        const head = `${part({ alg: 'HS256' })}.${payload}`
        return `${head}.${createHmac('sha256', 'secret').update(head).digest('base64url')}`
      },
    ],
    [
      'claims that were changed after signing',
      async (request) => {
        const [head, payload = '', signature] = (await token()(request)).split('.')
        const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claims
        return `${head}.${part({ ...claims, sub: 'owner' })}.${signature}`
      },
    ],
  ]

  test.each(bad)('%s', async (_what, makeToken) => {
    const { json, isSignedIn } = await come(makeToken)
    expect(json).toMatchObject({ error: { code: 'sign_in_refused' } })
    expect(isSignedIn).toBe(false)
    expect((await world.audit('org_a')).at(-1)).toMatchObject({ action: 'sign_in_refused', outcome: 'refused' })
  })

  test.each([
    ['another state', { state: 'A'.repeat(43) }],
    ['an answer of another issuer (mix-up)', { iss: 'https://evil.example' }],
    ['an error of the provider', { error: 'access_denied' }],
  ])('%s', async (_what, more) => {
    const { json, isSignedIn } = await come(token(), more)
    expect(json).toMatchObject({ error: { code: 'sign_in_refused' } })
    expect(isSignedIn).toBe(false)
  })

  test('a provider that signs with shared secrets only, or names itself differently', async () => {
    idp.metadata = { id_token_signing_alg_values_supported: ['HS256', 'none'] }
    const weak = await addProvider()
    expect((await new TestBrowser().send(weak.start_url)).json).toMatchObject({
      error: { code: 'provider_unavailable' },
    })
    idp.metadata = { issuer: 'https://evil.example' }
    const other = await addProvider()
    expect((await new TestBrowser().send(other.start_url)).json).toMatchObject({
      error: { code: 'provider_unavailable' },
    })
  })

  test('a provider in the private network, or at the metadata service of a cloud', async () => {
    for (const issuer of ['https://10.0.0.1', 'https://169.254.169.254', 'https://[fd00::1]']) {
      const inside = await addProvider({ issuer })
      const start = await new TestBrowser().send(inside.start_url)
      expect(start.json, issuer).toMatchObject({ error: { code: 'provider_unavailable' } })
    }
    idp.metadata = { token_endpoint: 'https://169.254.169.254/token' }
    const turning = await addProvider()
    expect((await come(token(), {}, turning)).json).toMatchObject({ error: { code: 'sign_in_refused' } })
  })
})
