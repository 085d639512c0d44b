/** Every state of the pages around sign-in, over the mock: what axe-core says, and whether it fits, in light, dark and narrow. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { giveEmail, givePassword } from '../src/harness/signed-in-page.ts'
import {
  eventually,
  type MockedPages,
  openMockedPages,
  seriousFaults,
  shoot,
  sidewaysScroll,
  textOf,
} from './page-harness.ts'

let pages: MockedPages
beforeAll(async () => {
  pages = await openMockedPages()
})
afterAll(() => pages?.close())

/** What a refused form leaves in the browser's console. */
const REFUSED = /40[0139]|410/
const LOOKS = [
  { look: 'light', options: {} },
  { look: 'dark', options: { dark: true } },
  { look: 'narrow', options: { width: 390, height: 844 } },
] as const

const signIn = async (page: Page) => {
  await page.getByLabel('E-mail').waitFor()
  await givePassword(page, 'alice.meyer@example.com', 'any')
}
const submit = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()

interface State {
  readonly state: string
  readonly scenario?: string
  readonly path: string
  readonly reach?: (page: Page) => Promise<void>
  readonly ready: string
}

const STATES: readonly State[] = [
  { state: 'e-mail', path: '/sign-in', ready: 'text=Sign in with a passkey' },
  { state: 'expired', path: '/sign-in?arrival=expired', ready: 'text=Your session has ended' },
  { state: 'provider-refused', path: '/sign-in?error=sign_in_refused&request_id=req-1', ready: 'text=req-1' },
  {
    state: 'password-wrong',
    path: '/sign-in',
    reach: (page) => givePassword(page, 'alice.meyer@example.com', 'wrong'),
    ready: '[role=alert]',
  },
  {
    state: 'providers',
    path: '/sign-in',
    reach: (page) => giveEmail(page, 'alice@sso.example'),
    ready: 'text=Continue with Head office',
  },
  {
    state: 'provider-required',
    path: '/sign-in',
    reach: (page) => giveEmail(page, 'required.alice@sso.example'),
    ready: 'text=emergency account',
  },
  {
    state: 'code',
    path: '/sign-in',
    reach: (page) => givePassword(page, 'two-factor@example.com', 'any'),
    ready: 'text=authenticator app',
  },
  { state: 'first-owner', path: '/first-owner#token', ready: 'text=Create and sign in' },
  {
    state: 'invitation-too-short',
    path: '/invitation#token',
    reach: async (page) => {
      await page.getByLabel('New password').fill('short')
      await submit(page, 'Set password')
    },
    ready: '[aria-invalid=true]',
  },
  {
    state: 'reset-used',
    path: '/reset#used',
    reach: async (page) => {
      await page.getByLabel('New password').fill('long enough for anyone')
      await submit(page, 'Set new password')
    },
    ready: '[role=alert]',
  },
  { state: 'link-incomplete', path: '/invitation', ready: 'text=not complete' },
  { state: 'not-allowed', scenario: 'no-rights', path: '/', reach: signIn, ready: 'text=What is missing' },
  { state: 'not-member', path: '/?org_id=other', reach: signIn, ready: 'text=Sign in to it' },
  {
    state: 'menu',
    path: '/',
    reach: async (page) => {
      await signIn(page)
      await page.getByTestId('total-kwh').waitFor()
      await page.getByRole('button', { name: /^Account of/ }).click()
    },
    ready: '[role=menu]',
  },
  { state: 'viewer', scenario: 'viewer', path: '/', reach: signIn, ready: 'text=that you may see' },
  { state: 'team-viewer', scenario: 'team-viewer', path: '/', reach: signIn, ready: 'text=not all of Demo Industries' },
]

describe.each(STATES)('state $state', ({ state, scenario = 'owner', path, reach, ready }) => {
  it.each(LOOKS)('$look: nothing serious for axe-core, no sideways scroll', async ({ look, options }) => {
    await pages.visit(path, { scenario, expected: REFUSED, ...options }, async (page) => {
      await reach?.(page)
      await page.locator(ready).first().waitFor()
      expect(await seriousFaults(page)).toEqual([])
      expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0)
      await shoot(page, `sign-in-${state}-${look}`)
    })
  })
})

describe('sign-in', () => {
  it('local mode asks nobody: no question about a person, no menu, no page of sign-in', async () => {
    await pages.visit('/', {}, async (page) => {
      const asked: string[] = []
      page.on('request', (request) => asked.push(new URL(request.url()).pathname))
      await page.reload()
      await page.getByTestId('total-kwh').waitFor()
      await page.locator('.event-row').first().waitFor()
      expect(asked.filter((path) => /auth|sign|account/.test(path))).toEqual([])
      expect(await page.getByRole('button', { name: /^Account of/ }).count()).toBe(0)
    })
  })

  it('not allowed: says which right is missing, which roles have it and whom to ask', async () => {
    await pages.visit('/', { scenario: 'no-rights', expected: REFUSED }, async (page) => {
      await signIn(page)
      await page.getByText('What is missing').waitFor()
      const text = await textOf(page.getByRole('main'))
      expect(text).toContain('usage:read')
      expect(text).toContain('An owner or administrator of Demo Industries')
      expect(text).toContain('auditor of project alpha')
    })
  })

  it('a panel whose right was taken away in the meantime says so without an error box, then goes', async () => {
    await pages.visit('/', { scenario: 'owner', expected: REFUSED }, async (page) => {
      await signIn(page)
      await page.locator('.event-row').first().waitFor()
      await page.route('**/v1/events?**', (route) =>
        route.fulfill({
          status: 403,
          json: { error: { code: 'forbidden', message: 'The right events:read is needed for this', request_id: 'r' } },
        }),
      )
      await page.locator('.bar-button').first().click()
      await page.getByText('can’t be shown to you').waitFor()
      expect(await page.locator('.panel-error').count()).toBe(0)
    })
  })

  it('the organisation is a choice of the menu; period and unit go along, filters stay behind', async () => {
    await pages.visit(
      '/?period=7d&metric=water_l&filter=model:o3',
      { scenario: 'owner', expected: REFUSED },
      async (page) => {
        await signIn(page)
        await page.getByTestId('total-kwh').waitFor()
        await page.getByRole('button', { name: /^Account of/ }).click()
        await page.getByRole('menuitemradio', { name: /^Demo Subsidiary/ }).click()
        await eventually(() => new URL(page.url()).search).toBe('?org_id=org_subsidiary&period=7d&metric=water_l')
        await page.goBack()
        await eventually(() => textOf(page.locator('.org-name'))).toBe('Organisation Demo Industries')
      },
    )
  })
})
