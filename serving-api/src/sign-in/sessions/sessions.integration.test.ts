import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { PASSWORD, type SignInWorld, startSignInWorld } from '../../testing/sign-in-world.ts'
import { TestBrowser } from '../../testing/test-browser.ts'
import { cleanUp } from '../clean-up.ts'

const HOUR_MS = 3_600_000

let world: SignInWorld
beforeAll(async () => {
  world = await startSignInWorld()
  for (const org of ['org_a', 'org_b']) await world.addOrganisation(org)
})
afterAll(async () => {
  await world?.stop()
})
beforeEach(async () => {
  await world.database.query('DELETE FROM ecomind.sign_in_attempts')
})

const me = (browser: TestBrowser) => browser.ask('GET', `${world.url}/v1/auth/me`)
const orgsOf = (answer: { json: unknown }) =>
  (answer.json as { organisations: { org_id: string }[] }).organisations.map((o) => o.org_id)
const owner = 'owner@org_a.example'

describe('a session', () => {
  test('gets a new token at each sign-in, so that one planted before is worth nothing', async () => {
    const browser = await world.signedIn('owner@org_b.example')
    const planted = browser.cookie(world.url, 'ecomind') ?? ''
    await browser.ask('POST', `${world.url}/v1/auth/login`, { email: owner, password: PASSWORD })
    expect(browser.cookie(world.url, 'ecomind')).not.toBe(planted)
    const attacker = new TestBrowser()
    attacker.setCookie(world.url, 'ecomind', planted)
    expect((await me(attacker)).status).toBe(401)
    expect(orgsOf(await me(browser)).sort()).toEqual(['org_a', 'org_b'])
  })

  test('is never one that the browser chose', async () => {
    const browser = new TestBrowser()
    browser.setCookie(world.url, 'ecomind', 'A'.repeat(43))
    await browser.ask('POST', `${world.url}/v1/auth/login`, { email: owner, password: PASSWORD })
    expect(browser.cookie(world.url, 'ecomind')).not.toBe('A'.repeat(43))
    expect((await me(browser)).status).toBe(200)
  })

  test('with two cookies of its name is none', async () => {
    const browser = await world.signedIn(owner)
    const token = browser.cookie(world.url, 'ecomind') ?? ''
    const answer = await new TestBrowser().send(`${world.url}/v1/auth/me`, {
      headers: { cookie: `ecomind=${'B'.repeat(43)}; ecomind=${token}` },
    })
    expect(answer.status).toBe(401)
  })

  test('ends when it is not used, and after its time however much it is used', async () => {
    const idle = await world.signedIn(owner)
    world.clock.nowMs += 11 * HOUR_MS
    expect((await me(idle)).status).toBe(200)
    world.clock.nowMs += 12 * HOUR_MS + 1
    expect((await me(idle)).status).toBe(401)
    const used = await world.signedIn(owner)
    const startedMs = world.clock.nowMs
    while (world.clock.nowMs + 6 * HOUR_MS < startedMs + 168 * HOUR_MS) {
      world.clock.nowMs += 6 * HOUR_MS
      expect((await me(used)).status).toBe(200)
    }
    world.clock.nowMs = startedMs + 168 * HOUR_MS + 1
    expect((await me(used)).status).toBe(401)
    await cleanUp(world.signIn)
    const left = await world.database.query('SELECT FROM ecomind.sessions WHERE last_seen_at < $1', [
      new Date(world.clock.nowMs - 12 * HOUR_MS),
    ])
    expect(left).toEqual([])
  })

  test('a later sign-in elsewhere does not make an earlier one last longer', async () => {
    const browser = await world.signedIn(owner)
    for (let i = 0; i < 24; i++) {
      world.clock.nowMs += 6 * HOUR_MS
      await me(browser)
    }
    await browser.ask('POST', `${world.url}/v1/auth/login`, { email: 'owner@org_b.example', password: PASSWORD })
    expect(orgsOf(await me(browser)).sort()).toEqual(['org_a', 'org_b'])
    for (let i = 0; i < 5; i++) {
      world.clock.nowMs += 6 * HOUR_MS
      await me(browser)
    }
    expect(orgsOf(await me(browser))).toEqual(['org_b'])
  })

  test('sees a role that was taken away, a person who was deactivated and an organisation that is gone at once', async () => {
    await world.addOrganisation('org_gone')
    await world.addPerson('org_a', 'role1', 'admin')
    const browser = await world.signedIn('role1@org_a.example')
    await browser.ask('POST', `${world.url}/v1/auth/login`, { email: 'owner@org_gone.example', password: PASSWORD })
    const providers = () => browser.ask('GET', `${world.url}/v1/auth/providers?org_id=org_a`)
    expect((await providers()).status).toBe(200)
    await world.database.query("UPDATE ecomind.memberships SET role = 'viewer' WHERE user_id = 'role1'")
    expect((await providers()).status).toBe(403)
    await world.database.query("UPDATE ecomind.organisations SET deleted_at = now() WHERE id = 'org_gone'")
    expect(orgsOf(await me(browser))).toEqual(['org_a'])
    await world.database.query("UPDATE ecomind.users SET active = false WHERE id = 'role1'")
    expect((await me(browser)).status).toBe(401)
  })

  test('ends its live connections when it ends', { timeout: 90_000 }, async () => {
    const browser = await world.signedIn(owner)
    const cookie = `ecomind=${browser.cookie(world.url, 'ecomind')}`
    const live = await fetch(`${world.url}/v1/live?org_id=org_a`, { headers: { cookie } })
    expect(live.status).toBe(200)
    expect((await browser.ask('POST', `${world.url}/v1/auth/logout`, {})).status).toBe(200)
    // The stream ends by itself: its whole text is there.
    expect(await live.text()).toContain('retry:')
  })

  test('gives the roles of groups too', async () => {
    await world.addPerson('org_a', 'grp1', null)
    const at = new Date()
    await world.database.query(
      `INSERT INTO ecomind.groups (org_id, id, name, role, scope_kind, scope_id, created_at, updated_at)
       VALUES ('org_a', 'g1', 'ML', 'analyst', 'team', 'ml', $1, $1)`,
      [at],
    )
    await world.database.query(
      "INSERT INTO ecomind.group_members (org_id, group_id, user_id) VALUES ('org_a', 'g1', 'grp1')",
    )
    const browser = await world.signedIn('grp1@org_a.example')
    expect((await me(browser)).json).toMatchObject({
      organisations: [{ roles: [{ role: 'analyst', scope: 'team/ml' }] }],
    })
  })

  test('of one organisation knows nothing of another', async () => {
    const browser = await world.signedIn(owner)
    expect((await browser.ask('GET', `${world.url}/v1/auth/providers?org_id=org_b`)).status).toBe(404)
    expect((await browser.ask('GET', `${world.url}/v1/auth/passkeys?org_id=org_b`)).status).toBe(404)
  })
})

