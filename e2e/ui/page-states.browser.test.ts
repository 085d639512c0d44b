/** Every state of the page, reached by a named scenario of the mock: what it shows, whether axe-core finds fault, and whether it fits. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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
  pages = await openMockedPages({ slowMs: 1_500 })
})
afterAll(() => pages?.close())

const REFUSED = /503/
const LOOKS = [
  { look: 'light', options: {} },
  { look: 'dark', options: { dark: true } },
  { look: 'narrow', options: { width: 390, height: 844 } },
] as const

const STATES = [
  { state: 'sample', scenario: 'sample', path: '/', ready: '[data-testid="total-kwh"]' },
  { state: 'table', scenario: 'sample', path: '/?table=yes&compare=yes&period=7d', ready: 'figure table' },
  { state: 'filtered', scenario: 'sample', path: '/?filter=provider:openai&compare=yes&by=user_id', ready: '.chip' },
  { state: 'custom', scenario: 'sample', path: '/?from=2026-03-10T08:00:00Z&to=2026-03-10T10:00:00Z', ready: 'form' },
  { state: 'drawer-event', scenario: 'sample', path: '/?explain=event:mock-00000010', ready: '.step' },
  { state: 'drawer-total', scenario: 'sample', path: '/?explain=total&metric=water_l', ready: '.drawer tfoot' },
  { state: 'empty', scenario: 'empty', path: '/', ready: '#empty-heading' },
  { state: 'long-names', scenario: 'long-names', path: '/?by=user_id', ready: '.bar-list li' },
  { state: 'drawer-long-names', scenario: 'long-names', path: '/?explain=event:mock-00000010', ready: '.step' },
  { state: 'error', scenario: 'error', path: '/', ready: '.panel-error' },
  { state: 'slow', scenario: 'slow', path: '/', ready: '.skeleton' },
] as const

describe.each(STATES)('state $state', ({ state, scenario, path, ready }) => {
  it.each(LOOKS)('$look: nothing serious for axe-core, no sideways scroll', async ({ look, options }) => {
    await pages.visit(path, { scenario, expected: REFUSED, ...options }, async (page) => {
      await page.locator(ready).first().waitFor()
      expect(await seriousFaults(page)).toEqual([])
      expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0)
      await shoot(page, `${state}-${look}`)
    })
  })
})

describe('states', () => {
  it('empty: shows the command with the present time, copies it, and flips when the first event arrives', async () => {
    await pages.visit('/', { scenario: 'empty' }, async (page) => {
      const command = await textOf(page.getByTestId('first-event-command'))
      expect(command).toMatch(
        /^curl -X POST http:\/\/localhost:8080\/v1\/ingest -H "Content-Type: application\/json" -d '/,
      )
      expect(command).toContain('"ts":"2026-03-12T14:37:20Z"')
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
      await page.getByRole('button', { name: 'Copy the command' }).click()
      await page.getByText('Copied').waitFor()
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(command)

      const body = /-d '(.*)'$/.exec(command)?.[1] ?? ''
      await fetch(`${pages.mock.url}/v1/ingest`, { method: 'POST', body })
      await page.getByTestId('total-kwh').waitFor()
      await eventually(() => textOf(page.locator('.event-row').first())).toContain('gpt-4o')
    })
  })

  it('error: each panel says what failed with its request id; a retry brings it back', async () => {
    await pages.visit('/', { scenario: 'error', expected: REFUSED }, async (page) => {
      const alerts = page.getByRole('alert')
      await eventually(() => alerts.count()).toBe(4)
      for (const text of await alerts.allTextContents()) expect(text).toMatch(/The database does not answer.*mock-\d+/s)
      await page.context().addCookies([{ name: 'ecomind_mock_scenario', value: 'sample', url: pages.mock.url }])
      await page.getByRole('button', { name: 'Try again' }).first().click()
      await page.getByTestId('total-kwh').waitFor()
    })
  })

  it('a period without calls points to the newest day that has some', async () => {
    await pages.visit('/?from=2025-03-10T08:00:00Z&to=2025-03-10T10:00:00Z', {}, async (page) => {
      await page.getByRole('button', { name: 'Show that day' }).click()
      await eventually(() => textOf(page.locator('#cards-heading'))).toBe('12 Mar 2026')
      expect(await textOf(page.getByTestId('total-kwh'))).not.toMatch(/^0/)
    })
  })

  it('a broken link of an event says so inside the drawer', async () => {
    await pages.visit('/?explain=event:no-such', { expected: /404/ }, async (page) => {
      await page.getByRole('dialog').getByText('There is no event no-such').waitFor()
    })
  })
})
