/** A Chromium for sign-in pages: fails a test for what the console says, for serious faults of access, for sideways scrolling. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { seriousFaults, sidewaysScroll } from '../../ui/page-harness.ts'
import { launchChromium, openPage, type PageOptions } from './chromium.ts'
import { REPOSITORY } from './product.ts'

const SCREENSHOTS = join(REPOSITORY, 'e2e/screenshots')

type Look = PageOptions & { readonly expected?: RegExp }

/**
 * One Chromium for the tests of a file. What it returns runs a test in a window of its own; complaints that match none of
 * `expected` fail it: refusals are loud in the console.
 */
export function useSignInBrowser(): (look: Look, body: (page: Page) => Promise<void>) => Promise<void> {
  let browser: Browser
  beforeAll(async () => {
    await mkdir(SCREENSHOTS, { recursive: true })
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())
  return async ({ expected, ...look }, body) => {
    const watched = await openPage(browser, look)
    try {
      await body(watched.page)
      expect(watched.complaints.filter((c) => expected?.test(c) !== true)).toEqual([])
    } finally {
      await watched.context.close()
    }
  }
}

/** Takes a screenshot as well, `e2e/screenshots/sign-in-<name>.png`. */
export async function expectSound(page: Page, name: string): Promise<void> {
  expect(await seriousFaults(page)).toEqual([])
  expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0)
  await page.screenshot({ path: join(SCREENSHOTS, `sign-in-${name}.png`), fullPage: true })
}
