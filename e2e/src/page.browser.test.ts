/**
 * The page of a real product in a real Chromium: from empty to live, with a month of sample data, by keyboard, in the
 * dark, on a phone, and for a screen reader. Screenshots of every state go to e2e/screenshots.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { eventsAnswer, usageAnswer } from '@ecomind/schemas'
import axe from 'axe-core'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inheritedEnvironment } from './config.ts'
import { getJson, getReconciliation } from './harness/api-client.ts'
import { supervisedParts } from './harness/chaos.ts'
import { launchChromium, openPage, type PageOptions, type WatchedPage } from './harness/chromium.ts'
import { startProcess } from './harness/managed-process.ts'
import { createProduct, type Product, REPOSITORY } from './harness/product.ts'
import { say } from './harness/scenario.ts'
import { fits, readQuantity } from './harness/shown-quantity.ts'
import { waitFor } from './harness/wait-for.ts'

const SCREENSHOTS = join(REPOSITORY, 'e2e/screenshots')
const METRICS = ['kwh', 'water_l', 'co2_kg'] as const

let product: Product
let browser: Browser

beforeAll(async () => {
  await mkdir(SCREENSHOTS, { recursive: true })
  browser = await launchChromium()
  product = await createProduct()
  await product.start('supervisor')
}, 300_000)
afterAll(async () => {
  await browser?.close()
  await product?.dispose()
})

async function withPage(path: string, options: PageOptions, body: (watched: WatchedPage) => Promise<void>) {
  const watched = await openPage(browser, options)
  try {
    await watched.page.goto(`${product.apiUrl}${path}`)
    await body(watched)
    expect(watched.complaints).toEqual([])
  } finally {
    await watched.context.close()
  }
}

/** The text of an element, its white space as one blank. */
async function textOf(locator: Locator): Promise<string> {
  return ((await locator.textContent()) ?? '').replace(/\s+/g, ' ').trim()
}

/** The whole page, or what the window shows: a drawer stands still over the window. */
async function shoot(page: Page, name: string, fullPage = !/explain|drawer/.test(name)): Promise<void> {
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage })
}

/** Rules of WCAG 2.2 AA and axe's best practices; what is serious or critical is a fault. */
async function expectAccessible(page: Page, state: string): Promise<void> {
  await page.evaluate(axe.source)
  const violations = await page.evaluate(async () => {
    // The script above has put it there.
    const results = await (globalThis as unknown as { axe: typeof axe }).axe.run()
    return results.violations.map((v) => ({
      id: v.id,
      impact: v.impact,
      where: v.nodes.map((n) => `${n.target.join(' ')}: ${n.failureSummary ?? ''}`),
    }))
  })
  const minor = violations.filter((v) => v.impact !== 'serious' && v.impact !== 'critical')
  if (minor.length > 0) say(`axe, ${state}: ${JSON.stringify(minor)}`)
  expect(violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')).toEqual([])
}

async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const [content, window] = await page.evaluate(() => [
    // The document of the page, not of this file.
    (globalThis as unknown as { document: { documentElement: { scrollWidth: number } } }).document.documentElement
      .scrollWidth,
    (globalThis as unknown as { innerWidth: number }).innerWidth,
  ])
  expect(content).toBeLessThanOrEqual(window ?? 0)
}

const theDrawer = (page: Page) => page.getByRole('dialog')

