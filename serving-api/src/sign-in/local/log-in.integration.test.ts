import { hash } from '@node-rs/argon2'
import { generateSync } from 'otplib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { PASSWORD, type SignInWorld, startSignInWorld } from '../../testing/sign-in-world.ts'
import { TestBrowser } from '../../testing/test-browser.ts'

let world: SignInWorld
beforeAll(async () => {
  world = await startSignInWorld()
  await world.addOrganisation('org_a')
  await world.addOrganisation('org_b')
})
afterAll(async () => {
  await world?.stop()
})
beforeEach(async () => {
  await world.database.query('DELETE FROM ecomind.sign_in_attempts')
})

const login = (body: object, browser = new TestBrowser(), headers = {}) =>
  browser.ask('POST', `${world.url}/v1/auth/login`, body, headers)
const codeOf = (answer: { json: unknown }) => (answer.json as { error?: { code?: string } }).error?.code
const withoutId = (text: string) => text.replace(/"request_id":"[^"]*"/, '')

describe('POST /v1/auth/login', () => {
  test('signs in with e-mail, whatever its case, and password', async () => {
    const browser = new TestBrowser()
    const answer = await login({ email: ' Owner@ORG_A.example'.trim(), password: PASSWORD }, browser)
    expect(answer.status).toBe(200)
    expect(answer.json).toMatchObject({ org_id: 'org_a', csrf_token: expect.any(String) })
    const [cookie = ''] = answer.headers.getSetCookie()
    expect(cookie).toMatch(/^ecomind=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/)
    const me = await browser.ask('GET', `${world.url}/v1/auth/me`)
    expect(me.json).toMatchObject({
      kind: 'session',
      organisations: [
        { org_id: 'org_a', email: 'owner@org_a.example', method: 'password', roles: [{ role: 'owner' }] },
      ],
    })
    expect((await world.audit('org_a')).at(-1)).toMatchObject({ action: 'sign_in', outcome: 'done' })
  })

  test('keeps neither token nor password in the store or the log', async () => {
    const browser = await world.signedIn('owner@org_a.example')
    const token = browser.cookie(world.url, 'ecomind') ?? ''
    const sessions = await world.database.query<{ token_hash: string }>('SELECT token_hash FROM ecomind.sessions')
    expect(JSON.stringify(sessions)).not.toContain(token)
    expect(world.logLines.join('')).not.toContain(PASSWORD)
  })

  test('answers an unknown account, one without a password and a wrong password alike', async () => {
    await world.addPerson('org_a', 'nopass', 'viewer', { password: null })
    const tries = [
      { email: 'nobody@org_a.example', password: PASSWORD },
      { email: 'nopass@org_a.example', password: PASSWORD },
      { email: 'owner@org_a.example', password: 'not the right one' },
      { email: 'owner@org_a.example', password: PASSWORD, org_id: 'org_b' },
      { email: 'owner@org_a.example', password: PASSWORD, org_id: 'org_nowhere' },
    ]
    const answers = []
    for (const body of tries) answers.push(await login(body))
    expect(answers.map((a) => a.status)).toEqual([401, 401, 401, 401, 401])
    expect(new Set(answers.map((a) => withoutId(a.text))).size).toBe(1)
    expect(new Set(answers.map((a) => [...a.headers.keys()].sort().join())).size).toBe(1)
  })

  test('does the same work for an account that is not there', async () => {
    let verified = 0
    const { hasher } = world.signIn
    const verify = hasher.verify.bind(hasher)
    hasher.verify = async (stored, password) => {
      verified++
      return await verify(stored, password)
    }
    const counts = []
    for (const email of ['nobody@org_a.example', 'owner@org_a.example']) {
      verified = 0
      await login({ email, password: 'not the right one' })
      counts.push(verified)
    }
    hasher.verify = verify
    expect(counts).toEqual([2, 2])
  })

  test('locks an account for a while after some failures, a wrong one and an unknown one alike', async () => {
    for (const email of ['owner@org_a.example', 'nobody@org_a.example']) {
      const statuses = []
      for (let i = 0; i < 7; i++) statuses.push((await login({ email, password: 'not the right one' })).status)
      expect(statuses, email).toEqual([401, 401, 401, 401, 401, 401, 429])
    }
    const locked = await login({ email: 'owner@org_a.example', password: PASSWORD })
    expect(locked.status).toBe(429)
    expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(0)
    world.clock.nowMs += 31_000
    expect((await login({ email: 'owner@org_a.example', password: PASSWORD })).status).toBe(200)
    expect((await login({ email: 'owner@org_a.example', password: 'not the right one' })).status).toBe(401)
  })

  test('counts tries at the same time one by one', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => login({ email: 'owner@org_a.example', password: 'not the right one' })),
    )
    expect(answers.filter((a) => a.status === 401)).toHaveLength(6)
    expect(answers.filter((a) => a.status === 429)).toHaveLength(14)
  })

  test('locks an account although somebody signs in to one of the same e-mail elsewhere', async () => {
    const email = 'target@example.com'
    await world.addPerson('org_a', 'target', 'viewer', { email })
    await world.addPerson('org_b', 'target', 'viewer', { email, password: 'a phrase of the attacker' })
    const statuses = []
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 4; i++)
        statuses.push((await login({ email, org_id: 'org_a', password: 'not the right one' })).status)
      await login({ email, org_id: 'org_b', password: 'a phrase of the attacker' })
    }
    expect(statuses.filter((s) => s === 401).length).toBeLessThanOrEqual(6)
    expect(statuses.at(-1)).toBe(429)
  })

  test('slows an address down that tries many accounts', async () => {
    const statuses = []
    for (let i = 0; i < 50; i++) statuses.push((await login({ email: `u${i}@org_a.example`, password: 'x' })).status)
    expect(statuses.filter((s) => s === 429).length).toBeGreaterThan(0)
    expect((await login({ email: 'owner@org_b.example', password: PASSWORD })).status).toBe(429)
  })

  test('asks for the organisation where the password is right for two', async () => {
    for (const org of ['org_a', 'org_b']) await world.addPerson(org, 'both', 'viewer', { email: 'both@example.com' })
    const answer = await login({ email: 'both@example.com', password: PASSWORD })
    expect([answer.status, codeOf(answer)]).toEqual([409, 'org_required'])
    expect((await login({ email: 'both@example.com', password: PASSWORD, org_id: 'org_b' })).json).toMatchObject({
      org_id: 'org_b',
    })
  })

  test('refuses people and organisations that are gone', async () => {
    await world.addPerson('org_a', 'gone', 'viewer')
    await world.database.query("UPDATE ecomind.users SET active = false WHERE id = 'gone'")
    expect((await login({ email: 'gone@org_a.example', password: PASSWORD })).status).toBe(401)
  })

  test('makes a hash of today of one with weaker parameters', async () => {
    await world.addPerson('org_a', 'old', 'viewer')
    const weak = await hash(PASSWORD, { memoryCost: 8192, timeCost: 1 })
    await world.database.query("UPDATE ecomind.local_accounts SET password_hash = $1 WHERE user_id = 'old'", [weak])
    expect((await login({ email: 'old@org_a.example', password: PASSWORD })).status).toBe(200)
    const [row] = await world.database.query<{ password_hash: string }>(
      "SELECT password_hash FROM ecomind.local_accounts WHERE user_id = 'old'",
    )
    expect(row?.password_hash).toContain('m=19456,t=2')
    expect((await login({ email: 'old@org_a.example', password: PASSWORD })).status).toBe(200)
  })

  test('refuses a page of another origin, a form, and unknown fields', async () => {
    const body = { email: 'owner@org_a.example', password: PASSWORD }
    const foreign = await login(body, new TestBrowser(), { origin: 'https://evil.example' })
    expect([foreign.status, codeOf(foreign)]).toEqual([403, 'csrf_rejected'])
    const form = await new TestBrowser().send(`${world.url}/v1/auth/login`, {
      method: 'POST',
      body: 'email=a',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect(form.status).toBe(415)
    expect((await login({ ...body, remember: true })).status).toBe(400)
  })
})

