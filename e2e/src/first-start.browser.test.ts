/** The first start of a real product in production mode, in a real Chromium. Screenshots go to e2e/screenshots. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { textOf } from '../ui/page-harness.ts'
import { createProduct, type Product } from './harness/product.ts'
import { PASSWORD, SECRET_KEYS } from './harness/production-api.ts'
import { expectSound, useSignInBrowser } from './harness/sign-in-browser.ts'
import { givePassword } from './harness/signed-in-page.ts'

const withPage = useSignInBrowser()

describe('the first start in production', () => {
  let product: Product
  let url: string
  beforeAll(async () => {
    product = await createProduct({ env: { ECOMIND_MODE: 'production', ECOMIND_SECRET_KEYS: SECRET_KEYS } })
    url = `http://localhost:${product.ports.api}`
    await product.start('core')
  }, 400_000)
  afterAll(() => product?.dispose())

  it('prints a link; its page makes the owner, who is signed in and sees an empty dashboard', async () => {
    const link = /http:\/\/localhost:\d+\/first-owner#[\w-]+/.exec(product.output())?.[0] ?? ''
    expect(link).not.toBe('')
    await withPage({ expected: /400/ }, async (page) => {
      await page.goto(link)
      await page.getByLabel('Name of the organisation').fill('Acme & Co')
      expect(new URL(page.url()).hash).toBe('')
      expect(await page.getByLabel('Its id').inputValue()).toBe('acme-co')
      await page.getByLabel('Your name').fill('Olivia Owner')
      await page.getByLabel('Your e-mail').fill('olivia@acme.example')
      await page.getByLabel('Password').fill('password1234')
      await page.getByRole('button', { name: 'Create and sign in' }).click()
      // A refusal takes the link with it as little as what was typed.
      await page.locator('[aria-invalid="true"]').waitFor()
      await expectSound(page, 'first-owner')
      await page.getByLabel('Password').fill(PASSWORD)
      await page.getByRole('button', { name: 'Create and sign in' }).click()
      await page.getByTestId('first-event-command').waitFor()
      expect(await textOf(page.getByTestId('first-event-command'))).toContain('Bearer $ECOMIND_KEY')
      expect(await textOf(page.locator('.org-name'))).toBe('Organisation Acme & Co')
      await expectSound(page, 'empty')
    })
  })

  it('the link works once', async () => {
    const link = /http:\/\/localhost:\d+\/first-owner#[\w-]+/.exec(product.output())?.[0] ?? ''
    await withPage({ expected: /410|409/ }, async (page) => {
      await page.goto(link)
      for (const [label, text] of [
        ['Name of the organisation', 'Evil'],
        ['Your name', 'Mallory'],
        ['Your e-mail', 'mallory@evil.example'],
        ['Password', PASSWORD],
      ] as const)
        await page.getByLabel(label).fill(text)
      await page.getByRole('button', { name: 'Create and sign in' }).click()
      await page.getByRole('alert').waitFor()
      expect(await textOf(page.getByRole('alert'))).toContain('was used')
    })
  })

  it('without a session every page of the dashboard is the sign-in page, and back to the exact view', async () => {
    await withPage({ expected: /401/ }, async (page) => {
      await page.goto(`${url}/?period=7d&metric=co2_kg&filter=model:gpt-4o`)
      await page.getByLabel('E-mail').waitFor()
      await expectSound(page, 'e-mail')
      await givePassword(page, 'olivia@acme.example', PASSWORD)
      await page.getByRole('button', { name: /^Account of/ }).waitFor()
      const { pathname, search } = new URL(page.url())
      expect(pathname + search).toBe('/?period=7d&metric=co2_kg&filter=model:gpt-4o')
    })
  })

  it('a return_to of another host is not followed', async () => {
    await withPage({}, async (page) => {
      await page.goto(`${url}/sign-in?return_to=${encodeURIComponent('//evil.example/x')}`)
      await givePassword(page, 'olivia@acme.example', PASSWORD)
      await page.getByRole('button', { name: /^Account of/ }).waitFor()
      expect(new URL(page.url()).origin).toBe(url)
    })
  })
})
