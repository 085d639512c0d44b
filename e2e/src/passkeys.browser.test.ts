/** Passkeys in a real Chromium with its virtual authenticator, against the API in production mode. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PASSWORD, type SignInWorld, startSignInWorld } from '../../serving-api/src/testing/sign-in-world.ts'
import { launchChromium } from './harness/chromium.ts'

let world: SignInWorld
let browser: Browser
beforeAll(async () => {
  world = await startSignInWorld()
  await world.addOrganisation('org_a')
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  await world?.stop()
})

/** A page of ours to call the API from; any will do. */
async function openOwnPage(): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  await page.goto(`${world.url}/v1/auth/methods`)
  return page
}

async function addAuthenticator(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
}

/** Runs in the page: asks the API as our pages do. */
async function ask(
  page: Page,
  path: string,
  body: unknown,
  csrfToken = '',
): Promise<{ status: number; json: unknown }> {
  return await page.evaluate(
    async ([to, text, token]) => {
      const answer = await fetch(to, {
        method: 'POST',
        body: text,
        headers: { 'content-type': 'application/json', 'x-csrf-token': token },
      })
      return { status: answer.status, json: (await answer.json()) as unknown }
    },
    [path, JSON.stringify(body), csrfToken] as const,
  )
}

/** Runs in the page: what navigator.credentials makes of the options, as JSON. */
async function credential(page: Page, kind: 'create' | 'get', options: unknown): Promise<unknown> {
  return await page.evaluate(
    async ([what, publicKey]) => {
      const credentials = globalThis as unknown as {
        PublicKeyCredential: {
          parseCreationOptionsFromJSON(o: unknown): unknown
          parseRequestOptionsFromJSON(o: unknown): unknown
        }
        navigator: { credentials: Record<string, (o: unknown) => Promise<{ toJSON(): unknown }>> }
      }
      const { PublicKeyCredential: types, navigator } = credentials
      const parsed =
        what === 'create' ? types.parseCreationOptionsFromJSON(publicKey) : types.parseRequestOptionsFromJSON(publicKey)
      return (await navigator.credentials[what]?.({ publicKey: parsed }))?.toJSON()
    },
    [kind, options] as const,
  )
}

test('a person registers a passkey and signs in with it', async () => {
  const page = await openOwnPage()
  await addAuthenticator(page)
  const login = await ask(page, '/v1/auth/login', { email: 'owner@org_a.example', password: PASSWORD })
  const token = (login.json as { csrf_token: string }).csrf_token
  const options = await ask(page, '/v1/auth/passkeys/options', { org_id: 'org_a' }, token)
  const made = await credential(page, 'create', options.json)
  const body = { org_id: 'org_a', name: 'Chromium', response: made }
  expect(await ask(page, '/v1/auth/passkeys', body, token)).toMatchObject({ status: 201 })
  expect(await ask(page, '/v1/auth/logout', {}, token)).toMatchObject({ status: 200 })

  const begun = await ask(page, '/v1/auth/passkeys/sign-in/options', {})
  const shown = await credential(page, 'get', begun.json)
  const signedIn = await ask(page, '/v1/auth/passkeys/sign-in', { response: shown })
  expect(signedIn).toMatchObject({ status: 200, json: { org_id: 'org_a' } })
  const cookies = await page.context().cookies()
  expect(cookies.find((c) => c.name === 'ecomind')).toMatchObject({ httpOnly: true, sameSite: 'Lax' })
})