describe('a change by a session', () => {
  const logout = (browser: TestBrowser, headers: Record<string, string>) =>
    browser.send(`${world.url}/v1/auth/logout`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json', ...headers },
    })

  test('needs our origin and the token, both', async () => {
    const browser = await world.signedIn(owner)
    const token = browser.csrfToken ?? ''
    const other = (await world.signedIn(owner)).csrfToken ?? ''
    const refused: Record<string, string>[] = [
      {},
      { 'x-csrf-token': token },
      { origin: world.url },
      { origin: world.url, 'x-csrf-token': other },
      { origin: world.url, 'x-csrf-token': '' },
      { origin: 'null', 'x-csrf-token': token },
      { origin: 'https://evil.example', 'x-csrf-token': token },
      { origin: `${world.url}.evil.example`, 'x-csrf-token': token },
      { 'sec-fetch-site': 'cross-site', 'x-csrf-token': token },
      { 'sec-fetch-site': 'same-site', 'x-csrf-token': token },
    ]
    for (const headers of refused) expect((await logout(browser, headers)).status, JSON.stringify(headers)).toBe(403)
    expect((await me(browser)).status).toBe(200)
    expect((await logout(browser, { origin: world.url, 'x-csrf-token': token })).status).toBe(200)
    expect((await me(browser)).status).toBe(401)
  })

  test('counts Sec-Fetch-Site where a browser sends no Origin', async () => {
    const browser = await world.signedIn(owner)
    const headers = { 'sec-fetch-site': 'same-origin', 'x-csrf-token': browser.csrfToken ?? '' }
    expect((await logout(browser, headers)).status).toBe(200)
  })

  test('takes every name of this machine for its own, with this port', async () => {
    const { port } = new URL(world.url)
    for (const name of ['localhost', '127.0.0.1', '[::1]']) {
      const browser = await world.signedIn(owner)
      const sent = (origin: string) => logout(browser, { origin, 'x-csrf-token': browser.csrfToken ?? '' })
      for (const foreign of [`http://${name}:1`, `https://${name}:${port}`, `http://${name}.example:${port}`])
        expect((await sent(foreign)).status, foreign).toBe(403)
      expect((await sent(`http://${name}:${port}`)).status, name).toBe(200)
    }
  })

  test('of an organisation needs them as well', async () => {
    const browser = await world.signedIn(owner)
    const answer = await browser.send(`${world.url}/v1/auth/domains?org_id=org_a`, {
      method: 'POST',
      body: '{"name":"evil.example"}',
      headers: { 'content-type': 'application/json', origin: 'https://evil.example' },
    })
    expect(answer.status).toBe(403)
    expect(await world.database.query("SELECT FROM ecomind.domains WHERE name = 'evil.example'")).toEqual([])
  })
})

