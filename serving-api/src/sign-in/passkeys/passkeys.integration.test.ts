import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type SignInWorld, startSignInWorld } from '../../testing/sign-in-world.ts'
import { SoftwareAuthenticator } from '../../testing/software-authenticator.ts'
import { TestBrowser } from '../../testing/test-browser.ts'

let world: SignInWorld
beforeAll(async () => {
  world = await startSignInWorld()
  await world.addOrganisation('org_a')
})
afterAll(async () => {
  await world?.stop()
})
beforeEach(async () => {
  await world.database.query('DELETE FROM ecomind.sign_in_attempts')
})

type Options = { challenge: string; rp: { id: string }; rpId: string }
const post = (browser: TestBrowser, path: string, body: unknown) =>
  browser.ask('POST', `${world.url}/v1/auth/passkeys${path}`, body)

async function registered(id: string) {
  await world.addPerson('org_a', id, 'viewer')
  const browser = await world.signedIn(`${id}@org_a.example`)
  const options = (await post(browser, '/options', { org_id: 'org_a' })).json as Options
  const authenticator = new SoftwareAuthenticator()
  const response = authenticator.register(options, world.url)
  const answer = await post(browser, '', { org_id: 'org_a', name: 'Laptop', response })
  return { browser, authenticator, answer, response }
}

const begin = async (browser: TestBrowser) => (await post(browser, '/sign-in/options', undefined)).json as Options
const finish = (browser: TestBrowser, response: unknown) => post(browser, '/sign-in', { response })

test('a passkey is registered, listed, used and removed', async () => {
  const { browser, authenticator, answer } = await registered('pk1')
  expect(answer.status).toBe(201)
  const list = await browser.ask('GET', `${world.url}/v1/auth/passkeys?org_id=org_a`)
  expect(list.json).toMatchObject({ items: [{ name: 'Laptop', last_used_at: null }] })
  const other = new TestBrowser()
  const signedIn = await finish(other, authenticator.authenticate(await begin(other), world.url))
  expect(signedIn.json).toMatchObject({ org_id: 'org_a', user_id: 'pk1' })
  const me = await other.ask('GET', `${world.url}/v1/auth/me`)
  expect(me.json).toMatchObject({ organisations: [{ method: 'passkey' }] })
  const id = authenticator.id.toString('base64url')
  expect((await browser.ask('DELETE', `${world.url}/v1/auth/passkeys/${id}?org_id=org_a`)).status).toBe(200)
  const third = new TestBrowser()
  expect((await finish(third, authenticator.authenticate(await begin(third), world.url))).status).toBe(401)
})

test('an answer works once, in the browser that asked, and for ten minutes', async () => {
  const { authenticator } = await registered('pk2')
  const browser = new TestBrowser()
  const response = authenticator.authenticate(await begin(browser), world.url)
  expect((await finish(new TestBrowser(), response)).status).toBe(403)
  expect((await finish(browser, response)).status).toBe(401)
  const again = authenticator.authenticate(await begin(browser), world.url)
  expect((await finish(browser, again)).status).toBe(200)
  expect((await finish(browser, again)).status).toBe(401)
  const late = authenticator.authenticate(await begin(browser), world.url)
  world.clock.nowMs += 600_001
  expect((await finish(browser, late)).status).toBe(401)
})

test('a wrong origin, host, challenge, key or counter is refused, and a person who was not checked', async () => {
  const { authenticator } = await registered('pk3')
  const browser = new TestBrowser()
  const tries: ((options: Options) => unknown)[] = [
    (o) => authenticator.authenticate(o, 'https://evil.example'),
    (o) => authenticator.authenticate({ ...o, rpId: 'evil.example' }, world.url),
    (o) => authenticator.authenticate({ ...o, challenge: 'A'.repeat(43) }, world.url),
    (o) => {
      const other = new SoftwareAuthenticator()
      return { ...other.authenticate(o, world.url), id: authenticator.id.toString('base64url') }
    },
    (o) => {
      authenticator.verifiesUser = false
      const response = authenticator.authenticate(o, world.url)
      authenticator.verifiesUser = true
      return response
    },
  ]
  for (const [i, attempt] of tries.entries())
    expect((await finish(browser, attempt(await begin(browser)))).status, `try ${i}`).toBe(401)
  expect((await finish(browser, authenticator.authenticate(await begin(browser), world.url))).status).toBe(200)
  // A copy of the key that counts on its own.
  authenticator.counter = 0
  expect((await finish(browser, authenticator.authenticate(await begin(browser), world.url))).status).toBe(401)
})

test('a registration of one person is no registration of another, and works once', async () => {
  const { browser, response } = await registered('pk4')
  expect((await post(browser, '', { org_id: 'org_a', name: 'Again', response })).status).toBe(401)
  await world.addPerson('org_a', 'pk5', 'viewer')
  const other = await world.signedIn('pk5@org_a.example')
  const options = (await post(browser, '/options', { org_id: 'org_a' })).json as Options
  const stolen = new SoftwareAuthenticator().register(options, world.url)
  expect((await post(other, '', { org_id: 'org_a', name: 'Mine', response: stolen })).status).toBe(401)
})