describe('the second factor', () => {
  const enrol = async (id: string) => {
    await world.addPerson('org_a', id, 'viewer')
    const browser = await world.signedIn(`${id}@org_a.example`)
    const begun = await browser.ask('POST', `${world.url}/v1/auth/totp`, { org_id: 'org_a' })
    const { secret, uri } = begun.json as { secret: string; uri: string }
    expect(uri).toMatch(/^otpauth:\/\/totp\//)
    const confirmed = await browser.ask('POST', `${world.url}/v1/auth/totp/confirm`, {
      org_id: 'org_a',
      code: codeAt(secret),
    })
    expect(confirmed.status).toBe(200)
    const { csrf_token, recovery_codes } = confirmed.json as { csrf_token: string; recovery_codes: string[] }
    browser.csrfToken = csrf_token
    return { browser, secret, recoveryCodes: recovery_codes }
  }
  const codeAt = (secret: string) => generateSync({ secret, epoch: Math.floor(world.clock.nowMs / 1000) })
  const loginOf = (id: string, code?: string) =>
    login({ email: `${id}@org_a.example`, password: PASSWORD, ...(code === undefined ? {} : { code }) })

  test('is asked for after the right password only, and each code works once', async () => {
    const { secret } = await enrol('totp1')
    expect(codeOf(await loginOf('totp1'))).toBe('second_factor_required')
    const wrong = await login({ email: 'totp1@org_a.example', password: 'not the right one' })
    expect(codeOf(wrong)).toBe('invalid_credentials')
    expect(codeOf(await loginOf('totp1', codeAt(secret)))).toBe('invalid_credentials')
    world.clock.nowMs += 60_000
    const code = codeAt(secret)
    expect((await loginOf('totp1', code)).status).toBe(200)
    expect(codeOf(await loginOf('totp1', code))).toBe('invalid_credentials')
  })

  test('lets one of two with the same code in at the same time', async () => {
    const { secret } = await enrol('totp2')
    world.clock.nowMs += 60_000
    const code = codeAt(secret)
    const answers = await Promise.all([loginOf('totp2', code), loginOf('totp2', code)])
    expect(answers.map((a) => a.status).sort()).toEqual([200, 401])
  })

  test('can be guessed a few times only, also when the password is shown in between', async () => {
    await enrol('totp3')
    const codes = []
    for (let i = 0; i < 12; i++) {
      await loginOf('totp3')
      codes.push(codeOf(await loginOf('totp3', '000000')))
    }
    expect(codes.at(-1)).toBe('rate_limited')
    expect(codes.filter((c) => c === 'invalid_credentials').length).toBeLessThanOrEqual(6)
  })

  test('has recovery codes that work once, and a way out with one of them', async () => {
    const { browser, recoveryCodes } = await enrol('totp4')
    expect(recoveryCodes).toHaveLength(10)
    const [first = '', second = ''] = recoveryCodes
    expect((await loginOf('totp4', first.toUpperCase())).status).toBe(200)
    expect(codeOf(await loginOf('totp4', first))).toBe('invalid_credentials')
    const off = await browser.ask('POST', `${world.url}/v1/auth/totp/disable`, { org_id: 'org_a', code: second })
    expect(off.status).toBe(200)
    expect((await loginOf('totp4')).status).toBe(200)
    const rows = await world.database.query<{ totp_secret_sealed: string | null }>(
      "SELECT totp_secret_sealed FROM ecomind.local_accounts WHERE user_id = 'totp4'",
    )
    expect(rows).toEqual([{ totp_secret_sealed: null }])
  })

  test('is sealed in the store', async () => {
    const { secret } = await enrol('totp5')
    const rows = await world.database.query<{ totp_secret_sealed: string }>(
      "SELECT totp_secret_sealed FROM ecomind.local_accounts WHERE user_id = 'totp5'",
    )
    expect(rows[0]?.totp_secret_sealed).toMatch(/^s1\.k1\./)
    expect(JSON.stringify(rows)).not.toContain(secret)
  })
})

describe('passwords', () => {
  test('a change wants the present one, ends other devices and the old cookie', async () => {
    await world.addPerson('org_a', 'pw1', 'viewer')
    const [here, there] = [await world.signedIn('pw1@org_a.example'), await world.signedIn('pw1@org_a.example')]
    const before = here.cookie(world.url, 'ecomind') ?? ''
    const change = (current: string, next: string) =>
      here.ask('POST', `${world.url}/v1/auth/password`, {
        org_id: 'org_a',
        current_password: current,
        new_password: next,
      })
    expect(codeOf(await change('not the right one', 'another fine sentence'))).toBe('invalid_credentials')
    expect((await change(PASSWORD, 'pw1@org_a.example')).status).toBe(400)
    expect((await change(PASSWORD, 'another fine sentence')).status).toBe(200)
    expect((await there.ask('GET', `${world.url}/v1/auth/me`)).status).toBe(401)
    const thief = new TestBrowser()
    thief.setCookie(world.url, 'ecomind', before)
    expect((await thief.ask('GET', `${world.url}/v1/auth/me`)).status).toBe(401)
    expect((await here.ask('GET', `${world.url}/v1/auth/me`)).status).toBe(200)
    expect((await login({ email: 'pw1@org_a.example', password: PASSWORD })).status).toBe(401)
    expect((await login({ email: 'pw1@org_a.example', password: 'another fine sentence' })).status).toBe(200)
  })

  test('a link of an administrator sets one, once and for an hour, and ends all devices', async () => {
    await world.addPerson('org_a', 'pw2', 'viewer')
    const person = await world.signedIn('pw2@org_a.example')
    const admin = await world.signedIn('owner@org_a.example')
    const make = async () => {
      const answer = await admin.ask('POST', `${world.url}/v1/auth/links?org_id=org_a`, {
        user_id: 'pw2',
        kind: 'reset',
      })
      expect(answer.status).toBe(201)
      return new URL((answer.json as { url: string }).url).hash.slice(1)
    }
    const redeem = (token: string, password = 'a new fine sentence') =>
      new TestBrowser().ask('POST', `${world.url}/v1/auth/links/redeem`, { token, password })
    const [earlier, token] = [await make(), await make()]
    expect(codeOf(await redeem(earlier))).toBe('link_invalid')
    expect((await redeem(token, 'short')).status).toBe(400)
    expect((await redeem(token)).json).toEqual({ org_id: 'org_a', email: 'pw2@org_a.example' })
    expect(codeOf(await redeem(token))).toBe('link_invalid')
    expect((await person.ask('GET', `${world.url}/v1/auth/me`)).status).toBe(401)
    expect((await login({ email: 'pw2@org_a.example', password: 'a new fine sentence' })).status).toBe(200)
    const late = await make()
    world.clock.nowMs += 3_600_001
    expect(codeOf(await redeem(late))).toBe('link_invalid')
    expect(codeOf(await redeem('x'.repeat(43)))).toBe('link_invalid')
  })

  test('an administrator makes no link for an owner, and none for another organisation', async () => {
    await world.addPerson('org_a', 'adm', 'admin')
    const admin = await world.signedIn('adm@org_a.example')
    const [owner] = await world.database.query<{ id: string }>(
      "SELECT id FROM ecomind.users WHERE email = 'owner@org_a.example'",
    )
    const make = (org: string, userId: string) =>
      admin.ask('POST', `${world.url}/v1/auth/links?org_id=${org}`, { user_id: userId, kind: 'reset' })
    expect((await make('org_a', owner?.id ?? '')).status).toBe(403)
    expect((await make('org_a', 'nobody')).status).toBe(404)
    expect((await make('org_b', 'both')).status).toBe(404)
  })
})

describe('a link that an administrator made', () => {
  test('is worth nothing once its person is an owner', async () => {
    await world.addPerson('org_a', 'adm9', 'admin')
    await world.addPerson('org_a', 'rising', 'viewer', { password: null })
    const admin = await world.signedIn('adm9@org_a.example')
    const made = await admin.ask('POST', `${world.url}/v1/auth/links?org_id=org_a`, {
      user_id: 'rising',
      kind: 'invitation',
    })
    const token = new URL((made.json as { url: string }).url).hash.slice(1)
    const owner = await world.signedIn('owner@org_a.example')
    const raised = await owner.ask('PATCH', `${world.url}/v1/users/rising?org_id=org_a`, { roles: [{ role: 'owner' }] })
    expect(raised.status, raised.text).toBe(200)
    const taken = await new TestBrowser().ask('POST', `${world.url}/v1/auth/links/redeem`, {
      token,
      password: PASSWORD,
    })
    expect(codeOf(taken)).toBe('link_invalid')
  })
})