describe('devices', () => {
  test('are listed with their own sessions only, and ended one by one or all but this', async () => {
    await world.addPerson('org_a', 'dev1', 'viewer')
    const email = 'dev1@org_a.example'
    const [here, there, third] = [await world.signedIn(email), await world.signedIn(email), await world.signedIn(email)]
    const list = await here.ask('GET', `${world.url}/v1/auth/sessions`)
    const { items } = list.json as { items: { id: string; current: boolean; user_agent: string; ip: string }[] }
    expect(items).toHaveLength(3)
    expect(items.filter((i) => i.current)).toHaveLength(1)
    expect(items[0]).toMatchObject({ user_agent: 'test-browser', ip: expect.stringMatching(/127\.0\.0\.1|::1/) })
    const thereList = (await there.ask('GET', `${world.url}/v1/auth/sessions`)).json as typeof list.json & {
      items: typeof items
    }
    const thereId = thereList.items.find((i) => i.current)?.id ?? ''
    const stranger = await world.signedIn('owner@org_b.example')
    expect((await stranger.ask('DELETE', `${world.url}/v1/auth/sessions/${thereId}`)).status).toBe(404)
    expect((await here.ask('DELETE', `${world.url}/v1/auth/sessions/${thereId}`)).status).toBe(200)
    expect((await me(there)).status).toBe(401)
    expect((await here.ask('DELETE', `${world.url}/v1/auth/sessions`)).json).toEqual({ ended: 1 })
    expect((await me(third)).status).toBe(401)
    expect((await me(here)).status).toBe(200)
  })

  test('one organisation can be left without the other', async () => {
    const browser = await world.signedIn(owner)
    const second = await browser.ask('POST', `${world.url}/v1/auth/login`, {
      email: 'owner@org_b.example',
      password: PASSWORD,
    })
    browser.csrfToken = (second.json as { csrf_token: string }).csrf_token
    expect((await browser.ask('POST', `${world.url}/v1/auth/logout`, { org_id: 'org_a' })).status).toBe(200)
    expect(orgsOf(await me(browser))).toEqual(['org_b'])
  })
})

test('an old session asks to sign in again before it changes how a person signs in', async () => {
  const browser = await world.signedIn(owner)
  world.clock.nowMs += 16 * 60_000
  const answer = await browser.ask('POST', `${world.url}/v1/auth/passkeys/options`, { org_id: 'org_a' })
  expect(answer.json).toMatchObject({ error: { code: 'reauthentication_required' } })
})

test('GET /v1/auth/methods is the same for every name at a domain', async () => {
  const ask = async (email: string) =>
    (await new TestBrowser().send(`${world.url}/v1/auth/methods?email=${encodeURIComponent(email)}`)).json
  expect(await ask(owner)).toEqual(await ask('nobody@org_a.example'))
  expect(await ask(owner)).toMatchObject({ sign_in: 'required', password: true, providers: [] })
})
