/** Using the page: filters, zoom, keyboard, history, live updates, themes. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, type MockedPages, openMockedPages, textOf } from './page-harness.ts'

let pages: MockedPages
beforeAll(async () => {
  pages = await openMockedPages({ liveEveryMs: 300 })
})
afterAll(() => pages?.close())

const query = (page: Page) => new URL(page.url()).searchParams
const loaded = async (page: Page) => {
  await page.getByTestId('total-kwh').waitFor()
  await page.locator('canvas').waitFor()
  await page.locator('.bar-list li').first().waitFor()
}

describe('filters', () => {
  it('a row filters everything, its chip takes the filter away, back and forward restore both', async () => {
    await pages.visit('/', {}, async (page) => {
      await loaded(page)
      const whole = await textOf(page.getByTestId('total-kwh'))
      await page.locator('.bar-button', { hasText: 'gpt-4o-mini' }).click()
      await eventually(() => textOf(page.getByTestId('total-kwh'))).not.toBe(whole)
      expect(query(page).getAll('filter')).toEqual(['model:gpt-4o-mini'])
      await page.locator('.chip').click()
      await eventually(() => textOf(page.getByTestId('total-kwh'))).toBe(whole)
      await page.goBack()
      await eventually(() => query(page).getAll('filter')).toEqual(['model:gpt-4o-mini'])
      await eventually(() => textOf(page.getByTestId('total-kwh'))).not.toBe(whole)
      await page.goBack()
      await eventually(() => textOf(page.getByTestId('total-kwh'))).toBe(whole)
      expect(new URL(page.url()).search).toBe('')
    })
  })

  it('leaving a value out is the opposite, and Escape clears all', async () => {
    await pages.visit('/?filter=provider:openai', {}, async (page) => {
      await loaded(page)
      await page.getByRole('button', { name: 'Leave out o3' }).click()
      await eventually(() => query(page).getAll('filter')).toEqual(['provider:openai', '-model:o3'])
      await page.keyboard.press('Escape')
      await eventually(() => query(page).getAll('filter')).toEqual([])
    })
  })

  it('only what was chosen stands in the URL', async () => {
    await pages.visit('/', {}, async (page) => {
      await loaded(page)
      expect(new URL(page.url()).search).toBe('')
      await page.getByRole('radio', { name: 'litres' }).check()
      await page.getByRole('radio', { name: '7 days' }).check()
      await page.getByRole('tab', { name: 'Region' }).click()
      await page.getByRole('checkbox', { name: 'Compare with previous' }).check()
      await eventually(() => new URL(page.url()).search).toBe('?period=7d&metric=water_l&by=region&compare=yes')
      await page.reload()
      await loaded(page)
      expect(await page.getByRole('tab', { name: 'Region' }).getAttribute('aria-selected')).toBe('true')
      expect(await page.locator('.change').count()).toBeGreaterThan(3)
    })
  })
})

describe('chart', () => {
  it('a brush zooms and writes from and to; the time inputs show them', async () => {
    await pages.visit('/', {}, async (page) => {
      await loaded(page)
      const box = await page.locator('.u-over').boundingBox()
      if (box === null) throw new Error('Brush the chart: it has no box')
      await page.mouse.move(box.x + box.width * 0.5, box.y + 50)
      await page.mouse.down()
      await page.mouse.move(box.x + box.width * 0.75, box.y + 60, { steps: 5 })
      await page.mouse.up()
      await eventually(() => query(page).get('from')).toMatch(/^2026-03-12T07:/)
      expect(query(page).get('to')).toMatch(/^2026-03-12T11:/)
      await eventually(() => page.getByLabel('From').inputValue()).toMatch(/^2026-03-12T07:/)
    })
  })

  it('is read and zoomed by keyboard alone', async () => {
    await pages.visit('/', {}, async (page) => {
      await loaded(page)
      const chart = page.getByRole('slider')
      await chart.focus()
      await page.keyboard.press('End')
      await eventually(() => chart.getAttribute('aria-valuetext')).toMatch(
        /^12 Mar, 14:30–14:45: 5\.9 Wh \(2\.7–14\), \d+ calls, provisional$/,
      )
      await page.keyboard.press('ArrowLeft')
      await eventually(() => chart.getAttribute('aria-valuetext')).toMatch(/^12 Mar, 14:15–14:30/)
      expect(await textOf(page.getByTestId('chart-readout'))).toBe(await chart.getAttribute('aria-valuetext'))
      for (let step = 0; step < 4; step++) await page.keyboard.press('Shift+ArrowLeft')
      await page.keyboard.press('Enter')
      await eventually(() => query(page).get('from')).toBe('2026-03-12T13:15:00.000Z')
      expect(query(page).get('to')).toBe('2026-03-12T14:30:00.000Z')
    })
  })

  it('follows the window’s width and does not grow by itself', async () => {
    await pages.visit('/', {}, async (page) => {
      await loaded(page)
      const height = () => page.locator('.chart-box').evaluate((box: { clientHeight: number }) => box.clientHeight)
      const canvasWidth = () => page.locator('canvas').evaluate((canvas: { clientWidth: number }) => canvas.clientWidth)
      // uPlot gives the canvas its width a frame after the box.
      await eventually(canvasWidth).toBeGreaterThan(300)
      const wide = await canvasWidth()
      const before = await height()
      await page.setViewportSize({ width: 700, height: 900 })
      await eventually(canvasWidth).not.toBe(wide)
      await page.setViewportSize({ width: 1280, height: 900 })
      await eventually(canvasWidth).toBe(wide)
      expect(await height()).toBe(before)
    })
  })

  it('has a twin with the same numbers', async () => {
    await pages.visit('/', {}, async (page) => {
      await loaded(page)
      await page.getByRole('button', { name: 'View as table' }).click()
      const first = page.locator('figure tbody tr').first()
      expect(await textOf(first)).toMatch(/12 Mar, 14:30–14:45\s?5\.9\s?2\.7–14\s?\d+\s?provisional/)
      expect(query(page).get('table')).toBe('yes')
    })
  })
})

describe('explanation', () => {
  it('opens from a card, unfolds a call, and gives the focus back when closed', async () => {
    await pages.visit('/', {}, async (page) => {
      await loaded(page)
      const opener = page.getByRole('button', { name: 'How is this computed? Water' })
      await opener.focus()
      await page.keyboard.press('Enter')
      const drawer = page.getByRole('dialog')
      await drawer.getByText('Built from these models').waitFor()
      await drawer.locator('.call-button').first().click()
      await drawer.getByText('Reproduced exactly').waitFor()
      expect(await textOf(page.locator(':focus'))).toBe('How this call’s numbers came about')
      await drawer.getByText('CC BY-SA 4.0').waitFor()
      await page.keyboard.press('Escape')
      await drawer.waitFor({ state: 'detached' })
      expect(query(page).get('explain')).toBeNull()
      await eventually(() => textOf(page.locator(':focus'))).toBe('How is this computed? Water')
    })
  })

  it('keeps the focus inside while it is open', async () => {
    await pages.visit('/?explain=event:mock-00000010', {}, async (page) => {
      await page.locator('.step').first().waitFor()
      const focused = () => page.locator('.drawer:focus, .drawer :focus').count()
      await eventually(focused).toBe(1)
      for (let presses = 0; presses < 30; presses++) {
        await page.keyboard.press('Tab')
        // Behind the last element the trap hands the focus back to the first, one moment later.
        await eventually(focused).toBe(1)
      }
    })
  })
})

describe('live', () => {
  it('shows a call that has just come in, without moving the focus', async () => {
    await pages.visit('/', {}, async (page) => {
      await loaded(page)
      await page.locator('.live-mark[data-state="live"]').waitFor()
      const calls = async () => Number(/Calls\s*([\d,]+)/.exec(await textOf(page.locator('.quality-strip')))?.[1])
      const before = await calls()
      const row = page.locator('.bar-button').first()
      await row.focus()
      await post('2026-03-12T14:37:20Z')
      await eventually(calls).toBe(before + 1)
      expect(await row.evaluate((element) => element.matches(':focus'))).toBe(true)
    })
  })

  it('paused, nothing moves; resumed, what was missed is there', async () => {
    await pages.visit('/', {}, async (page) => {
      await loaded(page)
      const newest = () => textOf(page.locator('.event-row').first())
      const before = await newest()
      await page.getByRole('button', { name: 'Pause live updates' }).click()
      await page.locator('.live-mark[data-state="paused"]').waitFor()
      let asked = 0
      page.on('request', () => asked++)
      await post('2026-03-12T14:37:20Z')
      await post('2026-03-12T14:37:20Z')
      expect(await newest()).toBe(before)
      expect(asked).toBe(0)
      await page.getByRole('button', { name: 'Pause live updates' }).click()
      await eventually(newest).not.toBe(before)
    })
  })

  const post = (ts: string) =>
    fetch(`${pages.mock.url}/v1/ingest`, {
      method: 'POST',
      body: JSON.stringify({
        user_id: 'user_new',
        provider: 'openai',
        model: 'gpt-4o',
        tokens_in: 500,
        tokens_out: 900,
        ts,
      }),
    })
})

describe('theme', () => {
  it('is kept over a reload without a flash of the other', async () => {
    await pages.visit('/', {}, async (page) => {
      await loaded(page)
      await page.getByRole('radio', { name: 'Dark theme' }).check()
      const ground = () => page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor')
      expect(await ground()).toBe('rgb(14, 18, 15)')
      await page.reload({ waitUntil: 'commit' })
      await page.locator('html[data-theme="dark"]').waitFor({ state: 'attached' })
      expect(await ground()).toBe('rgb(14, 18, 15)')
    })
  })
})

describe('zone', () => {
  it('a chosen zone moves the day’s beginning and every time shown', async () => {
    await pages.visit('/?tz=Asia/Kolkata', {}, async (page) => {
      await loaded(page)
      expect(await page.getByLabel('Zone').inputValue()).toBe('Asia/Kolkata')
      expect(await textOf(page.locator('section[aria-labelledby="cards-heading"] p').first())).toBe(
        '12 Mar 2026, 00:00–20:15, Asia/Kolkata',
      )
    })
  })

  it('a custom period is read in that zone', async () => {
    await pages.visit('/?tz=Europe/Berlin', {}, async (page) => {
      await loaded(page)
      await page.getByRole('radio', { name: 'Custom' }).check()
      await page.getByLabel('From').fill('2026-03-10T09:00')
      await page.getByRole('textbox', { name: 'To' }).fill('2026-03-10T08:00')
      await page.getByRole('button', { name: 'Apply' }).click()
      await page.getByRole('alert').getByText('at least 5 minutes').waitFor()
      await page.getByRole('textbox', { name: 'To' }).fill('2026-03-10T12:00')
      await page.getByRole('button', { name: 'Apply' }).click()
      await eventually(() => query(page).get('from')).toBe('2026-03-10T08:00:00.000Z')
      expect(query(page).get('to')).toBe('2026-03-10T11:00:00.000Z')
    })
  })
})
