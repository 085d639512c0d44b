import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  CLIENT,
  type GoodOpenIdProvider,
  passProvider,
  startGoodOpenIdProvider,
} from '../../testing/good-openid-provider.ts'
import { PASSWORD, type SignInWorld, startSignInWorld } from '../../testing/sign-in-world.ts'
import { TestBrowser } from '../../testing/test-browser.ts'
import { challengeHost } from '../domains/domain-rules.ts'

let world: SignInWorld
let idp: GoodOpenIdProvider
let owner: TestBrowser
let provider: { id: string; start_url: string; callback_url: string }
const redirectUris: string[] = []

const settings = (fields: object = {}) => ({
  kind: 'oidc',
  issuer: idp.issuer,
  client_id: CLIENT.id,
  scopes: ['openid', 'email', 'profile', 'groups'],
  group_mapping: [
    { group: 'ecomind-admins', role: 'admin' },
    { group: 'ml', role: 'analyst', scope: { kind: 'team', id: 'ml' } },
  ],
  default_grant: { role: 'viewer' },
  create_users: true,
  ...fields,
})

beforeAll(async () => {
  world = await startSignInWorld()
  for (const org of ['org_a', 'org_b']) await world.addOrganisation(org)
  idp = await startGoodOpenIdProvider(() => redirectUris)
  owner = await world.signedIn('owner@org_a.example')
  const made = await owner.ask('POST', `${world.url}/v1/auth/providers?org_id=org_a`, {
    name: 'Company login',
    settings: settings(),
    client_secret: CLIENT.secret,
  })
  expect(made.status).toBe(201)
  provider = made.json as typeof provider
  redirectUris.push(provider.callback_url)
})
afterAll(async () => {
  await world?.stop()
  await idp?.stop()
})
beforeEach(async () => {
  await world.database.query('DELETE FROM ecomind.sign_in_attempts')
})

const isHome = (url: URL) => url.origin === world.url && !url.pathname.startsWith('/v1/auth/')
const isCallback = (url: URL) => url.pathname.endsWith('/callback')
const come = (browser: TestBrowser, login: string, returnTo = '/usage?from=2026-01-01') =>
  passProvider(browser, `${provider.start_url}?return_to=${encodeURIComponent(returnTo)}`, login, isHome)
const me = async (browser: TestBrowser) => (await browser.ask('GET', `${world.url}/v1/auth/me`)).json
const patch = async (body: object) => {
  const answer = await owner.ask('PATCH', `${world.url}/v1/auth/providers/${provider.id}?org_id=org_a`, body)
  expect(answer.status, answer.text).toBe(200)
}

