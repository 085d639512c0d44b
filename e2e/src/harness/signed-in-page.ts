/** What people do on the pages of sign-in, in a real browser, and what they may then ask the API. */
import type { Page } from 'playwright-core'

export async function giveEmail(page: Page, email: string): Promise<void> {
  await page.getByLabel('E-mail').fill(email)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: 'Change' }).waitFor()
}

export async function givePassword(page: Page, email: string, password: string): Promise<void> {
  await giveEmail(page, email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

export async function chooseInMenu(page: Page, item: string | RegExp): Promise<void> {
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menu').waitFor()
  await page.getByRole('menu').getByText(item).click()
}

export interface Answer {
  readonly status: number
  readonly json: unknown
}

/** Asked by the page itself, with its cookie, its origin and the session's CSRF token. */
export async function askAsPage(page: Page, method: string, path: string, body?: unknown): Promise<Answer> {
  return await page.evaluate(
    async ({ method: verb, path: address, body: sent }) => {
      const me = (await (await fetch('/v1/auth/me')).json()) as { csrf_token?: string }
      const answer = await fetch(address, {
        method: verb,
        headers: {
          'x-csrf-token': me.csrf_token ?? '',
          ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
      })
      return { status: answer.status, json: (await answer.json()) as unknown }
    },
    { method, path, body },
  )
}
