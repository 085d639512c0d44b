/** A Chromium for sign-in pages: fails a test for what the console says, for serious faults of access, for sideways scrolling. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'
import { seriousFaults, sidewaysScroll } from '../../ui/page-harness.ts'
import { launchChromium, openPage, type PageOptions } from './chromium.ts'
import { REPOSITORY } from './product.ts'

const SCREENSHOTS = join(REPOSITORY, 'e2e/screenshots')

export async function openSignInBrowser(): Promise<Browser> {
  await mkdir(SCREENSHOTS, { recursive: true })
  return await launchChromium()
}

/** A browser of its own. Complaints that match none of `expected` fail the test: refusals are loud in the console. */
export async function withPageOf(
  browser: Browser,
  { expected, ...look }: PageOptions & { readonly expected?: RegExp },
  body: (page: Page) => Promise<void>,
): Promise<void> {
  const watched = await openPage(browser, look)
  try {
    await body(watched.page)
    expect(watched.complaints.filter((c) => expected?.test(c) !== true)).toEqual([])
  } finally {
    await watched.context.close()
  }
}

/** Takes a screenshot as well, `e2e/screenshots/sign-in-<name>.png`. */
export async function expectSound(page: Page, name: string): Promise<void> {
  expect(await seriousFaults(page)).toEqual([])
  expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0)
  await page.screenshot({ path: join(SCREENSHOTS, `sign-in-${name}.png`), fullPage: true })
}