describe('sign-in by an OpenID provider', () => {
  test('makes a person at their first sign-in, with the roles of their groups, and leads on to the page', async () => {
    const person = { email: 'Mia@org_a.example', email_verified: true, name: 'Mia', groups: ['ml', 'other'] }
    idp.people.set('mia', person)
    const browser = new TestBrowser()
    const seen = await come(browser, 'mia')
    expect(seen.url).toBe(`${world.url}/usage?from=2026-01-01`)
    expect(await me(browser)).toMatchObject({
      kind: 'session',
      organisations: [
        {
          org_id: 'org_a',
          email: 'mia@org_a.example',
          display_name: 'Mia',
          method: provider.id,
          roles: [{ role: 'analyst', scope: 'team/ml' }],
        },
      ],
    })
    const actions = (await world.audit('org_a')).map((e) => e.action)
    expect(actions).toEqual(expect.arrayContaining(['create', 'change_roles', 'sign_in']))
  })

  test('changes the roles of groups with each sign-in and leaves those from elsewhere', async () => {
    idp.people.set('mia', { email: 'mia@org_a.example', email_verified: true, name: 'Mia', groups: ['ecomind-admins'] })
    const [row] = await world.database.query<{ id: string }>(
      "SELECT id FROM ecomind.users WHERE email = 'mia@org_a.example'",
    )
    await world.database.query(
      `INSERT INTO ecomind.memberships (org_id, user_id, role, scope_kind, source, created_at)
       VALUES ('org_a', $1, 'billing', 'organisation', 'manual', now())`,
      [row?.id ?? ''],
    )
    const browser = new TestBrowser()
    await come(browser, 'mia')
    expect(await me(browser)).toMatchObject({ organisations: [{ roles: [{ role: 'admin' }, { role: 'billing' }] }] })
  })

  test('knows a person by the subject when their e-mail changes, and not by an e-mail that was given away', async () => {
    idp.people.set('mia', { email: 'mia.new@org_a.example', email_verified: true, name: 'Mia', groups: [] })
    const browser = new TestBrowser()
    await come(browser, 'mia')
    expect(await me(browser)).toMatchObject({ organisations: [{ email: 'mia@org_a.example' }] })
    idp.people.set('mallory', {
      email: 'mia@org_a.example',
      email_verified: true,
      name: 'M',
      groups: ['ecomind-admins'],
    })
    const other = new TestBrowser()
    const seen = await come(other, 'mallory')
    expect(seen.json).toMatchObject({ error: { code: 'sign_in_refused' } })
    expect((await world.audit('org_a')).at(-1)).toMatchObject({
      outcome: 'refused',
      after: { reason: 'email_of_another_subject' },
    })
  })

  test('links somebody who is there once their e-mail is verified, and no owner where owners may not come this way', async () => {
    await world.addPerson('org_a', 'noah', 'analyst')
    idp.people.set('noah', { email: 'noah@org_a.example', email_verified: false, groups: [] })
    expect((await come(new TestBrowser(), 'noah')).json).toMatchObject({ error: { code: 'sign_in_refused' } })
    idp.people.set('noah', { email: 'noah@org_a.example', email_verified: true, groups: [] })
    const browser = new TestBrowser()
    await come(browser, 'noah')
    expect(await me(browser)).toMatchObject({ organisations: [{ user_id: 'noah' }] })
    idp.people.set('boss', { email: 'owner@org_a.example', email_verified: true, groups: [] })
    expect((await come(new TestBrowser(), 'boss')).json).toMatchObject({ error: { code: 'sign_in_refused' } })
    await patch({ settings: settings({ may_sign_in_owners: true }) })
    const boss = new TestBrowser()
    await come(boss, 'boss')
    expect(await me(boss)).toMatchObject({ organisations: [{ email: 'owner@org_a.example' }] })
    await patch({ settings: settings() })
  })

  test('refuses strangers where nobody is made, and other domains where domains are stated', async () => {
    idp.people.set('zoe', { email: 'zoe@elsewhere.example', email_verified: true, groups: [] })
    await patch({ settings: settings({ create_users: false }) })
    expect((await come(new TestBrowser(), 'zoe')).json).toMatchObject({ error: { code: 'sign_in_refused' } })
    await patch({ settings: settings({ domains: ['corp.example.com'] }) })
    expect((await come(new TestBrowser(), 'zoe')).json).toMatchObject({ error: { code: 'sign_in_refused' } })
    await patch({ settings: settings() })
  })

  test('never opens another organisation', async () => {
    idp.people.set('spy', { email: 'owner@org_b.example', email_verified: true, groups: ['ecomind-admins'] })
    const browser = new TestBrowser()
    await come(browser, 'spy')
    expect(await me(browser)).toMatchObject({ organisations: [{ org_id: 'org_a', email: 'owner@org_b.example' }] })
    expect((await browser.ask('GET', `${world.url}/v1/auth/providers?org_id=org_b`)).status).toBe(404)
  })

  test.each(['https://evil.example/', '//evil.example', '/\\evil.example'])('leads nowhere else: %s', async (to) => {
    expect((await come(new TestBrowser(), 'noah', to)).url).toBe(`${world.url}/`)
  })

  test('takes a code once, and only in the browser that began', async () => {
    const browser = new TestBrowser()
    const back = await passProvider(browser, provider.start_url, 'noah', isCallback)
    const other = new TestBrowser()
    expect((await other.send(back.url)).json).toMatchObject({ error: { code: 'sign_in_refused' } })
    expect((await browser.send(back.url)).json).toMatchObject({ error: { code: 'sign_in_refused' } })
    const second = await passProvider(browser, provider.start_url, 'noah', isCallback)
    expect((await browser.send(second.url)).status).toBe(303)
    expect((await browser.send(second.url)).status).toBe(403)
  })

  test("does not take another one's code into a flow of its own", async () => {
    const [attacker, victim] = [new TestBrowser(), new TestBrowser()]
    const stolen = new URL((await passProvider(victim, provider.start_url, 'mia', isCallback)).url)
    const own = new URL((await passProvider(attacker, provider.start_url, 'noah', isCallback)).url)
    own.searchParams.set('code', stolen.searchParams.get('code') ?? '')
    expect((await attacker.send(own.href)).json).toMatchObject({ error: { code: 'sign_in_refused' } })
  })

  test('is over after ten minutes, and leads a person back to the sign-in page', async () => {
    const browser = new TestBrowser()
    const back = await passProvider(browser, provider.start_url, 'noah', isCallback)
    world.clock.nowMs += 600_001
    const seen = await browser.send(back.url, { headers: { accept: 'text/html' } })
    expect(seen.status).toBe(303)
    expect(seen.headers.get('location')).toMatch(/^\/sign-in\?error=sign_in_refused&request_id=/)
  })

  test('signs everybody out who came by a provider that is disabled', async () => {
    const browser = new TestBrowser()
    await come(browser, 'noah')
    await patch({ enabled: false })
    expect((await browser.ask('GET', `${world.url}/v1/auth/me`)).status).toBe(401)
    expect((await new TestBrowser().send(provider.start_url)).status).toBe(404)
    await patch({ enabled: true })
  })
})

