/** The built page over the mock API in a real Chromium, with the page's clock stopped where the mock's stands. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type MockServer, type MockServerOptions, startMockServer } from '@ecomind/ui/mock-api'
import axe from 'axe-core'
import type { Browser, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { buildPage } from '../../scripts/src/start/build-page.ts'
import { launchChromium, openPage, type PageOptions } from '../src/harness/chromium.ts'

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url))
const SCREENSHOTS = join(REPOSITORY, 'e2e/screenshots')
export const NOW_MS = Date.parse('2026-03-12T14:37:20Z')

export interface MockedPages {
  readonly mock: MockServer
  /** Opens a page in a scenario; complaints of the browser that match none of `expected` fail the test. */
  visit(path: string, options: VisitOptions, body: (page: Page) => Promise<void>): Promise<void>
  close(): Promise<void>
}

export interface VisitOptions extends PageOptions {
  readonly scenario?: string
  readonly expected?: RegExp
}

export async function openMockedPages(options: Partial<MockServerOptions> = {}): Promise<MockedPages> {
  await buildPage(REPOSITORY)
  await mkdir(SCREENSHOTS, { recursive: true })
  const mock = await startMockServer({ distDir: join(REPOSITORY, 'ui/dist'), now: () => NOW_MS, ...options })
  const browser: Browser = await launchChromium()
  return {
    mock,
    async visit(path, { scenario = 'sample', expected, ...pageOptions }, body) {
      const watched = await openPage(browser, pageOptions)
      try {
        await watched.page.clock.setFixedTime(NOW_MS)
        await watched.context.request.get(`${mock.url}/__scenario/${scenario}`)
        await watched.page.goto(mock.url + path)
        await body(watched.page)
        expect(watched.complaints.filter((complaint) => expected?.test(complaint) !== true)).toEqual([])
      } finally {
        await watched.context.close()
      }
    },
    async close() {
      await browser.close()
      await mock.close()
    },
  }
}

export async function textOf(locator: Locator): Promise<string> {
  return ((await locator.textContent()) ?? '').replace(/\s+/g, ' ').trim()
}

/** An expectation that is looked at until it holds; the limit is generous, because a full machine is slow, not wrong. */
export function eventually<T>(probe: () => T) {
  return expect.poll(probe, { timeout: 30_000 })
}

/** What axe-core calls serious or critical, with WCAG 2.2 AA and best practices on, target sizes included. */
export async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  return await page.evaluate(async () => {
    // The script above has put it there.
    const { axe: inPage } = globalThis as unknown as { axe: typeof axe }
    const results = await inPage.run({
      rules: { 'target-size': { enabled: true } },
    } as unknown as Parameters<typeof inPage.run>[0])
    return results.violations
      .filter((fault) => fault.impact === 'serious' || fault.impact === 'critical')
      .flatMap((fault) => fault.nodes.map((node) => `${fault.id}: ${node.target.join(' ')}: ${node.failureSummary}`))
  })
}

/** Pixels by which the page is wider than the window. */
export async function sidewaysScroll(page: Page): Promise<number> {
  return await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
}

export async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(SCREENSHOTS, `mock-${name}.png`), fullPage: true })
}
