/** A real OpenID provider (oidc-provider) on loopback, whose login and consent pages a test browser goes through. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'
import type { Seen, TestBrowser } from './test-browser.ts'

export interface GoodOpenIdProvider {
  readonly issuer: string
  /** Claims by login name. */
  readonly people: Map<string, Readonly<Record<string, unknown>>>
  stop(): Promise<void>
}

export const CLIENT = { id: 'ecomind', secret: 'a-secret-of-the-test' } as const

export async function startGoodOpenIdProvider(redirectUris: () => readonly string[]): Promise<GoodOpenIdProvider> {
  const people: GoodOpenIdProvider['people'] = new Map()
  let handle: ((req: never, res: never) => unknown) | undefined
  const server: Server = createServer((req, res) => handle?.(req as never, res as never))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  handle = (req, res) => {
    provider ??= makeProvider(issuer, redirectUris(), people)
    return provider.callback()(req, res)
  }
  let provider: Provider | undefined
  return {
    issuer,
    people,
    stop: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function makeProvider(issuer: string, redirectUris: readonly string[], people: GoodOpenIdProvider['people']): Provider {
  return new Provider(issuer, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [...redirectUris] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
    scopes: ['openid', 'email', 'profile', 'groups'],
    findAccount: async (_ctx, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, ...people.get(id) }),
    }),
    cookies: { keys: ['a key of the test'] },
    pkce: { required: () => true },
  })
}

/** Signs in at the provider and agrees, and ends where the provider sends the browser back. */
export async function passProvider(
  browser: TestBrowser,
  start: string,
  login: string,
  stopAt: (url: URL) => boolean,
): Promise<Seen> {
  let seen = await browser.follow(start, stopAt)
  while (seen.text.includes('<form') && !stopAt(new URL(seen.url))) {
    const action = /action="([^"]+)"/.exec(seen.text)?.[1] ?? ''
    const prompt = /name="prompt" value="([^"]+)"/.exec(seen.text)?.[1] ?? ''
    const fields = new URLSearchParams({ prompt, ...(prompt === 'login' ? { login, password: 'any' } : {}) })
    seen = await browser.follow(new URL(action, seen.url).href, stopAt, {
      method: 'POST',
      body: fields.toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
  }
  return seen
}