describe('the empty page', () => {
  it('shows a curl for this very edge, and the event it sends makes the page live without a reload', async () => {
    await withPage('/', {}, async ({ page }) => {
      const command = await page.getByTestId('first-event-command').textContent()
      expect(command).toContain(`${product.ports.edge}/v1/ingest`)
      await expectAccessible(page, 'empty')
      await shoot(page, 'empty')
      const marked = await page.evaluate(() => Object.assign(globalThis, { stillTheSamePage: true }).stillTheSamePage)
      expect(marked).toBe(true)

      const body = /-d '(.*)'/s.exec(command ?? '')?.[1] ?? ''
      const answer = await fetch(`${product.edgeUrl}/v1/ingest`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body,
      })
      expect(answer.status).toBe(202)

      await page.getByTestId('total-kwh').waitFor({ timeout: 150_000 })
      await waitFor('the first number', async () => readQuantity(await textOf(page.getByTestId('total-kwh'))).value > 0)
      await page.locator('.live-mark[data-state="live"]').waitFor({ timeout: 150_000 })
      expect(await page.evaluate(() => 'stillTheSamePage' in globalThis)).toBe(true)
      await shoot(page, 'first-event')

      const before = await textOf(page.getByTestId('total-kwh'))
      await fetch(`${product.edgeUrl}/v1/ingest`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({
          ...(JSON.parse(body) as object),
          tokens_in: 90_000,
          tokens_out: 90_000,
          ts: Date.now(),
        }),
      })
      await waitFor(
        'the number to grow by itself',
        async () => (await textOf(page.getByTestId('total-kwh'))) !== before,
      )
      expect(await page.evaluate(() => 'stillTheSamePage' in globalThis)).toBe(true)
    })
  })
})

