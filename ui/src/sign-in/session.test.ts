import { QueryClient } from '@tanstack/solid-query'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { sendAs } from './session.ts'

/** What the server holds for right: another tab changes it. */
let goodToken: string
let refusesAll: boolean
let asked: string[]
let sent: (string | null)[]

beforeEach(() => {
  goodToken = 'first'
  refusesAll = false
  asked = []
  sent = []
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    asked.push(path)
    if (path === '/v1/auth/me') return Response.json({ kind: 'session', csrf_token: goodToken, organisations: [] })
    const token = new Headers(init.headers).get('x-csrf-token')
    sent.push(token)
    return token === goodToken && !refusesAll
      ? Response.json({ done: true })
      : Response.json({ error: { code: 'csrf_rejected', message: 'X-CSRF-Token', request_id: 'r' } }, { status: 403 })
  })
})
afterEach(() => vi.unstubAllGlobals())

const logout = { method: 'POST', path: '/v1/auth/logout', body: {} } as const

describe('sendAs', () => {
  test('sends the token of the session, and asks for it only once', async () => {
    const client = new QueryClient()
    await sendAs(client, logout)
    await sendAs(client, logout)
    expect(sent).toEqual(['first', 'first'])
    expect(asked.filter((path) => path === '/v1/auth/me')).toHaveLength(1)
  })

  test('another tab renewed the session: asks for the new token and tries once more', async () => {
    const client = new QueryClient()
    await sendAs(client, logout)
    goodToken = 'second'
    await sendAs(client, logout)
    expect(sent).toEqual(['first', 'first', 'second'])
  })

  test('a token that stays wrong is told, not tried for ever', async () => {
    const client = new QueryClient()
    refusesAll = true
    await expect(sendAs(client, logout)).rejects.toMatchObject({ code: 'csrf_rejected' })
    expect(sent).toHaveLength(2)
  })
})
