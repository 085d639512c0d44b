import { createHmac, generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type JWTPayload, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SignInWorld, startSignInWorld } from '../../testing/sign-in-world.ts'
import { TestBrowser } from '../../testing/test-browser.ts'

let world: SignInWorld
let jwks: Server
let jwksUri: string
let owner: TestBrowser
let asked = 0
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ISSUER = 'https://ci.example'
const AUDIENCE = 'https://ecomind.example/org_a'

const issuers = (path = '', org = 'org_a') => `${world.url}/v1/auth/token-issuers${path}?org_id=${org}`
const settings = { name: 'CI', algorithms: ['RS256'], rules: [{ subject: 'job:*', grants: [{ role: 'admin' }] }] }

beforeAll(async () => {
  world = await startSignInWorld()
  for (const org of ['org_a', 'org_b']) await world.addOrganisation(org)
  const keys = [
    { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'r' },
    { ...ec.publicKey.export({ format: 'jwk' }), kid: 'e' },
  ]
  jwks = createServer((_req, res) => {
    asked++
    res.writeHead(200, { 'content-type': 'application/json' })
    res.end(JSON.stringify({ keys }))
  })
  await new Promise<void>((resolve) => jwks.listen(0, '127.0.0.1', resolve))
  jwksUri = `http://127.0.0.1:${(jwks.address() as AddressInfo).port}/jwks`
  owner = await world.signedIn('owner@org_a.example')
  const made = await owner.ask('POST', issuers(), { issuer: ISSUER, audience: AUDIENCE, jwks_uri: jwksUri, settings })
  expect(made.status, made.text).toBe(201)
})
afterAll(async () => {
  await world?.stop()
  await new Promise<void>((resolve) => jwks.close(() => resolve()))
})

const nowS = () => Math.floor(world.clock.nowMs / 1000)
const good = (): JWTPayload => ({ iss: ISSUER, aud: AUDIENCE, sub: 'job:1', iat: nowS(), exp: nowS() + 600 })
const without = (claim: string): JWTPayload =>
  Object.fromEntries(Object.entries(good()).filter(([name]) => name !== claim))
const sign = (payload: JWTPayload, header = {}, key: KeyObject = rsa.privateKey) =>
  new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'r', ...header }).sign(key)