describe('the page with 30 days of sample data', () => {
  let period = ''
  beforeAll(async () => {
    const sender = await startProcess({
      name: 'sample data',
      command: process.execPath,
      args: ['--import', 'tsx', 'scripts/src/sample-data/main.ts'],
      cwd: REPOSITORY,
      env: { ...inheritedEnvironment(), EDGE_PORT: String(product.ports.edge) },
    })
    const exit = await sender.exited
    if (exit.code !== 0) throw new Error(`send sample data: ${sender.output()}`)
    const sent = Number(/Sent (\d+) sample events/.exec(sender.output())?.[1])
    expect(sent).toBeGreaterThan(1_000)
    await waitFor(
      `${sent} sample events to be loaded`,
      async () => {
        const { stored, inFlight } = await getReconciliation(product.apiUrl, 'org_demo')
        return stored >= sent && inFlight === 0
      },
      { timeoutMs: 180_000, everyMs: 300 },
    )
    const hourMs = 3_600_000
    const to = Math.floor(Date.now() / hourMs) * hourMs
    period = `from=${new Date(to - 20 * 24 * hourMs).toISOString()}&to=${new Date(to).toISOString()}&tz=UTC`
  }, 400_000)

  /** What the API says about the period of these tests. */
  async function asked(extra: Record<string, string> = {}) {
    const query = { org_id: 'org_demo', ...Object.fromEntries(new URLSearchParams(period)), ...extra }
    return await getJson(product.apiUrl, '/v1/usage', usageAnswer, query)
  }

  const loaded = async (page: Page): Promise<void> => {
    for (const metric of METRICS) await page.getByTestId(`total-${metric}`).waitFor({ timeout: 150_000 })
    await page.locator('canvas').first().waitFor()
    await page.locator('.bar-list li').first().waitFor()
  }

  it("shows the API's numbers, each with its range", async () => {
    await withPage(`/?${period}`, {}, async ({ page }) => {
      await loaded(page)
      const { totals } = await asked()
      expect(totals.calls).toBeGreaterThan(1_000)
      for (const metric of METRICS) {
        const shown = await textOf(page.getByTestId(`total-${metric}`))
        expect([metric, shown, fits(shown, totals[metric])]).toEqual([metric, shown, true])
        const range = await textOf(page.getByTestId(`range-${metric}`))
        const [, low, high, unit] = /between\s+([\d.,]+)–([\d.,]+) (.+)/.exec(range) ?? []
        expect([range, fits(`${low} ${unit}`, totals[`${metric}_low`])]).toEqual([range, true])
        expect([range, fits(`${high} ${unit}`, totals[`${metric}_high`])]).toEqual([range, true])
      }
      await shoot(page, 'sample-light')
    })
  })

  it('breaks down by model, provider, user and region as the API does', async () => {
    for (const [by, field] of [
      ['model', 'model'],
      ['provider', 'provider'],
      ['user_id', 'user_id'],
      ['region', 'region'],
    ] as const) {
      await withPage(`/?${period}&by=${by}&metric=kwh`, {}, async ({ page }) => {
        await loaded(page)
        const { items } = await asked({ group_by: field })
        const largest = items.toSorted((a, b) => b.kwh - a.kwh)[0]
        const row = page.locator('.bar-list li').first()
        expect(await textOf(row.locator('.bar-name'))).toContain(largest?.[field])
        const shown = await textOf(row.locator('.bar-value'))
        expect([by, shown, fits(shown, largest?.kwh ?? -1)]).toEqual([by, shown, true])
      })
    }
  })

  it('filters by a click on a row, keeps it in the URL, and shows the filtered total', async () => {
    await withPage(`/?${period}&by=model&metric=kwh`, {}, async ({ page }) => {
      await loaded(page)
      const whole = await textOf(page.getByTestId('total-kwh'))
      await page.locator('.bar-list li .bar-button').first().click()
      await waitFor('the filtered total', async () => (await textOf(page.getByTestId('total-kwh'))) !== whole)
      const filter = new URL(page.url()).searchParams.get('filter') ?? ''
      expect(filter).toMatch(/^model:/)
      const { totals } = await asked({ filter })
      await waitFor('the total of the filter', async () =>
        fits(await textOf(page.getByTestId('total-kwh')), totals.kwh),
      )
      await page.goBack()
      await waitFor('the whole again', async () => (await textOf(page.getByTestId('total-kwh'))) === whole)
    })
  })

  it('explains a number down to its sources, opened and closed by keyboard alone', async () => {
    await withPage(`/?${period}`, {}, async ({ page }) => {
      await loaded(page)
      await tabTo(page, 'How is this computed?')
      await page.keyboard.press('Enter')
      await theDrawer(page).waitFor()
      await theDrawer(page).getByText('Built from these models').waitFor()
      await shoot(page, 'explain-total')
      await expectAccessible(page, 'drawer of a total')
      const call = theDrawer(page).locator('.call-button').first()
      await call.focus()
      await page.keyboard.press('Enter')
      await theDrawer(page).getByText('Reproduced exactly').waitFor()
      await theDrawer(page).getByText('Sources', { exact: true }).waitFor()
      const id = /event:(.+)/.exec(new URL(page.url()).searchParams.get('explain') ?? '')?.[1] ?? ''
      const [event] = (await getJson(product.apiUrl, '/v1/events', eventsAnswer, { org_id: 'org_demo', limit: 5 }))
        .items
      expect(id).not.toBe('')
      expect(event).toBeDefined()
      expect(await textOf(theDrawer(page))).toContain(id)
      await shoot(page, 'explain-event')
      await theDrawer(page).getByText('Sources', { exact: true }).scrollIntoViewIfNeeded()
      await shoot(page, 'explain-event-sources')
      await expectAccessible(page, 'drawer of an event')
      await page.keyboard.press('Escape')
      await theDrawer(page).waitFor({ state: 'detached' })
    })
  })

  it('opens the same explanation from its link', async () => {
    const { items } = await getJson(product.apiUrl, '/v1/events', eventsAnswer, { org_id: 'org_demo', limit: 1 })
    const event = items[0]
    await withPage(`/?explain=event:${encodeURIComponent(event?.event_id ?? '')}`, {}, async ({ page }) => {
      await theDrawer(page).getByText('Reproduced exactly').waitFor()
      const shown = await textOf(theDrawer(page).locator('.result[data-metric="kwh"] .text-xl'))
      expect([shown, fits(shown, event?.kwh ?? -1)]).toEqual([shown, true])
    })
  })

  it('is accessible and legible in the light and in the dark theme, as chart and as table', async () => {
    for (const dark of [false, true])
      for (const table of [false, true])
        await withPage(`/?${period}${table ? '&table=yes' : ''}`, { dark }, async ({ page }) => {
          if (table) await page.locator('figure table').waitFor({ timeout: 150_000 })
          else await loaded(page)
          const state = `${dark ? 'dark' : 'light'}-${table ? 'table' : 'chart'}`
          await expectAccessible(page, state)
          await shoot(page, state)
        })
  })

  it('fits 390 pixels without scrolling sideways, drawer and empty organisation included', async () => {
    for (const dark of [false, true]) {
      await withPage(`/?${period}`, { width: 390, height: 844, dark }, async ({ page }) => {
        await loaded(page)
        await expectNoSidewaysScroll(page)
        await expectAccessible(page, `narrow ${dark ? 'dark' : 'light'}`)
        await shoot(page, `narrow-${dark ? 'dark' : 'light'}`)
        await page
          .getByRole('button', { name: /How is this computed/ })
          .first()
          .click()
        await theDrawer(page).getByText('Built from these models').waitFor()
        await expectNoSidewaysScroll(page)
        await shoot(page, `narrow-drawer-${dark ? 'dark' : 'light'}`)
      })
    }
  })

  it('says that it is not up to date while the core is away, and recovers by itself', async () => {
    const watched = await openPage(browser)
    try {
      await watched.page.goto(`${product.apiUrl}/`)
      await watched.page.locator('.live-mark[data-state="live"]').waitFor({ timeout: 150_000 })
      const core = (await supervisedParts(product)).find((p) => p.command.includes('processes/core.mjs'))
      if (core === undefined) throw new Error('kill the core: the supervisor does not run it')
      process.kill(core.pid, 'SIGKILL')
      await watched.page.locator('.live-mark:not([data-state="live"])').waitFor({ timeout: 150_000 })
      await watched.page.locator('.live-mark[data-state="live"]').waitFor({ timeout: 300_000 })
    } finally {
      await watched.context.close()
    }
  })

  it('asks for the users that it shows, and for all of them when they are wanted', async () => {
    const call = { org_id: 'org_demo', provider: 'openai', model: 'gpt-4o', tokens_in: 10, tokens_out: 1 }
    const ts = new Date(Date.parse(new URLSearchParams(period).get('to') ?? '') - 60_000).toISOString()
    const events = ['a', 'b', 'c'].map((name) => ({ ...call, user_id: `more_${name}`, ts }))
    const headers = { 'Content-Type': 'application/json' }
    const sent = await fetch(`${product.edgeUrl}/v1/ingest`, { method: 'POST', headers, body: JSON.stringify(events) })
    expect(sent.status).toBe(202)
    await waitFor('more users', async () => (await asked({ group_by: 'user_id' })).items.length > 10)
    await withPage(`/?${period}&by=user_id&metric=kwh`, {}, async ({ page }) => {
      await loaded(page)
      const { items } = await asked({ group_by: 'user_id' })
      const rows = page.locator('.bar-list li')
      await waitFor('the largest users', async () => (await rows.count()) === 8)
      const answered = page.waitForResponse((response) => response.url().includes('limit=1000'))
      await page.getByRole('button', { name: `Show all ${items.length}` }).click()
      expect(((await (await answered).json()) as { items: unknown[] }).items).toHaveLength(items.length)
      await waitFor('all users', async () => (await rows.count()) === items.length)
      const names = items.toSorted((a, b) => b.kwh - a.kwh).map((item) => item.user_id)
      expect(await textOf(rows.last().locator('.bar-name'))).toContain(names.at(-1))
      await shoot(page, 'all-users')
      await page.getByRole('button', { name: 'Show the first 8' }).click()
      await waitFor('the largest users again', async () => (await rows.count()) === 8)
      const largest = page.waitForResponse((response) => response.url().includes('limit=8&order_by=water_l'))
      await page.goto(`${product.apiUrl}/?${period}&by=user_id&metric=water_l`)
      expect((await largest).status()).toBe(200)
    })
  })
})

/** Presses Tab until the focused element's text begins with this. */
async function tabTo(page: Page, text: string): Promise<void> {
  for (let presses = 0; presses < 120; presses++) {
    await page.keyboard.press('Tab')
    // A field inside a native control has the focus, and then no element of the page matches.
    const focused = await page.locator(':focus').allTextContents()
    if (focused.join('').trim().startsWith(text)) return
  }
  throw new Error(`tab to "${text}": not reached with 120 presses`)
}