describe('/v1/auth/providers', () => {
  test('never shows a client secret, in the answer, the audit or the store', async () => {
    const list = await owner.ask('GET', `${world.url}/v1/auth/providers?org_id=org_a`)
    expect(list.json).toMatchObject({ items: [{ id: provider.id, has_client_secret: true }] })
    const stored = await world.database.query('SELECT * FROM ecomind.identity_providers')
    const audit = await world.audit('org_a')
    for (const text of [list.text, JSON.stringify(stored), JSON.stringify(audit), world.logLines.join('')])
      expect(text).not.toContain(CLIENT.secret)
  })

  test('keeps a client secret for the issuer and client that it was given for', async () => {
    const address = (path = '') => `${world.url}/v1/auth/providers${path}?org_id=org_a`
    const made = await owner.ask('POST', address(), { name: 'x', settings: settings(), client_secret: CLIENT.secret })
    const change = async (body: object) =>
      (await owner.ask('PATCH', address(`/${(made.json as { id: string }).id}`), body)).json
    expect(await change({ name: 'y' })).toMatchObject({ has_client_secret: true })
    const elsewhere = settings({ issuer: 'https://elsewhere.example' })
    expect(await change({ settings: elsewhere })).toMatchObject({ has_client_secret: false })
    const anotherClient = { settings: settings(), client_secret: CLIENT.secret }
    expect(await change(anotherClient)).toMatchObject({ has_client_secret: true })
  })

  test('lets no administrator open a way to become an owner', async () => {
    await world.addPerson('org_a', 'adm2', 'admin')
    const admin = await world.signedIn('adm2@org_a.example')
    const make = (fields: object) =>
      admin.ask('POST', `${world.url}/v1/auth/providers?org_id=org_a`, { name: 'x', settings: settings(fields) })
    expect((await make({ may_sign_in_owners: true })).status).toBe(403)
    expect((await make({ default_grant: { role: 'owner' } })).status).toBe(403)
    expect((await make({ group_mapping: [{ group: 'g', role: 'owner' }] })).status).toBe(403)
    expect((await make({})).status).toBe(201)
  })

  test('is not there for viewers and other organisations', async () => {
    await world.addPerson('org_a', 'view2', 'viewer')
    const viewer = await world.signedIn('view2@org_a.example')
    expect((await viewer.ask('GET', `${world.url}/v1/auth/providers?org_id=org_a`)).status).toBe(403)
    const other = await world.signedIn('owner@org_b.example')
    expect(
      (await other.ask('PATCH', `${world.url}/v1/auth/providers/${provider.id}?org_id=org_b`, { enabled: false }))
        .status,
    ).toBe(404)
    expect((await other.ask('DELETE', `${world.url}/v1/auth/providers/${provider.id}?org_id=org_b`)).status).toBe(404)
  })
})

