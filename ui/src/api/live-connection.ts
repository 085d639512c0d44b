/**
 * Keeps a connection to GET /v1/live.
 *
 * States: `connecting` (asked, no answer yet) -> `live` (open) -> on a failure `connecting` again after a growing pause.
 * After FAILURES_BEFORE_POLLING failures in a row it is `polling`: the page refreshes by a timer and the connection is
 * still tried in the background. `stop` ends everything; `start` after `stop` begins anew.
 */
import type { LiveMessage } from '@ecomind/schemas'

export type LiveStatus = 'connecting' | 'live' | 'polling'

/** The part of EventSource that is used, so that tests can stand in. */
export interface LiveSource {
  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void
  close(): void
}

export interface LiveConnectionOptions {
  readonly open: () => LiveSource
  readonly onStatus: (status: LiveStatus) => void
  readonly onMessage: (message: LiveMessage) => void
  /** The page should ask for everything again: after a lost connection is back, and at every tick of polling. */
  readonly onRefresh: () => void
  /** 0 to 1; spreads the reconnections of many pages after a restart of the server. */
  readonly random?: () => number
}

export interface LiveConnection {
  start(): void
  stop(): void
}

const FAILURES_BEFORE_POLLING = 3
const RETRY_MS_MIN = 1_000
const RETRY_MS_MAX = 30_000
export const POLL_MS = 10_000

/** Pause before the next attempt, ms: doubles with each failure up to the bound, half of it random. */
export function retryDelayMs(failures: number, random: number): number {
  const bound = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** (failures - 1))
  return bound / 2 + (bound / 2) * random
}

function parseMessage(data: unknown): LiveMessage | null {
  if (typeof data !== 'string') return null
  try {
    const message: unknown = JSON.parse(data)
    const complete = typeof message === 'object' && message !== null && 'today' in message && 'windows' in message
    return complete ? (message as LiveMessage) : null
  } catch {
    return null
  }
}

export function createLiveConnection(options: LiveConnectionOptions): LiveConnection {
  const random = options.random ?? Math.random
  let source: LiveSource | null = null
  let failures = 0
  let retryTimer: ReturnType<typeof setTimeout> | undefined
  let pollTimer: ReturnType<typeof setInterval> | undefined

  const stopPolling = () => {
    clearInterval(pollTimer)
    pollTimer = undefined
  }

  const opened = () => {
    const missedSomething = failures > 0
    failures = 0
    stopPolling()
    options.onStatus('live')
    if (missedSomething) options.onRefresh()
  }

  const failed = () => {
    source?.close()
    source = null
    failures++
    if (failures < FAILURES_BEFORE_POLLING) {
      options.onStatus('connecting')
    } else if (pollTimer === undefined) {
      options.onStatus('polling')
      pollTimer = setInterval(options.onRefresh, POLL_MS)
    }
    retryTimer = setTimeout(connect, retryDelayMs(failures, random()))
  }

  const connect = () => {
    const opening = options.open()
    source = opening
    // A source that was closed may still deliver an event that was under way.
    const current = (act: () => void) => () => {
      if (source === opening) act()
    }
    opening.addEventListener('open', current(opened))
    opening.addEventListener('error', current(failed))
    opening.addEventListener('usage', (event) => {
      const message = source === opening ? parseMessage(event.data) : null
      if (message !== null) options.onMessage(message)
    })
  }

  return {
    start() {
      if (source !== null || retryTimer !== undefined) return
      failures = 0
      options.onStatus('connecting')
      connect()
    },
    stop() {
      clearTimeout(retryTimer)
      retryTimer = undefined
      stopPolling()
      source?.close()
      source = null
    },
  }
}
