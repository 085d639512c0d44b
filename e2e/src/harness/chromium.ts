/** A real Chromium for the page tests: found, started without anything that calls home, and watched for errors. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { config } from '../config.ts'

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** @throws Error that says how to get one */
export function findChromium(): string {
  const candidates = [
    ...(config.chromiumPath === null ? ['/usr/bin/chromium'] : [config.chromiumPath]),
    ...config.path.split(delimiter).flatMap((dir) => ['chromium', 'chromium-browser'].map((name) => join(dir, name))),
  ]
  const found = (config.chromiumPath === null ? candidates : candidates.slice(0, 1)).find(isExecutable)
  if (found !== undefined) return found
  throw new Error(
    config.chromiumPath === null
      ? 'find Chromium: none at /usr/bin/chromium or on PATH; install it (Debian: apt-get install chromium) or set CHROMIUM_PATH'
      : `find Chromium: CHROMIUM_PATH is ${config.chromiumPath}, which can't be executed`,
  )
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), args: ARGUMENTS })
}

export interface WatchedPage {
  readonly page: Page
  readonly context: BrowserContext
  /** Errors of the console and of scripts, failed loads, and requests to any other host; must stay empty. */
  readonly complaints: readonly string[]
}

export interface PageOptions {
  readonly width?: number
  readonly height?: number
  readonly dark?: boolean
}

export async function openPage(browser: Browser, options: PageOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 900 },
    colorScheme: options.dark === true ? 'dark' : 'light',
    timezoneId: 'UTC',
    locale: 'en-GB',
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`console ${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`script: ${error.message}`))
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url())
    if (protocol !== 'data:' && protocol !== 'blob:' && hostname !== '127.0.0.1' && hostname !== 'localhost')
      complaints.push(`request to another host: ${request.url()}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} for ${response.url()}`)
  })
  return { page, context, complaints }
}
