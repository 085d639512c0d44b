/**
 * Sign-in in a real Chromium: people with different rights over the API and the pages in this process. Screenshots go to
 * e2e/screenshots.
 */
import type { UsageRow } from '@ecomind/clickhouse'
import { loadDefaultFactorSet } from '@ecomind/footprint/node'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomRow, seededRandom } from '../../serving-api/src/testing/random-usage.ts'
import { eventually, textOf } from '../ui/page-harness.ts'
import { oneTimeCode } from './harness/one-time-code.ts'
import { PASSWORD, type ProductionApi, startProductionApi } from './harness/production-api.ts'
import { expectSound, useSignInBrowser } from './harness/sign-in-browser.ts'
import { askAsPage, chooseInMenu, giveEmail, givePassword } from './harness/signed-in-page.ts'

const SEED = 20_261_126
const MINUTE_MS = 60_000

const withPage = useSignInBrowser()

describe('people over the API in production', () => {
  let api: ProductionApi
  const rows = usageRows()
  beforeAll(async () => {
    api = await startProductionApi(rows)
    await api.addOrganisation('acme', 'Acme')
    await api.addOrganisation('beta', 'Beta Works')
    await api.addPerson({ orgId: 'acme', email: 'vera@acme.example', name: 'Vera Viewer', role: 'viewer' })
    await api.addPerson({
      orgId: 'acme',
      email: 'tom@acme.example',
      name: 'Tom Team',
      role: 'viewer',
      scope: { kind: 'team', id: 'research' },
    })
    await api.addPerson({ orgId: 'acme', email: 'nora@acme.example', name: 'Nora None', role: null })
    await api.addPerson({ orgId: 'beta', email: 'vera@acme.example', name: 'Vera Viewer', role: 'analyst' })
  }, 300_000)
  afterAll(() => api?.stop())

  const signIn = async (page: Page, email: string, path = '/') => {
    await page.goto(`${api.url}/sign-in?return_to=${encodeURIComponent(path)}`)
    await givePassword(page, email, PASSWORD)
  }
  const calls = async (page: Page) => {
    await page.getByTestId('total-kwh').waitFor()
    return Number(/Calls\s*([\d,]+)/.exec(await textOf(page.locator('.quality-strip')))?.[1]?.replaceAll(',', ''))
  }
  const ofAcme = rows.filter((row) => row.org_id === 'acme')

  it('a wrong password says nothing of the account, and the way on is there', async () => {
    await withPage({ expected: /401/ }, async (page) => {
      for (const email of ['owner@acme.example', 'nobody@acme.example']) {
        await page.goto(`${api.url}/sign-in`)
        await givePassword(page, email, 'not the password')
        await page.getByRole('alert').waitFor()
        expect(await textOf(page.getByRole('alert'))).toBe(
          'E-mail, password or code is not right. Check them and try again.',
        )
      }
      await expectSound(page, 'wrong')
    })
  })

  it('an owner sees all; a viewer sees all totals and no stranger’s call; a panel that would be refused is none', async () => {
    await withPage({}, async (page) => {
      await signIn(page, 'owner@acme.example', '/?period=24h')
      expect(await calls(page)).toBe(ofAcme.length)
      await page.locator('.event-row').first().waitFor()
    })
    await withPage({ expected: /409/ }, async (page) => {
      await signIn(page, 'vera@acme.example', '/?period=24h')
      // Her password is right in two organisations.
      await page.getByLabel('Organisation').fill('acme')
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      expect(await calls(page)).toBe(ofAcme.length)
      await page.getByText('None of the calls that you may see').waitFor()
      expect(await page.locator('.panel-error').count()).toBe(0)
      await expectSound(page, 'viewer')
    })
  })

  it('who belongs to a team sees its calls, and is told that they are not all', async () => {
    await withPage({}, async (page) => {
      await signIn(page, 'tom@acme.example', '/?period=24h')
      expect(await calls(page)).toBe(ofAcme.filter((row) => row.team_id === 'research').length)
      await page.getByText('the calls of team research and your own, not all of Acme').waitFor()
      expect(await page.locator('.panel-error').count()).toBe(0)
      await expectSound(page, 'team')
    })
  })

  it('who has no role sees their own calls, and no error', async () => {
    await withPage({ dark: true }, async (page) => {
      await signIn(page, 'nora@acme.example', '/?period=24h')
      expect(await calls(page)).toBe(ofAcme.filter((row) => row.user_id === 'nora@acme.example').length)
      await page.getByText('These are your own calls').waitFor()
      expect(await page.locator('.panel-error').count()).toBe(0)
      await expectSound(page, 'own-calls')
    })
  })

  it('an organisation that one is not signed in to gets one page, whether it exists or not', async () => {
    await withPage({ width: 390, height: 844 }, async (page) => {
      await signIn(page, 'owner@acme.example', '/?org_id=beta')
      await page.getByRole('heading', { name: 'Not signed in to this organisation' }).waitFor()
      const ofBeta = await textOf(page.getByRole('main'))
      await expectSound(page, 'not-member')
      await page.goto(`${api.url}/?org_id=none`)
      await page.getByRole('heading', { name: 'Not signed in to this organisation' }).waitFor()
      expect((await textOf(page.getByRole('main'))).replace('none', 'beta')).toBe(ofBeta)
    })
  })

  it('one browser, two organisations: switch by the menu, leave one, then the other', async () => {
    await withPage({ expected: /401/ }, async (page) => {
      await signIn(page, 'owner@acme.example', '/?period=24h&filter=team_id:research')
      await page.getByTestId('total-kwh').waitFor()
      await chooseInMenu(page, 'Sign in to another organisation')
      await givePassword(page, 'owner@beta.example', PASSWORD)
      await page.getByTestId('total-kwh').waitFor()
      expect(await textOf(page.locator('.org-name'))).toBe('Organisation Acme')
      await page.getByRole('button', { name: /^Account of/ }).click()
      await page.getByRole('menu').waitFor()
      await expectSound(page, 'menu')
      await page.getByRole('menuitemradio', { name: 'Beta Works' }).click()
      await eventually(() => textOf(page.locator('.org-name'))).toBe('Organisation Beta Works')
      expect(new URL(page.url()).search).toBe('?org_id=beta&period=24h')
      await eventually(() => calls(page)).toBe(rows.length - ofAcme.length)
      await chooseInMenu(page, 'Sign out of Beta Works')
      await eventually(() => textOf(page.locator('.org-name'))).toBe('Organisation Acme')
      await chooseInMenu(page, /^Sign out$/)
      await page.getByText('You are signed out.').waitFor()
      await page.goto(`${api.url}/`)
      await page.getByLabel('E-mail').waitFor()
    })
  })

  it('a session that is ended elsewhere leads to the sign-in page and back to the exact view', async () => {
    await withPage({ expected: /401/ }, async (page) => {
      await signIn(page, 'owner@acme.example', '/?period=24h')
      await page.getByTestId('total-kwh').waitFor()
      await withPage({}, async (other) => {
        await signIn(other, 'owner@acme.example')
        await other.getByRole('button', { name: /^Account of/ }).waitFor()
        expect((await askAsPage(other, 'DELETE', '/v1/auth/sessions')).status).toBe(200)
      })
      await page.getByRole('radio', { name: 'litres' }).check()
      await page.getByRole('tab', { name: 'Region' }).click()
      await page.getByText('Your session has ended').waitFor()
      expect(await page.locator('.panel-error').count()).toBe(0)
      await expectSound(page, 'expired')
      await givePassword(page, 'owner@acme.example', PASSWORD)
      await page.getByTestId('total-water_l').waitFor()
      expect(new URL(page.url()).search).toBe('?period=24h&metric=water_l&by=region')
    })
  })

  it('sign-out on all devices ends the other browser as well', async () => {
    await withPage({ expected: /401/ }, async (page) => {
      await signIn(page, 'owner@beta.example')
      await page.getByRole('button', { name: /^Account of/ }).waitFor()
      await withPage({}, async (other) => {
        await signIn(other, 'owner@beta.example')
        await chooseInMenu(other, 'Sign out on all devices')
        await other.getByText('You are signed out.').waitFor()
      })
      await page.reload()
      await page.getByLabel('E-mail').waitFor()
    })
  })

  it('a reset link sets a password; the old one is worth nothing', async () => {
    const id = await api.addPerson({ orgId: 'acme', email: 'rita@acme.example', name: 'Rita', role: 'viewer' })
    let link = ''
    await withPage({}, async (owner) => {
      await signIn(owner, 'owner@acme.example')
      await owner.getByRole('button', { name: /^Account of/ }).waitFor()
      const made = await askAsPage(owner, 'POST', '/v1/auth/links?org_id=acme', { user_id: id, kind: 'reset' })
      link = (made.json as { url: string }).url
    })
    await withPage({ expected: /401|410/ }, async (page) => {
      await page.goto(link)
      await page.getByLabel('New password').fill('lantern over quiet water')
      await page.getByRole('button', { name: 'Set new password' }).click()
      await page.getByText('Your password is set').waitFor()
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByLabel('Password').fill(PASSWORD)
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.getByRole('alert').waitFor()
      await page.getByLabel('Password').fill('lantern over quiet water')
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.getByRole('button', { name: /^Account of/ }).waitFor()
      await page.goto(link)
      // The page takes the token out of the address as it opens, which on a busy machine is behind the load of its file.
      await eventually(() => new URL(page.url()).hash).toBe('')
      await page.reload()
      await page.getByRole('alert').waitFor()
    })
  })

  it('a code of the authenticator app is asked for after the password; a recovery code does as well', async () => {
    await api.addPerson({ orgId: 'acme', email: 'two@acme.example', name: 'Two Factors', role: 'viewer' })
    let recovery: readonly string[] = []
    await withPage({}, async (page) => {
      await signIn(page, 'two@acme.example')
      await page.getByRole('button', { name: /^Account of/ }).waitFor()
      const begun = await askAsPage(page, 'POST', '/v1/auth/totp', { org_id: 'acme' })
      const { secret } = begun.json as { secret: string }
      const code = oneTimeCode(secret, Date.now())
      const confirmed = await askAsPage(page, 'POST', '/v1/auth/totp/confirm', { org_id: 'acme', code })
      recovery = (confirmed.json as { recovery_codes: string[] }).recovery_codes
    })
    await withPage({ expected: /401/ }, async (page) => {
      await signIn(page, 'two@acme.example')
      await page.getByLabel('Code').fill('not-a-code')
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.getByRole('alert').waitFor()
      await expectSound(page, 'code')
      await page.getByLabel('Code').fill(recovery[0] ?? '')
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.getByRole('button', { name: /^Account of/ }).waitFor()
    })
  })

  it('a passkey signs in without e-mail and password', async () => {
    await api.addPerson({ orgId: 'acme', email: 'pia@acme.example', name: 'Pia Passkey', role: 'viewer' })
    await withPage({ expected: /401/ }, async (page) => {
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
      await signIn(page, 'pia@acme.example')
      await page.getByRole('button', { name: /^Account of/ }).waitFor()
      const options = await askAsPage(page, 'POST', '/v1/auth/passkeys/options', { org_id: 'acme' })
      const response = await createCredential(page, options.json)
      const made = await askAsPage(page, 'POST', '/v1/auth/passkeys', { org_id: 'acme', name: 'Laptop', response })
      expect(made.status).toBe(201)
      await chooseInMenu(page, /^Sign out$/)
      await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
      await page.getByRole('button', { name: 'Account of Pia Passkey' }).waitFor()
    })
  })

  it('everything is done with the keyboard alone', async () => {
    await withPage({}, async (page) => {
      await page.goto(`${api.url}/sign-in`)
      await eventually(() => page.locator(':focus').getAttribute('name')).toBe('email')
      await page.keyboard.type('owner@acme.example')
      await page.keyboard.press('Enter')
      await eventually(() => page.locator(':focus').getAttribute('name')).toBe('password')
      await page.keyboard.type(PASSWORD)
      await page.keyboard.press('Enter')
      const account = page.getByRole('button', { name: /^Account of/ })
      await account.waitFor()
      await account.focus()
      await page.keyboard.press('Enter')
      await page.getByRole('menu').waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('menu').waitFor({ state: 'detached' })
      await eventually(() => account.evaluate((element) => element.matches(':focus'))).toBe(true)
      const ways = page.getByRole('menu').getByRole('menuitem')
      const press = async (key: string, focused: number) => {
        await page.keyboard.press(key)
        await eventually(() => ways.nth(focused).evaluate((element) => element.matches(':focus'))).toBe(true)
      }
      await press('Enter', 0)
      await press('End', 2)
      await press('ArrowUp', 1)
      await page.keyboard.press('Enter')
      await page.getByText('You are signed out.').waitFor()
    })
  })

  it('the providers of a domain are offered, and the password where it is allowed', async () => {
    await withPage({}, async (page) => {
      await page.goto(`${api.url}/sign-in`)
      await giveEmail(page, 'someone@nowhere.example')
      await page.getByLabel('Password').waitFor()
      expect(await page.getByRole('link', { name: /^Continue with/ }).count()).toBe(0)
    })
  })
})

async function createCredential(page: Page, options: unknown): Promise<unknown> {
  return await page.evaluate(async (given) => {
    // The page's own globals, which this file's types don't know.
    const { PublicKeyCredential, navigator } = globalThis as unknown as {
      PublicKeyCredential: { parseCreationOptionsFromJSON(json: unknown): unknown }
      navigator: { credentials: { create(options: unknown): Promise<{ toJSON(): unknown }> } }
    }
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(given)
    return (await navigator.credentials.create({ publicKey })).toJSON()
  }, options)
}

/** Calls of the last hours, of both organisations; some are those of a person who signs in. */
function usageRows(): UsageRow[] {
  const random = seededRandom(SEED)
  const set = loadDefaultFactorSet()
  const now = Date.now()
  return Array.from({ length: 120 }, (_, index) => {
    const tsMs = now - 20 * MINUTE_MS - Math.floor(random() * 600) * MINUTE_MS
    const row = randomRow(random, set, { tsMs, index, watermarkMs: now })
    const orgId = index % 4 === 0 ? 'beta' : 'acme'
    return { ...row, org_id: orgId, ...(index % 10 === 1 ? { user_id: 'nora@acme.example' } : {}) }
  })
}