describe('domains', () => {
  const domain = 'corp.example.com'
  const url = (path: string, org = 'org_a') => `${world.url}/v1/auth/domains${path}?org_id=${org}`

  test('are verified by DNS, belong to one organisation, and can require the provider but for break-glass accounts', async () => {
    const made = await owner.ask('POST', url(''), { name: 'Corp.Example.com' })
    expect(made.json).toMatchObject({ name: domain, dns_host: challengeHost(domain), verified_at: null })
    const { dns_value } = made.json as { dns_value: string }
    expect((await owner.ask('PATCH', url(`/${domain}`), { sso_required: true })).status).toBe(409)
    expect((await owner.ask('POST', url(`/${domain}/verify`))).json).toMatchObject({
      error: { code: 'domain_not_verified' },
    })
    world.txt.set(challengeHost(domain), [['v=spf1'], [dns_value]])
    expect((await owner.ask('POST', url(`/${domain}/verify`))).json).toMatchObject({ verified_at: expect.any(String) })

    const other = await world.signedIn('owner@org_b.example')
    const theirs = (await other.ask('POST', url('', 'org_b'), { name: domain })).json as { dns_value: string }
    world.txt.set(challengeHost(domain), [[dns_value], [theirs.dns_value]])
    expect((await other.ask('POST', url(`/${domain}/verify`, 'org_b'))).status).toBe(409)

    await world.addPerson('org_a', 'corp1', 'viewer', { email: `corp1@${domain}` })
    await world.addPerson('org_a', 'corp2', 'owner', { email: `corp2@${domain}` })
    const glass = (id: string, on: boolean) =>
      owner.ask('PUT', `${world.url}/v1/auth/accounts/${id}/break-glass?org_id=org_a`, { break_glass: on })
    expect((await glass('corp1', true)).status).toBe(409)
    expect((await glass('corp2', true)).status).toBe(200)
    expect((await owner.ask('PATCH', url(`/${domain}`), { sso_required: true })).status).toBe(200)

    const login = (id: string, password: string) =>
      new TestBrowser().ask('POST', `${world.url}/v1/auth/login`, { email: `${id}@${domain}`, password })
    expect((await login('corp1', PASSWORD)).json).toMatchObject({ error: { code: 'sso_required' } })
    expect((await login('corp1', 'not the right one')).json).toMatchObject({ error: { code: 'invalid_credentials' } })
    expect((await login('corp2', PASSWORD)).status).toBe(200)
    expect((await world.audit('org_a')).map((e) => e.action)).toContain('break_glass_used')
    expect(world.logLines.join('')).toContain('a break-glass account was used')

    const methods = await new TestBrowser().send(`${world.url}/v1/auth/methods?email=anyone@${domain}`)
    expect(methods.json).toMatchObject({
      sso_required: true,
      providers: expect.arrayContaining([expect.objectContaining({ id: provider.id })]),
    })
  })

  test('of an organisation that has ended are free, and require nothing', async () => {
    const name = 'moved.example.com'
    await world.addOrganisation('org_ended')
    await world.database.query(
      `INSERT INTO ecomind.domains (org_id, name, challenge, created_at, verified_at, sso_required)
       VALUES ('org_ended', $1, 'x', now(), now(), true)`,
      [name],
    )
    await world.database.query("UPDATE ecomind.organisations SET deleted_at = now() WHERE id = 'org_ended'")
    const methods = await new TestBrowser().send(`${world.url}/v1/auth/methods?email=anyone@${name}`)
    expect(methods.json).toMatchObject({ sso_required: false })
    const made = (await owner.ask('POST', url(''), { name })).json as { dns_value: string }
    world.txt.set(challengeHost(name), [[made.dns_value]])
    const verified = await owner.ask('POST', url(`/${name}/verify`))
    expect([verified.status, verified.json]).toEqual([200, expect.objectContaining({ sso_required: false })])
  })

  test('at which anyone gets an address are nobody’s', async () => {
    expect((await owner.ask('POST', url(''), { name: 'gmail.com' })).status).toBe(400)
  })
})
