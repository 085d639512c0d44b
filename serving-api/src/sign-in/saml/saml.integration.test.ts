import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  encodeResponse,
  makeSamlIdentityProvider,
  type SamlIdentityProvider,
  samlRequestIn,
} from '../../testing/saml-identity-provider.ts'
import { type SignInWorld, startSignInWorld } from '../../testing/sign-in-world.ts'
import { TestBrowser } from '../../testing/test-browser.ts'
import { challengeHost } from '../domains/domain-rules.ts'

const DOMAIN = 'corp.example.com'
let world: SignInWorld
let idp: SamlIdentityProvider
let owner: TestBrowser
let provider: { id: string; start_url: string; callback_url: string; entity_id: string }

beforeAll(async () => {
  world = await startSignInWorld()
  await world.addOrganisation('org_a')
  idp = await makeSamlIdentityProvider()
  owner = await world.signedIn('owner@org_a.example')
  const made = await owner.ask('POST', `${world.url}/v1/auth/providers?org_id=org_a`, {
    name: 'Company SAML',
    settings: {
      kind: 'saml',
      entity_id: idp.entityId,
      sso_url: 'https://idp.example/sso',
      certificates: [idp.certificate],
      group_mapping: [{ group: 'ml', role: 'analyst' }],
      create_users: true,
    },
  })
  expect(made.status, made.text).toBe(201)
  provider = made.json as typeof provider
  const domain = `${world.url}/v1/auth/domains`
  const { dns_value } = (await owner.ask('POST', `${domain}?org_id=org_a`, { name: DOMAIN })).json as {
    dns_value: string
  }
  world.txt.set(challengeHost(DOMAIN), [[dns_value]])
  expect((await owner.ask('POST', `${domain}/${DOMAIN}/verify?org_id=org_a`)).status).toBe(200)
})
afterAll(async () => {
  await world?.stop()
})
beforeEach(async () => {
  await world.database.query('DELETE FROM ecomind.sign_in_attempts')
})

const person = (name: string, domain = DOMAIN) => ({
  nameId: name,
  attributes: { email: `${name}@${domain}`, name, groups: ['ml'] },
})

async function begin(browser: TestBrowser, returnTo = '/usage') {
  const start = await browser.send(`${provider.start_url}?return_to=${encodeURIComponent(returnTo)}`)
  return samlRequestIn(start.headers.get('location') ?? '').id
}

const answerTo = (requestId: string, who = person('mia'), change = {}) =>
  idp.answer({ audience: provider.entity_id, acs: provider.callback_url, requestId }, who, change)

/** As the provider's page does it: from elsewhere and without our cookies. */
const post = (xml: string) =>
  new TestBrowser().send(provider.callback_url, {
    method: 'POST',
    body: new URLSearchParams({ SAMLResponse: encodeResponse(xml), RelayState: 'https://evil.example' }).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://idp.example' },
  })
const finish = (browser: TestBrowser, posted: { headers: Headers }) =>
  browser.send(new URL(posted.headers.get('location') ?? '', world.url).href)
const isSignedIn = async (browser: TestBrowser) => (await browser.ask('GET', `${world.url}/v1/auth/me`)).status === 200

test('a person comes by SAML, is made with the roles of their groups, and gets to the page they wanted', async () => {
  const browser = new TestBrowser()
  const posted = await post(await answerTo(await begin(browser)))
  expect(posted.status, posted.text).toBe(303)
  const done = await finish(browser, posted)
  expect(done.headers.get('location')).toBe('/usage')
  const me = await browser.ask('GET', `${world.url}/v1/auth/me`)
  expect(me.json).toMatchObject({
    organisations: [
      { email: `mia@${DOMAIN}`, method: provider.id, roles: [{ role: 'analyst', scope: 'organisation' }] },
    ],
  })
})

test('a response counts once', async () => {
  const browser = new TestBrowser()
  const xml = await answerTo(await begin(browser))
  const first = await post(xml)
  expect(first.status).toBe(303)
  expect((await post(xml)).status).toBe(403)
  expect((await finish(browser, first)).status).toBe(303)
  expect((await finish(browser, first)).status).toBe(403)
})

test('an assertion counts once, also as the answer to another request', async () => {
  const browser = new TestBrowser()
  const requestId = await begin(browser)
  const xml = await answerTo(requestId)
  expect((await post(xml)).status).toBe(303)
  // The request is open again: only the note of the assertion is left to refuse it.
  const flow = { kind: 'saml', key: requestId, providerId: provider.id, data: { returnTo: '/' } } as const
  const { saveFlow } = await import('../flows.ts')
  await world.signIn.keep((queries) => saveFlow(world.signIn, queries, 'x', flow))
  expect((await post(xml)).status).toBe(403)
  expect((await world.audit('org_a')).at(-1)?.after).toMatchObject({ reason: 'an assertion that was used before' })
})

test('a response in the hands of another browser signs nobody in', async () => {
  const [attacker, victim] = [new TestBrowser(), new TestBrowser()]
  const posted = await post(await answerTo(await begin(attacker), person('mallory')))
  expect((await finish(victim, posted)).status).toBe(403)
  expect(await isSignedIn(victim)).toBe(false)
})

test('a response that nobody asked for, that comes late, or to another provider is refused', async () => {
  const browser = new TestBrowser()
  expect((await post(await answerTo('_never_asked'))).status).toBe(403)
  const late = await answerTo(await begin(browser))
  world.clock.nowMs += 600_001
  expect((await post(late)).status).toBe(403)
  world.clock.nowMs = Date.now()
  expect((await new TestBrowser().send(`${world.url}/v1/auth/saml/idp_nowhere/start`)).status).toBe(404)
})

test('a refused response uses the request up', async () => {
  const browser = new TestBrowser()
  const requestId = await begin(browser)
  const good = await answerTo(requestId)
  expect((await post(good.replace('>mia<', '>owner<'))).status).toBe(403)
  expect((await post(good)).status).toBe(403)
  expect(await isSignedIn(browser)).toBe(false)
})

test('an e-mail of a domain that the organisation has not verified makes and links nobody', async () => {
  const browser = new TestBrowser()
  const posted = await post(await answerTo(await begin(browser), person('noah', 'elsewhere.example')))
  expect((await finish(browser, posted)).status).toBe(403)
  expect((await world.audit('org_a')).at(-1)?.after).toMatchObject({ reason: 'email_not_verified' })
})

test('/metadata is what an identity provider asks for', async () => {
  const seen = await new TestBrowser().send(provider.entity_id)
  expect(seen.headers.get('content-type')).toBe('application/samlmetadata+xml')
  expect(seen.text).toContain(provider.callback_url)
})

test('/acs takes forms only', async () => {
  const json = await new TestBrowser().send(provider.callback_url, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  })
  expect(json.status).toBe(415)
})
