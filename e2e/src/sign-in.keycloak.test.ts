/** People of a real Keycloak sign in through a real Chromium, by OpenID Connect and by SAML. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { launchChromium, openPage } from './harness/chromium.ts'
import { KEYCLOAK_PASSWORD, type Keycloak, startKeycloak } from './harness/keycloak.ts'
import { PASSWORD, type ProductionApi, startProductionApi } from './harness/production-api.ts'
import { askAsPage, chooseInMenu, giveEmail, givePassword } from './harness/signed-in-page.ts'

const DOMAIN = 'keycloak.example'
const SECRET = 'test-client-secret-of-32-letters'
const BY_OIDC = 'Keycloak'
const BY_SAML = 'Keycloak by SAML'

interface MadeProvider {
  readonly id: string
  readonly callback_url: string
  readonly entity_id: string | null
}

let keycloak: Keycloak
let api: ProductionApi
let browser: Browser
let owner: Page
let oidc: MadeProvider
let saml: MadeProvider

/** By the owner, in their browser. */
async function change(method: string, path: string, body?: unknown): Promise<unknown> {
  const { status, json } = await askAsPage(owner, method, path, body)
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(json)}`)
  return json
}

const people = {
  groups_attribute: 'groups',
  group_mapping: [
    { group: 'analysts', role: 'analyst' },
    { group: 'admins', role: 'admin' },
  ],
  create_users: true,
}

beforeAll(async () => {
  const [started, serving] = await Promise.all([startKeycloak(), startProductionApi([])])
  keycloak = started
  api = serving
  browser = await launchChromium()
  await api.addOrganisation('acme', 'Acme')
  owner = (await openPage(browser)).page
  await owner.goto(`${api.url}/sign-in`)
  await givePassword(owner, 'owner@acme.example', PASSWORD)
  await owner.getByRole('button', { name: /^Account of/ }).waitFor()
  await verifyDomain()
  await connectKeycloak()
}, 600_000)
afterAll(async () => {
  await browser?.close()
  await api?.stop()
  await keycloak?.remove()
})

async function verifyDomain(): Promise<void> {
  const domain = await change('POST', '/v1/auth/domains?org_id=acme', { name: DOMAIN })
  const { dns_host: host, dns_value: value } = domain as { dns_host: string; dns_value: string }
  api.txt.set(host, [[value]])
  await change('POST', `/v1/auth/domains/${DOMAIN}/verify?org_id=acme`)
}

async function connectKeycloak(): Promise<void> {
  for (const group of ['analysts', 'admins', 'lunch']) await keycloak.addGroup(group)
  const { issuer } = keycloak
  oidc = (await change('POST', '/v1/auth/providers?org_id=acme', {
    name: BY_OIDC,
    settings: { kind: 'oidc', issuer, client_id: 'ecomind', ...people },
    client_secret: SECRET,
  })) as MadeProvider
  saml = (await change('POST', '/v1/auth/providers?org_id=acme', {
    name: BY_SAML,
    settings: {
      kind: 'saml',
      entity_id: issuer,
      sso_url: keycloak.samlUrl,
      certificates: [await keycloak.samlCertificate()],
      ...people,
    },
  })) as MadeProvider
  await keycloak.addOidcClient('ecomind', SECRET, oidc.callback_url)
  await keycloak.addSamlClient(saml.entity_id ?? '', saml.callback_url)
}

let context: BrowserContext
let page: Page
beforeEach(async () => {
  ;({ context, page } = await openPage(browser))
  return () => context.close()
})

const email = (username: string) => `${username}@${DOMAIN}`
const onDashboard = () => page.getByRole('button', { name: /^Account of/ }).waitFor()

/** From our sign-in page to Keycloak's, where the password is given, and back. */
async function come(username: string, provider: string, path = '/'): Promise<void> {
  await goToKeycloak(username, provider, path)
  await page.locator('#username').fill(username)
  await page.locator('#password').fill(KEYCLOAK_PASSWORD)
  await page.locator('#kc-login').click()
}

async function goToKeycloak(username: string, provider: string, path = '/'): Promise<void> {
  await page.goto(`${api.url}/sign-in?return_to=${encodeURIComponent(path)}`)
  await giveEmail(page, email(username))
  await page.getByRole('link', { name: `Continue with ${provider}`, exact: true }).click()
}

interface Me {
  readonly organisations: readonly {
    readonly email: string
    readonly method: string
    readonly roles: readonly { readonly role: string; readonly scope: string }[]
  }[]
}

async function me(): Promise<Me['organisations'][number] | undefined> {
  const answer = await context.request.get(`${api.url}/v1/auth/me`)
  return ((await answer.json()) as Me).organisations[0]
}

const newPerson = (username: string, ...groups: readonly string[]) =>
  keycloak.addPerson({ username, email: email(username), groups })

describe.each([
  { kind: 'OpenID Connect', name: BY_OIDC, prefix: 'o', provider: () => oidc },
  { kind: 'SAML', name: BY_SAML, prefix: 's', provider: () => saml },
])('sign-in by $kind', ({ name, prefix, provider }) => {
  it('makes the person at their first sign-in, with the role of their group, on the page that was wanted', async () => {
    const username = `${prefix}-anna`
    await newPerson(username, 'analysts', 'lunch')
    expect(await knownPeople(username)).toBe(0)
    await come(username, name, '/?period=7d&metric=co2_kg')
    await onDashboard()
    expect(new URL(page.url()).search).toBe('?period=7d&metric=co2_kg')
    expect(await me()).toMatchObject({
      email: email(username),
      method: provider().id,
      roles: [{ role: 'analyst', scope: 'organisation' }],
    })
    expect(await knownPeople(username)).toBe(1)
  })

  it('a group that was taken away takes its role along at the next sign-in', async () => {
    const username = `${prefix}-greta`
    await newPerson(username, 'analysts')
    await come(username, name)
    await onDashboard()
    expect((await me())?.roles).toHaveLength(1)
    await keycloak.leaveGroup(username, 'analysts')
    await chooseInMenu(page, /^Sign out$/)
    await page.getByText('You are signed out.').waitFor()
    // Keycloak still knows the browser and asks for nothing.
    await goToKeycloak(username, name)
    await onDashboard()
    expect((await me())?.roles).toEqual([])
    await page.getByText('These are your own calls').waitFor()
    expect(await knownPeople(username)).toBe(1)
  })

  it('sign-out ends the session here; the way back goes over Keycloak', async () => {
    const username = `${prefix}-otto`
    await newPerson(username, 'analysts')
    await come(username, name)
    await onDashboard()
    await chooseInMenu(page, /^Sign out$/)
    await page.getByText('You are signed out.').waitFor()
    expect((await context.request.get(`${api.url}/v1/auth/me`)).status()).toBe(401)
    await keycloak.endSessions(username)
    await goToKeycloak(username, name)
    await page.locator('#kc-login').waitFor()
  })
})

async function knownPeople(username: string): Promise<number> {
  const rows = await api.database.query('SELECT FROM ecomind.users WHERE email = $1', [email(username)])
  return rows.length
}

describe('what is not accepted', () => {
  it('an OpenID callback that was used, or that another browser brings', async () => {
    await newPerson('olga', 'admins')
    const used: string[] = []
    page.on('request', (request) => {
      if (request.url().startsWith(oidc.callback_url)) used.push(request.url())
    })
    await come('olga', BY_OIDC)
    await onDashboard()
    const again = await context.request.get(used[0] ?? '', { maxRedirects: 0 })
    expect([again.status(), await again.json()]).toMatchObject([403, { error: { code: 'sign_in_refused' } }])

    // Keycloak knows the browser by now: two redirects, the second of which is for this browser alone.
    const led = async (address: string) =>
      (await context.request.get(address, { maxRedirects: 0 })).headers()['location'] ?? ''
    const taken = await led(await led(`${api.url}/v1/auth/oidc/${oidc.id}/start`))
    expect(taken).toContain(oidc.callback_url)
    const stranger = await browser.newContext()
    const stolen = await stranger.request.get(taken, { maxRedirects: 0 })
    expect([stolen.status(), await stolen.json()]).toMatchObject([403, { error: { code: 'sign_in_refused' } }])
    await stranger.close()
  })

  it('a SAML response that was used before', async () => {
    await newPerson('rosa', 'analysts')
    let posted = ''
    page.on('request', (request) => {
      if (request.url() === saml.callback_url) posted = request.postData() ?? ''
    })
    await come('rosa', BY_SAML)
    await onDashboard()
    const response = new URLSearchParams(posted).get('SAMLResponse') ?? ''
    expect(Buffer.from(response, 'base64').toString()).toContain('saml:Assertion')
    const again = await context.request.post(saml.callback_url, { form: { SAMLResponse: response }, maxRedirects: 0 })
    expect([again.status(), await again.json()]).toMatchObject([403, { error: { code: 'sign_in_refused' } }])
  })

  it.each([
    { what: 'another group', username: 'tess', from: '>analysts<', to: '>admins<' },
    { what: 'another e-mail', username: 'tara', from: 'tara@', to: 'owner@' },
    { what: 'no signature', username: 'tina', from: /<dsig:Signature[\s\S]*?<\/dsig:Signature>/g, to: '' },
  ])('a SAML response with $what', async ({ username, from, to }) => {
    await newPerson(username, 'analysts')
    let changed = false
    await page.route(saml.callback_url, async (route) => {
      const form = new URLSearchParams(route.request().postData() ?? '')
      const xml = Buffer.from(form.get('SAMLResponse') ?? '', 'base64').toString()
      const tampered = xml.replaceAll(from, to)
      changed = tampered !== xml
      form.set('SAMLResponse', Buffer.from(tampered).toString('base64'))
      await route.continue({ postData: form.toString() })
    })
    await come(username, BY_SAML)
    await page.getByText('this sign-in was not accepted').waitFor()
    expect(changed).toBe(true)
    expect((await context.request.get(`${api.url}/v1/auth/me`)).status()).toBe(401)
    expect(await knownPeople(username)).toBe(0)
  })

  it('a password, where the domain requires the provider; Keycloak lets the same person in', async () => {
    await api.addPerson({ orgId: 'acme', email: email('paul'), name: 'Paul', role: 'viewer' })
    await newPerson('paul', 'analysts')
    await page.goto(`${api.url}/sign-in`)
    await givePassword(page, email('paul'), PASSWORD)
    await onDashboard()
    await chooseInMenu(page, /^Sign out$/)
    await change('PATCH', `/v1/auth/domains/${DOMAIN}?org_id=acme`, { sso_required: true })

    await page.goto(`${api.url}/sign-in`)
    await giveEmail(page, email('paul'))
    expect(await page.getByLabel('Password').count()).toBe(0)
    await page.getByRole('button', { name: 'Use an emergency account' }).click()
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').textContent()).toContain('through their identity provider')

    await come('paul', BY_OIDC)
    await onDashboard()
    const roles = (await me())?.roles.map((r) => r.role) ?? []
    expect([...roles].sort()).toEqual(['analyst', 'viewer'])
    await change('PATCH', `/v1/auth/domains/${DOMAIN}?org_id=acme`, { sso_required: false })
  })
})
