import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createLogIn, organisationsIn } from './log-in.ts'

interface Call {
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
}

const calls: Call[] = []
let answers: Record<string, { status: number; body: unknown; headers?: Record<string, string> }[]> = {}

beforeEach(() => {
  calls.length = 0
  vi.stubGlobal('fetch', async (path: string, { body }: { body?: string }) => {
    calls.push({ path, body: body === undefined ? {} : (JSON.parse(body) as Call['body']) })
    const answer = answers[path.split('?')[0] ?? '']?.shift()
    if (answer === undefined) throw new Error(`no answer for ${path}`)
    return new Response(JSON.stringify(answer.body), { status: answer.status, headers: answer.headers ?? {} })
  })
})
afterEach(() => vi.unstubAllGlobals())

const methods = (patch: object = {}) => ({
  status: 200,
  body: { password: true, passkey: true, sso_required: false, providers: [], ...patch },
})
const refusal = (code: string, message = code, status = 401, headers = {}) => ({
  status,
  body: { error: { code, message, request_id: 'r1' } },
  headers,
})
const good = { status: 200, body: { org_id: 'acme', user_id: 'u', csrf_token: 't' } }

function begin(given: typeof answers) {
  answers = given
  const done = vi.fn()
  const logIn = createLogIn('', done)
  logIn.type({ email: ' a@acme.example ' })
  return { logIn, done }
}

describe('sign-in by e-mail', () => {
  test('asks for the ways of the domain, then the password, and is done', async () => {
    const { logIn, done } = begin({ '/v1/auth/methods': [methods()], '/v1/auth/login': [good] })
    await logIn.submit()
    expect([logIn.step(), logIn.byPassword()]).toEqual(['methods', true])
    logIn.type({ password: 'right' })
    await logIn.submit()
    expect(done).toHaveBeenCalledOnce()
    expect(calls.map((c) => c.path)).toEqual(['/v1/auth/methods?email=a%40acme.example', '/v1/auth/login'])
    expect(calls[1]?.body).toEqual({ email: 'a@acme.example', password: 'right' })
  })

  test('a second factor is asked for once the password is right, and both are sent together', async () => {
    const { logIn, done } = begin({
      '/v1/auth/methods': [methods()],
      '/v1/auth/login': [refusal('second_factor_required'), refusal('invalid_credentials'), good],
    })
    await logIn.submit()
    logIn.type({ password: 'right' })
    await logIn.submit()
    expect([logIn.step(), logIn.fault()]).toEqual(['code', undefined])
    logIn.type({ code: '000000' })
    await logIn.submit()
    expect([logIn.step(), logIn.fault()?.code]).toEqual(['code', 'invalid_credentials'])
    logIn.type({ code: '123456 ' })
    await logIn.submit()
    expect(calls.at(-1)?.body).toEqual({ email: 'a@acme.example', password: 'right', code: '123456' })
    expect(done).toHaveBeenCalledOnce()
  })

  test('names the organisations that the server names', async () => {
    const message = 'org_id: this account is there in several organisations: acme, beta.x'
    const { logIn } = begin({
      '/v1/auth/methods': [methods()],
      '/v1/auth/login': [refusal('org_required', message, 409), good],
    })
    await logIn.submit()
    await logIn.submit()
    expect([logIn.step(), logIn.choices()]).toEqual(['organisation', ['acme', 'beta.x']])
    logIn.type({ orgId: 'acme' })
    await logIn.submit()
    expect(calls.at(-1)?.body['org_id']).toBe('acme')
  })

  test('a domain that requires its provider gets no password field until someone asks for it', async () => {
    const { logIn } = begin({ '/v1/auth/methods': [methods({ sso_required: true })] })
    await logIn.submit()
    expect(logIn.byPassword()).toBe(false)
    logIn.usePassword()
    expect(logIn.byPassword()).toBe(true)
  })

  test('the way back forgets the password; a lock says how long it lasts', async () => {
    const { logIn } = begin({
      '/v1/auth/methods': [methods()],
      '/v1/auth/login': [refusal('rate_limited', 'slow down', 429, { 'retry-after': '30' })],
    })
    await logIn.submit()
    logIn.type({ password: 'x' })
    await logIn.submit()
    expect(logIn.fault()?.retryAfterS).toBe(30)
    logIn.back()
    expect([logIn.step(), logIn.typed().password, logIn.fault()]).toEqual(['email', '', undefined])
  })
})

test('organisationsIn: nothing where the sentence names none', () => {
  expect(organisationsIn('this account is there in several organisations')).toEqual([])
})