/** Headers that the library refuses to sign, too. */
function signRaw(header: object, payload: JWTPayload): string {
  const head = `${part(header)}.${part(payload)}`
  return `${head}.${signBytes('sha256', Buffer.from(head), rsa.privateKey).toString('base64url')}`
}
const me = async (token: string) =>
  await new TestBrowser().send(`${world.url}/v1/auth/me`, { headers: { authorization: `Bearer ${token}` } })
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('a token of a trusted issuer', () => {
  test('is a principal with the grants of its rules, in its organisation only', async () => {
    const token = await sign(good())
    const seen = await me(token)
    expect(seen.json).toMatchObject({ kind: 'token', csrf_token: null, organisations: [{ org_id: 'org_a' }] })
    const headers = { authorization: `Bearer ${token}` }
    expect((await new TestBrowser().send(issuers(), { headers })).status).toBe(200)
    expect((await new TestBrowser().send(issuers('', 'org_b'), { headers })).status).toBe(404)
  })

  test('needs no CSRF token, as no page can send it', async () => {
    const answer = await new TestBrowser().send(`${world.url}/v1/auth/domains?org_id=org_a`, {
      method: 'POST',
      body: '{"name":"tok.example.com"}',
      headers: { authorization: `Bearer ${await sign(good())}`, 'content-type': 'application/json' },
    })
    expect(answer.status).toBe(201)
    expect((await world.audit('org_a')).at(-1)).toMatchObject({
      actor: expect.stringMatching(/^token\/iss_.*\/job:1$/),
    })
  })

  test('may differ by half a minute in time, and the keys are fetched once', async () => {
    await me(await sign(good()))
    const before = asked
    expect((await me(await sign({ ...good(), iat: nowS() + 20, exp: nowS() + 600 }))).status).toBe(200)
    expect((await me(await sign({ ...good(), exp: nowS() - 20 }))).status).toBe(200)
    for (let i = 0; i < 5; i++) await me(await sign(good(), { kid: `unknown-${i}` }))
    expect(asked - before).toBeLessThanOrEqual(1)
  })

  const other = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const bad: [string, () => Promise<string>][] = [
    ['is expired', () => sign({ ...good(), iat: nowS() - 700, exp: nowS() - 60 })],
    ['is not valid yet', () => sign({ ...good(), nbf: nowS() + 120 })],
    ['was made in the future', () => sign({ ...good(), iat: nowS() + 120 })],
    ['lives longer than an hour', () => sign({ ...good(), exp: nowS() + 3700 })],
    ['has no expiry', () => sign(without('exp'))],
    ['has no time of issue', () => sign(without('iat'))],
    ['has no subject', () => sign(without('sub'))],
    ['has a subject without a rule', () => sign({ ...good(), sub: 'other' })],
    ['is for another audience', () => sign({ ...good(), aud: 'https://ecomind.example/org_b' })],
    ['is of another issuer', () => sign({ ...good(), iss: 'https://evil.example' })],
    ['is for another purpose', () => sign(good(), { typ: 'logout+jwt' })],
    [
      'has an extension that must be understood',
      async () => signRaw({ alg: 'RS256', kid: 'r', crit: ['x'], x: 1 }, good()),
    ],
    ['is signed by somebody else', () => sign(good(), {}, other.privateKey)],
    ['brings its own key', () => sign(good(), { jwk: other.publicKey.export({ format: 'jwk' }) }, other.privateKey)],
    ['names an address for its key', () => sign(good(), { jku: 'https://evil.example/jwks' }, other.privateKey)],
    ['has an algorithm that is not stated', () => sign(good(), { alg: 'ES256', kid: 'e' }, ec.privateKey)],
    ['has no signature', async () => `${part({ alg: 'none' })}.${part(good())}.`],
    ['has no signature and a dot', async () => `${part({ alg: 'none' })}.${part(good())}.AA`],
    [
      'is HS256 with the public key as the secret',
      async () => {
        const head = `${part({ alg: 'HS256', kid: 'r' })}.${part(good())}`
        const secret = rsa.publicKey.export({ type: 'spki', format: 'pem' })
        return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`
      },
    ],
    [
      'was changed',
      async () => {
        const [head, , signature] = (await sign(good())).split('.')
        return `${head}.${part({ ...good(), sub: 'job:2' })}.${signature}`
      },
    ],
  ]
  test.each(bad)('is refused when it %s', async (_what, make) => {
    expect((await me(await make())).status).toBe(401)
  })

  test('is refused at once when its issuer is no longer trusted', async () => {
    const second = await owner.ask('POST', issuers(), {
      issuer: 'https://second.example',
      audience: AUDIENCE,
      jwks_uri: jwksUri,
      settings,
    })
    const { id } = second.json as { id: string }
    const token = await sign({ ...good(), iss: 'https://second.example' })
    expect((await me(token)).status).toBe(200)
    expect((await owner.ask('DELETE', issuers(`/${id}`))).status).toBe(200)
    expect((await me(token)).status).toBe(401)
  })
})

describe('/v1/auth/token-issuers', () => {
  test('wants an audience that names the organisation', async () => {
    const other = await world.signedIn('owner@org_b.example')
    const make = (audience?: string) =>
      other.ask('POST', issuers('', 'org_b'), { issuer: ISSUER, audience, jwks_uri: jwksUri, settings })
    expect((await make(AUDIENCE)).status).toBe(400)
    const made = await make()
    expect(made.json).toMatchObject({ audience: `${world.url}/v1/orgs/org_b` })
    expect((await make()).status).toBe(409)
  })

  test('lets no administrator make owners of tokens', async () => {
    await world.addPerson('org_a', 'adm3', 'admin')
    const admin = await world.signedIn('adm3@org_a.example')
    const rules = [{ subject: 'job:*', grants: [{ role: 'owner' }] }]
    const body = {
      issuer: 'https://x.example',
      audience: AUDIENCE,
      jwks_uri: jwksUri,
      settings: { ...settings, rules },
    }
    expect((await admin.ask('POST', issuers(), body)).status).toBe(403)
    expect((await owner.ask('POST', issuers(), body)).status).toBe(201)
  })
})
